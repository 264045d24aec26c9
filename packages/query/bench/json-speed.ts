/**
 * How fast answers become JSON: a groupBy of 33,000 rows by ad and day with three sums, and one of
 * 408,000 rows by campaign and country with two (the bench's Q5 and Q4). The length of each answer is
 * checked, so that a fast wrong answer fails.
 *
 *   node packages/query/bench/json-speed.ts
 */
import { TextDictionary, finishQuery, parseQuery, writeResult } from '../src/index.ts';
import type { FinishedResult, PartialColumn, Query } from '../src/index.ts';

const dayMs = 86_400_000;
const runs = 41;

/** Texts of 12 digits, as the ids of the bench's table. */
function textColumn(size: number, rowCount: number, idOf: (row: number) => number): PartialColumn {
  const texts = Array.from({ length: size }, (_, id) => String(100_000_000_000 + id * 7_919));
  const ids = Uint32Array.from({ length: rowCount }, (_, row) => idOf(row));
  return { type: 'string', dictionary: TextDictionary.fromTexts(texts), ids };
}

/** Sums of three to nine digits. */
function sumColumn(rowCount: number, factor: number): PartialColumn {
  const values = BigInt64Array.from({ length: rowCount }, (_, row) =>
    BigInt((row * factor) % 999_999_937),
  );
  return { type: 'long', values, nulls: null };
}

function answer(rowCount: number, dimensions: readonly PartialColumn[], sums: number) {
  const names = dimensions.map((_, index) => ['campaign', 'country'][index] ?? 'ad');
  const isByDay = dimensions.length === 1;
  const query = parseQuery(
    {
      queryType: 'groupBy',
      dataSource: 'ads',
      intervals: ['2024-01-01/2024-04-01'],
      granularity: isByDay ? 'day' : 'all',
      dimensions: isByDay ? ['ad'] : names,
      aggregations: ['impressions', 'clicks', 'spend']
        .slice(0, sums)
        .map((name) => ({ type: 'longSum', name, fieldName: name })),
    },
    { queryId: 'bench', timeoutMs: 1_000_000 },
  );
  const times = new Float64Array(rowCount);
  if (isByDay) times.forEach((_, row) => (times[row] = (19_723 + (row % 30)) * dayMs));
  const states = [7_919, 104_729, 1_299_709].slice(0, sums).map((by) => sumColumn(rowCount, by));
  const finished = finishQuery(
    query,
    [{ kind: 'grouped', rowCount, times, dimensions, states, scannedRows: rowCount }],
    { visibleIntervals: query.intervals },
  );
  return { query, finished };
}

function measure(name: string, { query, finished }: { query: Query; finished: FinishedResult }) {
  const times: number[] = [];
  let bytes = 0;
  for (let run = 0; run < runs; run++) {
    const before = process.cpuUsage();
    bytes = 0;
    for (const chunk of writeResult(query, finished)) bytes += chunk.length;
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  const whole = Buffer.concat([...writeResult(query, finished)]).toString();
  const expected = JSON.stringify(JSON.parse(whole));
  if (Buffer.byteLength(expected) !== bytes) throw new Error(`${name}: the JSON is wrong.`);
  const sorted = times.toSorted((a, b) => a - b);
  const pace = (ms = 0) => `${ms.toFixed(2)} ms, ${Math.round(bytes / 1000 / ms)} MB/s`;
  const [median, best] = [pace(sorted[runs >> 1]), pace(sorted[0])];
  console.log(
    `${name}: ${finished.rowCount} rows, ${bytes} bytes; CPU median ${median}, best ${best}`,
  );
}

const [fewRows, manyRows] = [33_000, 408_000];
measure(
  'Q5 ad and day',
  answer(fewRows, [textColumn(1_100, fewRows, (row) => Math.floor(row / 30))], 3),
);
// Groups come in no order, and are written in order.
const shuffled = (row: number): number => (row * 100_003) % manyRows;
const campaigns = textColumn(50_000, manyRows, (row) => Math.floor(shuffled(row) / 60) * 7);
const countries = textColumn(60, manyRows, (row) => shuffled(row) % 60);
measure('Q4 campaign and country', answer(manyRows, [campaigns, countries], 2));
