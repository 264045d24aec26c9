/**
 * Where the rows of a run come from: the whole segment, ranges of it (the filter holds on some
 * entries of a column that rows are sorted by), or the rows of a posting list. The cheapest
 * condition becomes the source; the others are tested on its rows.
 */
import type { IdArray } from '@isotherm/kernels';
import {
  addRange,
  collectRows,
  maskTrue,
  markRows,
  nextNotTrue,
  nextTrue,
  scratchIds,
} from '@isotherm/kernels';
import type { Segment } from '@isotherm/segment';
import type { FilterPlan } from './plan-filter.ts';

/** Candidate rows in ascending order. */
type RowSource =
  /** Rows starts[i] … ends[i] - 1 for each i; ranges are ascending, disjoint, not empty. */
  | {
      readonly type: 'ranges';
      readonly starts: readonly number[];
      readonly ends: readonly number[];
      readonly rowCount: number;
    }
  | { readonly type: 'rows'; readonly rows: Uint32Array; readonly rowCount: number };

/** Candidate rows and the conditions that are left to test on them. */
export interface RowPlan {
  readonly source: RowSource;
  readonly conditions: readonly FilterPlan[];
}

/** Ranges shorter than this on average are turned into a list of rows: a batch costs about as much. */
const shortRange = 64;
/** Posting lists pay when they hold less than one row in this many. */
const postingsShare = 4;

/** Plans how the rows that satisfy every condition are found. */
export function planRows(conditions: readonly FilterPlan[], segment: Segment): RowPlan {
  const open = conditions.filter((plan) => !(plan.type === 'constant' && plan.truth === maskTrue));
  const whole: RowSource = rangesOf([0], [segment.rowCount]);
  if (open.some((plan) => plan.type === 'constant')) {
    return { source: rangesOf([], []), conditions: [] };
  }
  let best: { plan: FilterPlan; source: () => RowSource; rowCount: number } | null = null;
  for (const plan of open) {
    const candidate = indexed(plan, segment);
    if (candidate !== null && (best === null || candidate.rowCount < best.rowCount)) {
      best = { plan, ...candidate };
    }
  }
  if (best === null) return { source: whole, conditions: open };
  const chosen = best.plan;
  return { source: best.source(), conditions: open.filter((plan) => plan !== chosen) };
}

function rangesOf(starts: readonly number[], ends: readonly number[]): RowSource {
  let rowCount = 0;
  const kept = starts.flatMap((start, i) => (start < (ends[i] ?? 0) ? [i] : []));
  for (const i of kept) rowCount += (ends[i] ?? 0) - (starts[i] ?? 0);
  return {
    type: 'ranges',
    starts: kept.map((i) => starts[i] ?? 0),
    ends: kept.map((i) => ends[i] ?? 0),
    rowCount,
  };
}

/** The rows of a condition by an index, with their number; null where no index helps. */
function indexed(
  plan: FilterPlan,
  segment: Segment,
): { readonly rowCount: number; readonly source: () => RowSource } | null {
  if (plan.type !== 'table' && plan.type !== 'lists') return null;
  const { column, table } = plan;
  if (plan.type === 'lists' && plan.emptyTruth === maskTrue) return null;
  if (column.type === 'time') {
    if (segment.schema.sortOrder[0] !== '__time') return null;
    return byRanges(table, (id) => firstRowOf(column.ids, id));
  }
  const { index } = column;
  if (index === null) return null;
  if (index.type === 'ranges') return byRanges(table, (id) => index.starts[id]);
  let rowCount = 0;
  for (let id = nextTrue(table, 0); id < table.length; id = nextTrue(table, id + 1)) {
    rowCount += index.offsets[id + 1] - index.offsets[id];
  }
  if (rowCount * postingsShare >= segment.rowCount) return null;
  return { rowCount, source: () => unionOf(index, table, segment.rowCount) };
}

/** Ranges of the runs of true entries; `startOf(size)` is the row count. */
function byRanges(
  table: Uint8Array,
  startOf: (id: number) => number,
): { readonly rowCount: number; readonly source: () => RowSource } {
  const starts: number[] = [];
  const ends: number[] = [];
  // A filter names few of many entries, so the search for the next one is what costs.
  for (let id = nextTrue(table, 0); id < table.length;) {
    const end = nextNotTrue(table, id);
    starts.push(startOf(id));
    ends.push(startOf(end));
    id = nextTrue(table, end);
  }
  const ranges = rangesOf(starts, ends);
  return { rowCount: ranges.rowCount, source: () => shortened(ranges) };
}

function shortened(ranges: RowSource): RowSource {
  if (ranges.type === 'rows') return ranges;
  const { starts, ends, rowCount } = ranges;
  if (starts.length < 2 || rowCount >= starts.length * shortRange) return ranges;
  const rows = scratchIds(rowCount);
  let at = 0;
  for (const [i, start] of starts.entries()) at = addRange(start, ends[i] ?? start, rows, at);
  return { type: 'rows', rows, rowCount };
}

/** First row whose id is not below `id`; ids ascend with the rows. */
function firstRowOf(ids: IdArray, id: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ids[middle] < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows of all true entries, each once. A bitmap sorts them and drops what several entries share. */
function unionOf(
  index: { readonly offsets: Uint32Array; readonly rows: Uint32Array },
  table: Uint8Array,
  rowCount: number,
): RowSource {
  const { offsets } = index;
  const bits = scratchIds((rowCount + 31) >>> 5);
  let marked = 0;
  for (let id = nextTrue(table, 0); id < table.length; id = nextTrue(table, id + 1)) {
    const [start, end] = [offsets[id], offsets[id + 1]];
    markRows(index.rows, start, end, bits);
    marked += end - start;
  }
  const rows = scratchIds(marked);
  const found = collectRows(bits, rows);
  return { type: 'rows', rows: rows.subarray(0, found), rowCount: found };
}
