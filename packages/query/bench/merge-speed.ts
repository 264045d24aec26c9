/**
 * What two nodes or workers' partial results cost until the answer stands in columns: merged, ordered,
 * cut. Sizes are those of the bench's queries at 2 M rows; each answer is checked against its sum.
 *
 *   node packages/query/bench/merge-speed.ts
 */
import { TextDictionary, finishQuery, mergePartials, parseQuery } from '../src/index.ts';
import type { FinishedResult, GroupedPartial, PartialColumn, PartialResult } from '../src/index.ts';

const dayMs = 86_400_000;
const runs = 9;

/** Texts of 12 digits, not in order, as the ids of the bench's table. */
function textColumn(size: number, rowCount: number, idOf: (row: number) => number): PartialColumn {
  const texts = Array.from({ length: size }, (_, id) =>
    String(100_000_000_000 + ((id * 7_919_993) % 899_999_999_989)),
  );
  const ids = Uint32Array.from({ length: rowCount }, (_, row) => idOf(row));
  return { type: 'string', dictionary: TextDictionary.fromTexts(texts), ids };
}

function sumColumn(rowCount: number, factor: number): PartialColumn {
  const values = BigInt64Array.from({ length: rowCount }, (_, row) =>
    BigInt((row * factor) % 999_983),
  );
  return { type: 'long', values, nulls: null };
}

interface Case {
  readonly name: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly partials: readonly GroupedPartial[];
}

/** Two partials that share some of their groups. */
function partials(
  rowCounts: readonly number[],
  dimensions: (rowCount: number, shift: number) => PartialColumn[],
  timeOf: (row: number) => number = () => 0,
): GroupedPartial[] {
  return rowCounts.map((rowCount, index) => ({
    kind: 'grouped',
    rowCount,
    times: Float64Array.from({ length: rowCount }, (_, row) => timeOf(row)),
    dimensions: dimensions(rowCount, index),
    states: [7_919, 104_729, 1_299_709].map((factor) => sumColumn(rowCount, factor)),
    scannedRows: rowCount,
  }));
}

const orderBySpend = {
  type: 'default',
  limit: 100,
  columns: [{ dimension: 'spend', direction: 'descending' }],
};
const cases: Case[] = [
  {
    name: 'Q3a top 100 of 50,000',
    query: { queryType: 'topN', dimension: 'campaign', metric: 'spend', threshold: 100 },
    partials: partials([50_000, 50_000], (rowCount, shift) => [
      textColumn(rowCount, rowCount, (row) => (row + shift * 7) % rowCount),
    ]),
  },
  {
    name: 'Q4 groupBy of 408,000 in order',
    query: { queryType: 'groupBy', dimensions: ['campaign', 'country'] },
    partials: partials([250_000, 250_000], (rowCount, shift) => [
      textColumn(50_000, rowCount, (row) => Math.floor(row / 5)),
      textColumn(60, rowCount, (row) => (row * (7 + shift * 4)) % 60),
    ]),
  },
  {
    name: 'Q5w groupBy of 33,000 by day',
    query: { queryType: 'groupBy', dimensions: ['ad'], granularity: 'day' },
    partials: partials(
      [16_500, 16_500],
      (rowCount, shift) => [
        textColumn(1_100, rowCount, (row) => Math.floor(row / 30) + shift * 550),
      ],
      (row) => (19_723 + (row % 30)) * dayMs,
    ),
  },
  {
    name: 'Q7 top 100 of 500,000 by groupBy',
    query: { queryType: 'groupBy', dimensions: ['ad'], limitSpec: orderBySpend },
    partials: partials([450_000, 450_000], (rowCount, shift) => [
      textColumn(rowCount, rowCount, (row) => (row + shift * 7) % rowCount),
    ]),
  },
  {
    name: 'Q9 timeseries of 30 days',
    query: { queryType: 'timeseries', granularity: 'day' },
    partials: partials(
      [30, 30],
      () => [],
      (row) => (19_723 + row) * dayMs,
    ),
  },
];

/** Sum of spend over all rows of an answer. */
function spendOf(finished: FinishedResult): bigint {
  if (!('columns' in finished)) throw new Error('No groups.');
  const column = finished.columns.find(({ name }) => name === 'spend')?.column;
  if (column?.type !== 'long') throw new Error('No spend.');
  const lists = 'buckets' in finished ? finished.buckets.map(({ rows }) => rows) : [finished.rows];
  return lists.reduce(
    (sum, rows) => rows.reduce((all, row) => all + (column.values[row] ?? 0n), sum),
    0n,
  );
}

/** The same from the partials, the plainest way. */
function expectedSpend(given: readonly GroupedPartial[], limit: number): bigint {
  const sums = new Map<string, bigint>();
  for (const { rowCount, times, dimensions, states } of given) {
    const texts = dimensions.map((column) =>
      column.type === 'string' ? column.dictionary.texts() : [],
    );
    const spend = states[2]?.type === 'long' ? states[2].values : new BigInt64Array(rowCount);
    for (let row = 0; row < rowCount; row++) {
      const keys = dimensions.map((column, at) =>
        column.type === 'string' ? texts[at]?.[column.ids[row] ?? 0] : null,
      );
      const key = `${times[row]} ${keys.join(' ')}`;
      sums.set(key, (sums.get(key) ?? 0n) + (spend[row] ?? 0n));
    }
  }
  const sorted = BigInt64Array.from(sums.values()).sort().reverse();
  return sorted.subarray(0, limit).reduce((sum, value) => sum + value, 0n);
}

for (const { name, query: own, partials: given } of cases) {
  const query = parseQuery(
    {
      dataSource: 'ads',
      intervals: ['1970-01-01/2034-04-01'],
      granularity: 'all',
      aggregations: ['impressions', 'clicks', 'spend'].map((field) => ({
        type: 'longSum',
        name: field,
        fieldName: field,
      })),
      ...own,
    },
    { queryId: 'bench', timeoutMs: 1_000_000 },
  );
  const facts = { visibleIntervals: query.intervals };
  const merging: number[] = [];
  const finishing: number[] = [];
  const timed = <T>(times: number[], run: () => T): T => {
    const before = process.cpuUsage();
    const result = run();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
    return result;
  };
  const limit = own['queryType'] === 'topN' || own['limitSpec'] !== undefined ? 100 : Infinity;
  const expected = expectedSpend(given, limit);
  for (let run = 0; run < runs; run++) {
    const merged: PartialResult[] = timed(merging, () => mergePartials(query, given));
    const finished = timed(finishing, () => finishQuery(query, merged, facts));
    if (spendOf(finished) !== expected) throw new Error(`${name}: the answer is wrong.`);
  }
  const median = (times: number[]) => (times.toSorted((a, b) => a - b)[runs >> 1] ?? 0).toFixed(2);
  console.log(`${name}: CPU ms, merge ${median(merging)}, finish ${median(finishing)}`);
}
