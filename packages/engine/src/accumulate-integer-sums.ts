/**
 * Long sums straight from integer columns in kernel memory: 64-bit accumulators, up to three columns
 * side by side in one loop that counts rows too. Used where statistics prove that no sum leaves 64
 * bits. A column with nulls has a loop of its own, over the rows that have a value.
 */
import {
  type Batch,
  type IntegerArray,
  type RowRuns,
  type SumLayout,
  addIntegerSums,
  addRunSums,
  findUsedSlots,
  foldSums,
  grownLongs,
  pickRowCounts,
  pickSums,
  planSumLayout,
  releaseScratch,
  roomOfIds,
  roomOfLongs,
  sumPackSize,
} from '@isotherm/kernels';
import { InvariantError } from '@isotherm/errors';
import type { SumPack } from './accumulate-sums.ts';
import type { SingleAccumulator } from './accumulator.ts';
import type { NumberSource } from './number-source.ts';
import { type SlotRows, nullsWhere } from './slot-rows.ts';

/** A column to sum. */
export interface IntegerSum {
  readonly name: string;
  readonly source: NumberSource;
  /** No sum of some of its rows is greater; null if some may be negative. */
  readonly greatestSum: number | null;
}

/** Sums that share one loop. */
export interface IntegerPack extends SumPack {
  /** Adds rows of runs; only where no column has nulls. */
  addRuns(runs: RowRuns, slotCount: number): void;
  /** Adds rows to slots of their segment alone, which `fold` empties. */
  addLocal(batch: Batch, slots: Uint32Array, slotCount: number): void;
  /** Adds what slot i of the segment got to slot `table[i]`. */
  fold(table: Uint32Array, slotCount: number): void;
  /** Rows of the slots; null where rows without a value are not among them. */
  readonly rows: SlotRows | null;
}

/**
 * Packs columns by threes, those with nulls alone.
 *
 * @param rowLimit no slot gets more elements
 */
export function integerSums(sums: readonly IntegerSum[], rowLimit: number): IntegerPack[] {
  const packs = sums.filter(({ source }) => source.drops).map((sum) => pack([sum], rowLimit));
  const together = sums.filter(({ source }) => !source.drops);
  for (let at = 0; at < together.length; at += sumPackSize) {
    packs.push(pack(together.slice(at, at + sumPackSize), rowLimit));
  }
  return packs;
}

function pack(members: readonly IntegerSum[], rowLimit: number): IntegerPack {
  const { source, greatestSum } = members[0];
  const layout = planSumLayout(members.length, {
    firstSumBits: greatestSum === null ? null : bitsOf(greatestSum),
    rowBits: bitsOf(rowLimit),
  });
  let sums: BigInt64Array = new BigInt64Array(0);
  let local: BigInt64Array = new BigInt64Array(0);
  const sumsFor = (slotCount: number): BigInt64Array => {
    sums = grownLongs(sums, slotCount * layout.lanes);
    return sums;
  };
  const rows = rowsOf(layout, sumsFor);
  return {
    columns: new Map(members.map(({ name }, member) => [name, column(member)])),
    rows: source.drops ? null : rows,
    add(batch, slots, slotCount) {
      const kept = source.drops ? withoutNulls(source, batch, slots) : { batch, slots };
      addIntegerSums(layout, integersOf(members), kept.batch, kept.slots, sumsFor(slotCount));
    },
    addRuns(runs, slotCount) {
      addRunSums(layout, integersOf(members), runs, sumsFor(slotCount));
    },
    addLocal(batch, slots, slotCount) {
      local = grownLongs(local, slotCount * layout.lanes);
      addIntegerSums(layout, integersOf(members), batch, slots, local);
    },
    fold(table, slotCount) {
      // Nothing was added where no row matched.
      if (local.length >= table.length * layout.lanes) {
        foldSums(layout, local, table, sumsFor(slotCount));
      }
    },
  };
  function column(member: number): SingleAccumulator {
    return {
      add: () => undefined,
      finish(slots, allRows) {
        const values = roomOfLongs(slots.length);
        pickSums(layout, sumsFor(slotsUpTo(slots)), member, slots, values);
        const nulls = (source.drops ? rows : allRows).nulls(slots);
        const kept = values.slice();
        releaseScratch(values);
        return { type: 'long', values: kept, nulls };
      },
    };
  }
}

/** All of some ascending slots are below it. */
function slotsUpTo(slots: Uint32Array): number {
  return (slots.at(-1) ?? 0) + 1;
}

function rowsOf(layout: SumLayout, sumsFor: (slotCount: number) => BigInt64Array): SlotRows {
  let used: Uint32Array | null = null;
  const counts = (slots: Uint32Array): BigInt64Array => {
    const out = roomOfLongs(slots.length);
    pickRowCounts(layout, sumsFor(slotsUpTo(slots)), slots, out);
    const kept = out.slice();
    releaseScratch(out);
    return kept;
  };
  return {
    add: () => undefined,
    used(slotCount) {
      const found = roomOfIds(slotCount);
      const sums = sumsFor(slotCount);
      used = found.subarray(0, findUsedSlots(layout, sums, slotCount, found));
      return used;
    },
    counts,
    nulls(slots) {
      if (slots === used) return null;
      const found = counts(slots);
      let at = 0;
      return nullsWhere(slots, () => found[at++] === 0n);
    },
  };
}

function withoutNulls(
  source: NumberSource,
  ...rows: Parameters<NonNullable<NumberSource['dropNulls']>>
): ReturnType<NonNullable<NumberSource['dropNulls']>> {
  if (source.dropNulls !== undefined) return source.dropNulls(...rows);
  throw new InvariantError('A column that cannot drop its nulls was chosen for integer sums.');
}

/** The columns of the segment that is being read. */
function integersOf(members: readonly IntegerSum[]): IntegerArray[] {
  return members.map(({ source }) => {
    if (source.integers !== undefined) return source.integers;
    throw new InvariantError('A column that is no integers was chosen for integer sums.');
  });
}

/** Bits of a whole number that is not negative. */
function bitsOf(number: number): number {
  return BigInt(Math.ceil(number)).toString(2).length;
}
