/**
 * Walks the rows of a run in batches. Cheap conditions are joined as bits over whole batches of
 * consecutive rows; then the rows that are left are listed, and the other conditions are tested on
 * the list, one after the other.
 */
import type { Batch, IdArray } from '@isotherm/kernels';
import {
  andBits,
  replaceBits,
  scratchIds,
  selectRows,
  takeRanges,
  wordsOf,
} from '@isotherm/kernels';
import type { RunPace } from './engine.ts';
import type { RowTest } from './evaluate-filter.ts';
import { compileFilter } from './evaluate-filter.ts';
import { cheapCondition, conditionCost } from './filter-cost.ts';
import type { FilterPlan } from './plan-filter.ts';
import type { RowPlan, RowSource } from './row-source.ts';
import { areShort, listed } from './row-source.ts';
import { emptyBatch } from './scratch.ts';
import type { ZoneTest } from './zone-tests.ts';

/** A batch with fewer rows than this part of what it may hold waits for those of the next ones. */
const fewRows = 8;

/**
 * Calls `visit` for batches of matching rows, in row order. A batch is overwritten after the call.
 *
 * @param visit returns false to stop
 * @param mayStop true if it may: then rows are given to it as soon as they are found
 * @returns the number of candidate rows looked at
 */
export function visitBatches(
  run: RunPace,
  plan: RowPlan,
  visit: (batch: Batch) => boolean,
  mayStop = false,
): number {
  const batchRows = Math.max(1, Math.min(run.batchRows, plan.source.rowCount));
  const { checkpoint } = run;
  if (mayStop || plan.conditions.length === 0) {
    return visitSource(plan, { checkpoint, batchRows, visit });
  }
  const gathered = gather(batchRows, visit);
  const scannedRows = visitSource(plan, { checkpoint, batchRows, visit: gathered.visit });
  gathered.flush();
  return scannedRows;
}

function visitSource(plan: RowPlan, work: Work): number {
  const { source } = plan;
  if (source.type === 'rows') return visitList(source, plan, work);
  if (source.type === 'bits') {
    // Batches of bits are whole words.
    return work.batchRows % 32 === 0
      ? visitBits(source, plan, work)
      : visitList(listed(source), plan, work);
  }
  return areShort(source.ranges.count, source.rowCount)
    ? visitShortRanges(source, plan, work)
    : visitLongRanges(source, plan, work);
}

/** What is done with each batch. */
interface Work {
  readonly checkpoint: () => void;
  readonly batchRows: number;
  readonly visit: (batch: Batch) => boolean;
}

/** Joins batches of few rows, since each visit costs some microseconds whatever its rows. */
function gather(
  batchRows: number,
  visit: Work['visit'],
): { readonly visit: Work['visit']; readonly flush: () => boolean } {
  let rows: Uint32Array | null = null;
  const waiting = emptyBatch();
  const flush = (): boolean => {
    const goesOn = waiting.count === 0 || visit(waiting);
    waiting.count = 0;
    return goesOn;
  };
  return {
    flush,
    visit(batch) {
      const { count } = batch;
      if (batch.rows === null || count * fewRows >= batchRows) return flush() && visit(batch);
      if (waiting.count + count > batchRows && !flush()) return false;
      rows ??= scratchIds(batchRows);
      // A visitor may leave other rows in the batch that it was given.
      waiting.rows = rows;
      rows.set(batch.rows.subarray(0, count), waiting.count);
      waiting.count += count;
      return true;
    },
  };
}

function visitList(source: RowSource & { type: 'rows' }, plan: RowPlan, work: Work): number {
  const { narrow } = makeNarrowing(plan, work.batchRows);
  const batch = emptyBatch();
  let scannedRows = 0;
  while (scannedRows < source.rowCount) {
    work.checkpoint();
    batch.rows = source.rows.subarray(scannedRows, scannedRows + work.batchRows);
    batch.count = batch.rows.length;
    scannedRows += batch.count;
    narrow(batch);
    if (batch.count > 0 && !work.visit(batch)) break;
  }
  return scannedRows;
}

/** The bits of the source are where those of the conditions start from. */
function visitBits(source: RowSource & { type: 'bits' }, plan: RowPlan, work: Work): number {
  const { narrow, bits } = makeNarrowing(plan, work.batchRows);
  const batch = emptyBatch();
  let scannedRows = 0;
  for (let start = 0; start < source.segmentRows; start += work.batchRows) {
    work.checkpoint();
    batch.start = start;
    batch.count = Math.min(work.batchRows, source.segmentRows - start);
    batch.rows = null;
    const words = source.bits.subarray(start >>> 5, (start + batch.count + 31) >>> 5);
    const candidates = bitCount(words);
    if (candidates === 0) continue;
    scannedRows += candidates;
    bits.set(words);
    narrow(batch, true);
    if (batch.count > 0 && !work.visit(batch)) break;
  }
  return scannedRows;
}

