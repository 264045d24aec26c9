/**
 * Times the way from a filter to its rows alone: `node packages/engine/bench/bench-filters.ts
 * [directory] [samples]`. The directory holds segment files of the bench's table, as
 * `bench/.cache/rows-20000000-seed-1-v1/data/deep-storage` does; without one 2 M rows are made.
 * Prints for each filter the milliseconds, over all segments, of planning and of visiting rows: the
 * least of some samples, for other work on the machine only adds.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { kernelMemory, withScratch } from '@isotherm/kernels';
import { parseQuery } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import { memorySource, openSegment, writeSegment } from '@isotherm/segment';
import { defaultBatchRows } from '../src/index.ts';
import { planRunRows } from '../src/group-rows.ts';
import { visitBatches } from '../src/visit-batches.ts';
import { adsTable } from './ads-table.ts';

const [, , directory, samples = '25'] = process.argv;
const columns = ['__time', 'ad', 'advertiser', 'country', 'device', 'impressions', 'clicks'];

async function open(bytes: Uint8Array): Promise<Segment> {
  const segment = await openSegment(memorySource(bytes), { memory: kernelMemory() });
  await segment.load(columns);
  return segment;
}

async function openAll(): Promise<Segment[]> {
  if (directory === undefined) {
    return [await open(writeSegment(adsTable(2_000_000), { compression: 'none' }).bytes)];
  }
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const segments: Segment[] = [];
  for (const file of files.filter((name) => name.endsWith('.arrow'))) {
    segments.push(await open(readFileSync(join(directory, file))));
  }
  return segments;
}

const segments = await openAll();

/** Values of a column, spread over all segments. */
function valuesOf(name: string, count: number): (string | null)[] {
  const found = new Set<string | null>();
  for (const segment of segments) {
    const column = segment.column(name);
    if (column?.type !== 'string') throw new Error(`Column "${name}" holds no text.`);
    const { dictionary } = column;
    const wanted = Math.min(dictionary.size, Math.ceil(count / segments.length) * 3);
    for (let i = 0; i < wanted; i++) {
      found.add(dictionary.valueAt(Math.floor((i * dictionary.size) / wanted)));
    }
  }
  const all = [...found];
  return Array.from({ length: Math.min(count, all.length) }, (_none, i) => {
    return all[Math.floor((i * all.length) / count)] ?? null;
  });
}

const start = Math.min(...segments.map(({ timeRange }) => timeRange?.minMs ?? Infinity));
const dayMs = 86_400_000;
const span = (from: number, days: number): string =>
  `${new Date(start + from * dayMs).toISOString()}/${new Date(start + (from + days) * dayMs).toISOString()}`;
const whole = span(0, 400);
const inFilter = (dimension: string, count: number) => {
  return { type: 'in', dimension, values: valuesOf(dimension, count) };
};
const [device] = valuesOf('device', 1);
const [ad] = valuesOf('ad', 1);

const cases: readonly [name: string, interval: string, filter: unknown][] = [
  [
    'Q2 country IN 3 and a device',
    whole,
    {
      type: 'and',
      fields: [inFilter('country', 3), { type: 'selector', dimension: 'device', value: device }],
    },
  ],
  ['Q3b 7 days', span(40, 7), null],
  ['Q4 1,000 advertisers', whole, inFilter('advertiser', 1000)],
  ['Q5 2,000 ads, 30 days', span(40, 30), inFilter('ad', 2000)],
  ['Q9 one ad, 30 days', span(40, 30), { type: 'selector', dimension: 'ad', value: ad }],
  ['IN of 100,000 ads', whole, inFilter('ad', 100_000)],
  ['not a country', whole, { type: 'not', field: inFilter('country', 1) }],
  [
    'numbers between',
    whole,
    { type: 'bound', dimension: 'impressions', lower: '3', upper: '40', ordering: 'numeric' },
  ],
  [
    'numbers among 20',
    whole,
    {
      type: 'in',
      dimension: 'clicks',
      values: Array.from({ length: 20 }, (_none, i) => String(i * 2)),
    },
  ],
  [
    'a prefix of ads',
    whole,
    { type: 'like', dimension: 'ad', pattern: `${(ad ?? '').slice(0, -3)}%` },
  ],
];

function timed(run: () => void): number {
  const before = performance.now();
  run();
  return performance.now() - before;
}

const least = (times: readonly number[]): number => Math.min(...times);

for (const [name, interval, filter] of cases) {
  const json = {
    queryType: 'timeseries',
    dataSource: 'ads',
    granularity: 'all',
    intervals: [interval],
    aggregations: [],
    filter,
  };
  const planTimes: number[] = [];
  const visitTimes: number[] = [];
  let [candidates, rows] = [0, 0];
  for (let sample = 0; sample < Number(samples); sample++) {
    // Parsed again each time, so that what is kept for a query is made each time as well.
    const query = parseQuery(json, { queryId: name, timeoutMs: 60_000 });
    if (query.queryType !== 'timeseries') throw new Error('The query changed its type.');
    [candidates, rows] = [0, 0];
    let [planMs, visitMs] = [0, 0];
    withScratch(() => {
      const { intervals } = query;
      const plans: ReturnType<typeof planRunRows>[] = [];
      planMs += timed(() => {
        for (const segment of segments) {
          plans.push(planRunRows({ segment, segmentId: '', intervals }, query.filter));
        }
      });
      visitMs += timed(() => {
        for (const plan of plans) {
          const run = { batchRows: defaultBatchRows, checkpoint: () => undefined };
          candidates += visitBatches(run, plan, (batch) => {
            rows += batch.count;
            return true;
          });
        }
      });
    });
    planTimes.push(planMs);
    visitTimes.push(visitMs);
  }
  const total = segments.reduce((sum, segment) => sum + segment.rowCount, 0);
  const [plan, visit] = [least(planTimes), least(visitTimes)];
  console.log(
    `${name.padEnd(30)} plan ${plan.toFixed(2)} ms, visit ${visit.toFixed(2)} ms, ` +
      `${candidates} candidates, ${rows} of ${total} rows`,
  );
}
