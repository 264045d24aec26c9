/** Runs the command as its users do: as processes, in a folder that is removed again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../bin/isotherm.mjs', import.meta.url));

/** A process under way; its output so far is in `stdout` and `stderr`. */
export interface Running {
  readonly child: ChildProcess;
  stdout: string;
  stderr: string;
  /** Exit code, or the name of the signal. */
  readonly ended: Promise<number | string>;
}

/** Starts `isotherm …words`. */
export function start(words: readonly string[], cwd?: string): Running {
  const child = spawn(process.execPath, [command, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const running: Running = { child, stdout: '', stderr: '', ended };
  child.stdout.on('data', (chunk: Buffer) => (running.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (running.stderr += chunk.toString()));
  return running;
}

/** Runs `isotherm …words` to its end. */
export async function finish(
  words: readonly string[],
  cwd?: string,
): Promise<{ exitCode: number | string; stdout: string; stderr: string }> {
  const running = start(words, cwd);
  const exitCode = await running.ended;
  return { exitCode, stdout: running.stdout, stderr: running.stderr };
}

/** Starts a server and waits for its ready line. @returns its address beside the process */
export async function serve(
  words: readonly string[],
  cwd?: string,
): Promise<Running & { address: string }> {
  const running = start(words, cwd);
  const address = await until(`isotherm ${words.join(' ')} to be ready`, () => {
    const ready = /^ready (\S+)\n$/.exec(running.stdout)?.[1];
    if (ready === undefined && running.child.exitCode !== null) {
      throw new Error(`isotherm ${words.join(' ')} ended\n${running.stderr}`);
    }
    return ready ?? null;
  });
  return Object.assign(running, { address });
}

/** Asks until there is an answer other than null; an error of the question ends the wait. */
export async function until<Answer>(
  what: string,
  question: () => Answer | null | Promise<Answer | null>,
  limitMs = 30_000,
): Promise<Answer> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await question();
    if (answer !== null) return answer;
    if (performance.now() > deadline) throw new Error(`Waited ${limitMs} ms for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Makes a folder with a small CSV and its spec; `remove` deletes all of it. */
export function workplace(): { path: string; specPath: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'isotherm-cli-'));
  const specPath = join(path, 'clicks.json');
  writeFileSync(join(path, 'clicks.csv'), clicksCsv);
  writeFileSync(specPath, JSON.stringify(clicksSpec()));
  return { path, specPath, remove: () => rmSync(path, { recursive: true, force: true }) };
}

const clicksCsv = `time,country,clicks
2026-07-31T10:00:00Z,DE,1
2026-07-31T11:00:00Z,US,2
2026-08-01T10:00:00Z,DE,4
2026-08-01T11:00:00Z,US,8
2026-08-01T12:00:00Z,US,16
`;

/** A spec over files beside it: one segment a day. */
export function clicksSpec(
  changes: { dataSource?: string; filter?: string } = {},
): Record<string, unknown> {
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: changes.dataSource ?? 'clicks',
        timestampSpec: { column: 'time', format: 'iso' },
        dimensionsSpec: { dimensions: ['country'] },
        metricsSpec: [{ type: 'longSum', name: 'clicks', fieldName: 'clicks' }],
        granularitySpec: { segmentGranularity: 'day', queryGranularity: 'day' },
      },
      ioConfig: {
        inputSource: { type: 'local', baseDir: '.', filter: changes.filter ?? 'clicks.csv' },
        inputFormat: { type: 'csv', findColumnsFromHeader: true },
      },
    },
  };
}

/** Sum of clicks by day. */
export const clicksByDay = {
  queryType: 'timeseries',
  dataSource: 'clicks',
  intervals: ['2026-07-31/2026-08-02'],
  granularity: 'day',
  aggregations: [{ type: 'longSum', name: 'clicks', fieldName: 'clicks' }],
};

/** What `clicksByDay` answers over `workplace()`. */
export const clicksByDayAnswer = [
  { timestamp: '2026-07-31T00:00:00.000Z', result: { clicks: 3 } },
  { timestamp: '2026-08-01T00:00:00.000Z', result: { clicks: 28 } },
];

/** Posts a query. */
export async function post(
  url: string,
  query: unknown,
): Promise<{ status: number; body: unknown; retryAfter: string | null }> {
  const response = await fetch(`${url}/druid/v2`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(query),
  });
  const body: unknown = await response.json();
  return { status: response.status, body, retryAfter: response.headers.get('retry-after') };
}