function bitCount(words: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < words.length; at++) {
    // Sums of two, four and eight neighbouring bits; the product adds the four bytes.
    const pairs = words[at] - ((words[at] >>> 1) & 0x55555555);
    const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
    count += Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}

function visitLongRanges(
  source: RowSource & { type: 'ranges' },
  plan: RowPlan,
  work: Work,
): number {
  const { count, starts, ends } = source.ranges;
  const { narrow } = makeNarrowing(plan, work.batchRows);
  const batch = emptyBatch();
  let scannedRows = 0;
  for (let range = 0; range < count; range++) {
    for (let row = starts[range]; row < ends[range]; row += work.batchRows) {
      work.checkpoint();
      batch.start = row;
      batch.count = Math.min(work.batchRows, ends[range] - row);
      batch.rows = null;
      scannedRows += batch.count;
      narrow(batch);
      if (batch.count > 0 && !work.visit(batch)) return scannedRows;
    }
  }
  return scannedRows;
}

/** A batch takes rows of as many ranges as it has room for; one condition can be tested on the way. */
function visitShortRanges(
  source: RowSource & { type: 'ranges' },
  plan: RowPlan,
  work: Work,
): number {
  const first = plan.conditions.findIndex((condition) => runTest(condition) !== null);
  const test = first < 0 ? null : runTest(plan.conditions[first]);
  const others = plan.conditions.filter((_condition, place) => place !== first);
  const { narrow } = makeNarrowing({ conditions: others, zones: [] }, work.batchRows);
  const batch = emptyBatch();
  const cursor = scratchIds(3);
  const rows = scratchIds(work.batchRows);
  let scannedRows = 0;
  while (scannedRows < source.rowCount) {
    work.checkpoint();
    batch.rows = rows;
    batch.count = takeRanges(source.ranges, cursor, work.batchRows, test, rows);
    scannedRows += cursor[2];
    narrow(batch);
    if (batch.count > 0 && !work.visit(batch)) break;
  }
  return scannedRows;
}

/** A condition on the ids of one run, as the kernel that takes rows of ranges tests it. */
function runTest(
  plan: FilterPlan,
): { readonly ids: IdArray; readonly low: number; readonly last: number } | null {
  if (plan.type !== 'ids' || plan.runs.count !== 1) return null;
  const [low] = plan.runs.starts;
  return { ids: plan.column.ids, low, last: plan.runs.ends[0] - 1 - low };
}

/** A condition as batches meet it. */
interface Step {
  readonly test: RowTest;
  readonly zone: ZoneTest | null;
  /** Tested on whole batches, before rows are listed. */
  readonly isCheap: boolean;
}

/** Cuts batches down to the rows that satisfy every condition. */
interface Narrowing {
  /** Shape [wordsOf(batchRows)]; `hasBits` says that they hold a condition of the source already. */
  readonly bits: Uint32Array;
  readonly narrow: (batch: Batch, hasBits?: boolean) => void;
}

function makeNarrowing(
  { conditions, zones }: Pick<RowPlan, 'conditions' | 'zones'>,
  batchRows: number,
): Narrowing {
  const bits = scratchIds(wordsOf(batchRows));
  const steps = conditions.map((plan, place): Step => {
    const isCheap = conditionCost(plan).consecutive < cheapCondition;
    return { test: compileFilter(plan, batchRows), zone: zones[place] ?? null, isCheap };
  });
  let selection: Uint32Array | null = null;
  /** Turns bits into a list of rows. */
  const list = (batch: Batch): void => {
    selection ??= scratchIds(batchRows);
    batch.count = selectRows(bits, batch, selection);
    batch.rows = selection;
  };
  const narrow = (batch: Batch, hasBits = false): void => {
    let isPending = hasBits;
    for (const { test, zone, isCheap } of steps) {
      // Zones tell of consecutive rows.
      const verdict = batch.rows === null ? (zone?.(batch.start, batch.count) ?? 'some') : 'some';
      if (verdict === 'all') continue;
      if (verdict === 'none') batch.count = 0;
      if (isPending && (!isCheap || batch.rows !== null)) {
        list(batch);
        isPending = false;
      }
      if (batch.count === 0) return;
      test(batch, bits, isPending ? andBits : replaceBits);
      isPending = true;
    }
    if (isPending) list(batch);
  };
  return { bits, narrow };
}
