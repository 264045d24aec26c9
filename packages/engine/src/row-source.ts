/**
 * Where the rows of a run come from: the whole segment, ranges of it (a condition on a column that
 * rows are sorted by), or the rows of posting lists. Every condition that an index knows gives a way,
 * with its greatest number of rows; the way whose cost is estimated least is taken, and the other conditions
 * are tested on its rows.
 */
import type { Runs } from '@isotherm/kernels';
import { listPostings, markPostings, scratchIds, selectRows, wordsOf } from '@isotherm/kernels';
import type { Segment, StringIndex } from '@isotherm/segment';
import { firstNotBelow } from './ascending.ts';
import {
  bitmapWordCost,
  inCheapestOrder,
  onlyPostingCost,
  postingCost,
  rangeCost,
  takeRowCost,
  testingCost,
} from './filter-cost.ts';
import { runsIn } from './id-runs.ts';
import type { FilterPlan } from './plan-filter.ts';
import type { ZoneTest } from './zone-tests.ts';
import { zoneTest } from './zone-tests.ts';

/** Candidate rows in ascending order; `rowCount` is how many there are at most. */
export type RowSource =
  | { readonly type: 'ranges'; readonly ranges: Runs; readonly rowCount: number }
  | { readonly type: 'rows'; readonly rows: Uint32Array; readonly rowCount: number }
  /** Bit r, least significant first, is row r of all rows of the segment. */
  | {
      readonly type: 'bits';
      readonly bits: Uint32Array;
      readonly segmentRows: number;
      readonly rowCount: number;
    };

type RangeSource = RowSource & { readonly type: 'ranges' };

/** A way to rows that was weighed. */
export interface WeighedWay {
  readonly access: 'scan' | 'ranges' | 'postings';
  /** The column whose index it uses; null for a scan. */
  readonly column: string | null;
  readonly candidateRows: number;
  /** Estimated, nanoseconds. */
  readonly cost: number;
}

/** Candidate rows and the conditions that are left to test on them. */
export interface RowPlan {
  readonly source: RowSource;
  /** In the order of testing. */
  readonly conditions: readonly FilterPlan[];
  /** For each condition what zone maps know of it. */
  readonly zones: readonly (ZoneTest | null)[];
  /** All ways that were weighed; the first was taken. */
  readonly ways: readonly WeighedWay[];
}

/** Ranges shorter than this on average are taken several a batch: each batch of its own costs about 2 µs. */
const shortRange = 2048;

/** A way with what it leaves to test, and how to go it. */
interface Way extends WeighedWay {
  readonly rest: readonly FilterPlan[];
  readonly source: () => RowSource;
}

/** Plans how the rows that satisfy every condition are found. */
export function planRows(conditions: readonly FilterPlan[], segment: Segment): RowPlan {
  const open = conditions.filter((plan) => !(plan.type === 'constant' && plan.holds));
  const { rowCount } = segment;
  if (rowCount === 0 || open.some((plan) => plan.type === 'constant')) {
    const source = firstRows(0);
    return { source, conditions: [], zones: [], ways: [] };
  }
  const ordered = inCheapestOrder(open);
  const scan: Way = {
    access: 'scan',
    column: null,
    candidateRows: rowCount,
    cost: testingCost(ordered, rowCount, false),
    rest: ordered,
    source: () => firstRows(rowCount),
  };
  const indexed = ordered.flatMap((plan) => {
    const rest = ordered.filter((other) => other !== plan);
    return indexWay(plan, rest, segment) ?? [];
  });
  const ways = [scan, ...indexed].toSorted((a, b) => a.cost - b.cost);
  const [chosen] = ways;
  return {
    source: chosen.source(),
    conditions: chosen.rest,
    zones: chosen.rest.map((plan) => zoneTest(plan, segment)),
    ways: ways.map(({ access, column, candidateRows, cost }) => {
      return { access, column, candidateRows, cost };
    }),
  };
}

/** Every id has rows, so ranges are as many as runs, and none is empty. */
function rangesOf(ids: Runs, rowOf: (id: number) => number): RangeSource {
  const { count } = ids;
  const ranges = { count, starts: scratchIds(count), ends: scratchIds(count) };
  let rowCount = 0;
  for (let run = 0; run < count; run++) {
    const [start, end] = [rowOf(ids.starts[run]), rowOf(ids.ends[run])];
    ranges.starts[run] = start;
    ranges.ends[run] = end;
    rowCount += end - start;
  }
  return { type: 'ranges', ranges, rowCount };
}

