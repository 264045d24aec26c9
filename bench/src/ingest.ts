/**
 * Ingests the input by the product's own command, in a process of its own, as a user would.
 *
 * Layout: the ad is the first dimension and time the last, so that an ad's rows are contiguous and
 * its index is one offset range. A segment chunk is a month, range-partitioned on the ad: an ad lies in
 * one segment a month, and there are enough segments for two threads in every month.
 */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Input } from './generate.ts';
import { dimensions } from './table.ts';

/** Segments that the whole table is cut into, about: as many as perf.md's Druid had. */
const segmentCount = 20;
/** Smaller tables are cut into fewer. */
const minSegmentRows = 250_000;
const command = fileURLToPath(new URL('../../packages/cli/bin/isotherm.mjs', import.meta.url));

/** What ingestion came to. */
export interface IngestFigures {
  readonly rowsPerSecond: number;
  /** Largest resident size of the process; null where the system does not tell. */
  readonly peakBytes: number | null;
  readonly seconds: number;
  readonly rowsRead: number;
  readonly rowsStored: number;
  readonly segmentBytes: number;
  readonly segments: number;
  readonly spills: number;
}

/** Fills a fresh data directory. @throws Error with what the command printed if it fails */
export async function ingest(
  input: Input,
  options: { readonly dataDir: string; readonly rowCount: number },
): Promise<IngestFigures> {
  const { dataDir, rowCount } = options;
  rmSync(dataDir, { recursive: true, force: true });
  const specPath = join(input.dir, 'spec.json');
  writeFileSync(specPath, JSON.stringify(specOf(input, rowCount), null, 2));
  const started = performance.now();
  const { output, peakBytes } = await runCommand([
    'ingest',
    specPath,
    '--data-dir',
    dataDir,
    '--json',
  ]);
  const seconds = (performance.now() - started) / 1000;
  const report = reportOf(output);
  return { ...report, rowsPerSecond: Math.round(report.rowsRead / seconds), peakBytes, seconds };
}

function specOf(input: Input, rowCount: number): unknown {
  const sums = ['impressions', 'clicks', 'spend'];
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 'ads',
        timestampSpec: { column: 'time', format: 'millis' },
        dimensionsSpec: { dimensions: dimensions.map(({ name }) => name) },
        metricsSpec: [
          { type: 'count', name: 'rows' },
          ...sums.map((name) => ({ type: 'longSum', name, fieldName: name })),
        ],
        granularitySpec: {
          type: 'uniform',
          segmentGranularity: 'month',
          queryGranularity: 'hour',
          rollup: true,
        },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'local', baseDir: input.textDir, filter: 'ads-*.parquet' },
        inputFormat: { type: 'parquet' },
      },
      tuningConfig: {
        type: 'index_parallel',
        partitionsSpec: {
          type: 'range',
          partitionDimensions: ['ad'],
          targetRowsPerSegment: Math.max(minSegmentRows, Math.ceil(rowCount / segmentCount)),
        },
      },
    },
  };
}

/** The last event of the command. */
function reportOf(output: string): Omit<IngestFigures, 'rowsPerSecond' | 'peakBytes' | 'seconds'> {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  // `isotherm ingest --json` prints its report last.
  const event = JSON.parse(line) as {
    event: string;
    rowsRead: number;
    rowsStored: number;
    segmentBytes: number;
    spills: number;
    segments: unknown[];
  };
  if (event.event !== 'done') throw new Error(`"isotherm ingest" ended with ${line}`);
  const { rowsRead, rowsStored, segmentBytes, spills, segments } = event;
  return { rowsRead, rowsStored, segmentBytes, spills, segments: segments.length };
}

async function runCommand(
  words: readonly string[],
): Promise<{ output: string; peakBytes: number | null }> {
  const child = spawn(process.execPath, [command, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.errors += text));
  let peakBytes: number | null = null;
  const timer = setInterval(() => (peakBytes = peakOf(child.pid) ?? peakBytes), 50);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(timer);
  if (code !== 0) throw new Error(`"isotherm ${words[0]}" failed with ${code}: ${texts.errors}`);
  return { output: texts.output, peakBytes };
}

/** Linux keeps the largest resident size of a process until it ends. */
function peakOf(pid: number | undefined): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
