/**
 * Times the engine alone, in process: `node packages/engine/bench/bench-engine.ts [rows] [samples]
 * [query]` prints each query's median of the CPU milliseconds of its thread, which other work on
 * the machine disturbs least, and a checksum of the answer.
 */
import { kernelMemory } from '@isotherm/kernels';
import type { PartialResult } from '@isotherm/query';
import { parseQuery } from '@isotherm/query';
import { memorySource, openSegment, writeSegment } from '@isotherm/segment';
import { SharedDictionaries, defaultBatchRows, runSegments } from '../src/index.ts';
import { adsTable, firstMs } from './ads-table.ts';

const rows = Number(process.argv[2] ?? 4_000_000);
const samples = Number(process.argv[3] ?? 9);
const sampleMs = 60;
const only = process.argv[4];
const iso = (day: number): string => new Date(firstMs + day * 86_400_000).toISOString();
const days = (from: number, to: number): string => `${iso(from)}/${iso(to)}`;
const sums = ['impressions', 'clicks', 'spend'].map((name) => ({
  type: 'longSum',
  name,
  fieldName: name,
}));
const all = { intervals: [days(0, 90)], granularity: 'all', aggregations: sums };
const advertisers = Array.from(
  { length: 1000 },
  (_none, i) => `adv-${String(i * 5).padStart(4, '0')}`,
);

/** Native queries by the names of the issue on speed. */
const queries: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Q1: { ...all, queryType: 'timeseries', granularity: 'day' },
  Q2: {
    ...all,
    queryType: 'timeseries',
    granularity: 'day',
    filter: {
      type: 'and',
      fields: [
        { type: 'in', dimension: 'country', values: ['C03', 'C11', 'C40'] },
        { type: 'selector', dimension: 'device', value: 'd2' },
      ],
    },
  },
  Q3a: { ...all, queryType: 'topN', dimension: 'campaign', metric: 'spend', threshold: 100 },
  Q3b: {
    ...all,
    intervals: [days(40, 47)],
    queryType: 'topN',
    dimension: 'campaign',
    metric: 'spend',
    threshold: 100,
  },
  Q4: {
    ...all,
    queryType: 'groupBy',
    dimensions: ['campaign', 'country'],
    filter: { type: 'in', dimension: 'advertiser', values: advertisers },
  },
  Q6: { ...all, queryType: 'groupBy', dimensions: ['country', 'device', 'placement'] },
  Q7: { ...all, queryType: 'groupBy', dimensions: ['ad'] },
  Q9: {
    ...all,
    intervals: [days(20, 50)],
    queryType: 'timeseries',
    granularity: 'day',
    filter: { type: 'selector', dimension: 'ad', value: 'ad-000100' },
  },
};

const segment = await openSegment(
  memorySource(writeSegment(adsTable(rows), { compression: 'none' }).bytes),
  { memory: kernelMemory() },
);
await segment.load();
const dictionaries = new SharedDictionaries({ memory: kernelMemory(), limitBytes: 2 ** 29 });

for (const [name, json] of Object.entries(queries)) {
  if (only !== undefined && only !== name) continue;
  const query = parseQuery({ ...json, dataSource: 'ads' }, { queryId: name, timeoutMs: 60_000 });
  const { intervals } = query;
  const answer = (): PartialResult =>
    runSegments({
      query,
      segments: [{ segment, segmentId: 'bench', intervals }],
      batchRows: defaultBatchRows,
      checkpoint: () => undefined,
      dictionaries,
    })[0];
  // The clock of CPU time is coarse: a sample is as many runs as take a while. The first few are
  // not counted, since loops are still being compiled in them.
  let partial = answer();
  const start = performance.now();
  for (let run = 0; run < 3; run++) partial = answer();
  const repeats = Math.max(1, Math.ceil((sampleMs * 3) / (performance.now() - start)));
  const times: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const before = process.threadCpuUsage();
    for (let run = 0; run < repeats; run++) partial = answer();
    const used = process.threadCpuUsage(before);
    times.push((used.user + used.system) / 1000 / repeats);
  }
  if (partial.kind !== 'grouped') throw new Error(`${name} gave ${partial.kind}.`);
  const totals = partial.states.map((state) =>
    state.type === 'long' ? state.values.reduce((sum, value) => sum + value, 0n) : state.type,
  );
  const median = times.sort((a, b) => a - b)[samples >> 1] ?? 0;
  console.log(
    `${name}\t${median.toFixed(3)} CPU ms\t${partial.rowCount} groups, ${totals.join(' ')}`,
  );
}