function firstRows(rowCount: number): RangeSource {
  return { type: 'ranges', ranges: runsIn([[0, rowCount]]), rowCount };
}

/** The way by the index of a condition's column; null where there is none. */
function indexWay(plan: FilterPlan, rest: readonly FilterPlan[], segment: Segment): Way | null {
  if (plan.type !== 'ids' && plan.type !== 'lists') return null;
  const { column, name: columnName, runs } = plan;
  if (plan.type === 'lists' && (!plan.any || plan.emptyHolds)) return null;
  if (column.type === 'time') {
    if (segment.schema.sortOrder[0] !== '__time') return null;
    const source = rangesOf(runs, (id) => firstNotBelow(column.ids, id));
    return rangesWay(columnName, rest, source);
  }
  const { index } = column;
  if (index === null) return null;
  if (index.type === 'ranges') {
    const source = rangesOf(runs, (id) => index.starts[id]);
    return rangesWay(columnName, rest, source);
  }
  return postingsWay(columnName, rest, { index, runs, rowCount: segment.rowCount });
}

function rangesWay(column: string, rest: readonly FilterPlan[], source: RangeSource): Way {
  const { rowCount } = source;
  const { count } = source.ranges;
  const isListed = areShort(count, rowCount);
  const taking = isListed ? rowCount * takeRowCost : 0;
  const cost = count * rangeCost + taking + testingCost(rest, rowCount, isListed);
  return { access: 'ranges', column, candidateRows: rowCount, cost, rest, source: () => source };
}

/** Whether ranges are so short that a batch takes several. */
export function areShort(rangeCount: number, rowCount: number): boolean {
  return rangeCount > 1 && rowCount < rangeCount * shortRange;
}

type Postings = StringIndex & { readonly type: 'postings' };

function postingsWay(
  column: string,
  rest: readonly FilterPlan[],
  lists: { readonly index: Postings; readonly runs: Runs; readonly rowCount: number },
): Way {
  const { index, runs, rowCount } = lists;
  const { offsets } = index;
  let marked = 0;
  for (let run = 0; run < runs.count; run++) {
    marked += offsets[runs.ends[run]] - offsets[runs.starts[run]];
  }
  const isOne = runs.count === 1 && runs.ends[0] === runs.starts[0] + 1;
  const listing = isOne
    ? rangeCost + marked * onlyPostingCost
    : marked * postingCost + wordsOf(rowCount) * bitmapWordCost;
  return {
    access: 'postings',
    column,
    candidateRows: marked,
    cost: listing + testingCost(rest, marked, true),
    rest,
    source: () => (isOne ? listOf(index, runs.starts[0]) : unionOf(lists, marked)),
  };
}

function listOf(index: Postings, id: number): RowSource {
  const rows = scratchIds(index.offsets[id + 1] - index.offsets[id]);
  const rowCount = listPostings(index, id, rows);
  return { type: 'rows', rows: rows.subarray(0, rowCount), rowCount };
}

/** A bitmap of which at least one bit in this many is set is walked as it is, else the rows are listed. */
const denseBits = 32;

/** Rows of all lists, each once. A bitmap sorts them and drops what several lists share. */
function unionOf(
  {
    index,
    runs,
    rowCount,
  }: { readonly index: Postings; readonly runs: Runs; readonly rowCount: number },
  marked: number,
): RowSource {
  const bits = scratchIds(wordsOf(rowCount));
  markPostings(index, runs, bits);
  const source = { type: 'bits', bits, segmentRows: rowCount, rowCount: marked } as const;
  return marked * denseBits < rowCount ? listed(source) : source;
}

/** The rows of a bitmap as a list. */
export function listed(source: RowSource & { readonly type: 'bits' }): RowSource & {
  readonly type: 'rows';
} {
  const rows = scratchIds(source.rowCount);
  const batch = { start: 0, count: source.segmentRows, rows: null };
  const found = selectRows(source.bits, batch, rows);
  return { type: 'rows', rows: rows.subarray(0, found), rowCount: found };
}
