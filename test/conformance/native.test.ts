/**
 * Apache Druid's own native cases (Apache Druid, The Apache Software Foundation) over HTTP against a
 * started standalone. `not-yet.json` names the cases that need what does not exist yet; each of them
 * must be refused as such, and the list may only shrink: a case that passes must leave it.
 * `druid-33-cases.json` holds random queries over the same tables with the answers of a real Druid 33.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isothermOk, serve, temporaryFolder, type Serving } from '../harness/isotherm-process.ts';
import { sharedFolder } from '../harness/shared-folder.ts';
import { root } from '../tidy/source-tree.ts';
import { firstDifference, sortedScan } from './compare.ts';
import { specOf } from './tables.ts';

interface Case {
  readonly name: string;
  readonly dataset: string;
  readonly tags: readonly string[];
  readonly query: Record<string, unknown>;
  readonly expected: unknown;
  readonly tolerance: { readonly rel: number };
}

interface ErrorCase {
  readonly name: string;
  readonly query: Record<string, unknown>;
  readonly expectError: { readonly httpStatus: number; readonly peerMessage: string };
}

interface RandomCase {
  readonly name: string;
  readonly query: Record<string, unknown>;
  readonly answer: unknown;
}

/** Length of the list when it was begun; lower it whenever the list shrinks. */
const notYetCeiling = 257;

const shared = sharedFolder();
const cases = read('native_cases.json') as readonly Case[];
const errorCases = read('error_cases.json') as readonly ErrorCase[];
const { cases: randomCases } = JSON.parse(
  readFileSync(join(root, 'test/conformance/druid-33-cases.json'), 'utf8'),
) as { readonly cases: readonly RandomCase[] };
/** Floats add up in another order here than in Druid. */
const randomTolerance = 1e-6;
const notYet = new Set(
  JSON.parse(readFileSync(join(root, 'test/conformance/not-yet.json'), 'utf8')) as string[],
);

describe.skipIf(shared === null)('Druid’s native cases', () => {
  const folder = temporaryFolder();
  let serving: Serving;

  beforeAll(async () => {
    const dataDir = join(folder.path, 'data');
    for (const table of ['testing', 'wikipedia'] as const) {
      const spec = specOf(table, shared ?? '', folder.path);
      await isothermOk('ingest', spec, '--data-dir', dataDir);
    }
    serving = await serve('standalone', '--data-dir', dataDir, '--port', '0');
  });

  afterAll(async () => {
    await serving?.stop();
    folder.remove();
  });

  it.each(cases.filter((item) => !notYet.has(item.name)).map((item) => [item.name, item] as const))(
    '%s',
    async (_name, item) => {
      const { status, body } = await ask(serving.address, item.query);
      const unordered = item.query['queryType'] === 'scan' && item.query['order'] === undefined;
      const shape = (answer: unknown): unknown => (unordered ? sortedScan(answer) : answer);
      expect([
        status,
        firstDifference(shape(body), shape(item.expected), item.tolerance.rel),
      ]).toEqual([200, null]);
    },
  );

  it.each(randomCases.map((item) => [item.name, item] as const))(
    'random, Druid 33: %s',
    async (_name, item) => {
      const { status, body } = await ask(serving.address, item.query);
      const unordered = item.query['queryType'] === 'scan' && item.query['order'] === undefined;
      const shape = (answer: unknown): unknown => (unordered ? sortedScan(answer) : answer);
      expect([status, firstDifference(shape(body), shape(item.answer), randomTolerance)]).toEqual([
        200,
        null,
      ]);
    },
  );

  it.each(errorCases.map((item) => [item.name, item] as const))('%s', async (_name, item) => {
    const { status } = await ask(serving.address, item.query);
    // Druid 39 answers an unknown type with 500; older ones, and we, with 400.
    const expected = item.expectError.peerMessage.includes('InvalidTypeId')
      ? 400
      : item.expectError.httpStatus;
    expect(status).toBe(expected);
  });

  it('are refused by name, never answered wrongly, where something is not supported yet', async () => {
    const answered: string[] = [];
    for (const item of cases.filter(({ name }) => notYet.has(name))) {
      const { status, body } = await ask(serving.address, item.query);
      const code = (body as { code?: string }).code;
      if (status !== 400 || code !== 'UNSUPPORTED') {
        answered.push(`${item.name}: ${status} ${JSON.stringify(body).slice(0, 200)}`);
      }
    }
    expect(answered).toEqual([]);
  });

  it('are listed as not yet supported only while they exist, in order, and fewer each time', () => {
    const names = new Set(cases.map(({ name }) => name));
    const listed = [...notYet];
    expect(listed.filter((name) => !names.has(name))).toEqual([]);
    expect(listed).toEqual([...listed].sort());
    expect(listed.length).toBeLessThanOrEqual(notYetCeiling);
    console.log(`${cases.length - listed.length} of ${cases.length} native cases are supported`);
  });
});

function read(name: string): unknown {
  if (shared === null) return [];
  return JSON.parse(readFileSync(join(shared, 'conformance', name), 'utf8'));
}

async function ask(url: string, query: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/druid/v2`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(query),
  });
  return { status: response.status, body: await response.json() };
}
