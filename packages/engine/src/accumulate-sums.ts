/**
 * Sums. Long sums are exact in one of two ways: as doubles where statistics prove that no sum
 * passes 2^53, up to four columns in one loop with their sums side by side; else as two 32-bit
 * lanes. Float and double sums are kept as double-double pairs.
 */
import {
  addDoubles,
  addLanes,
  addSums1,
  addSums2,
  addSums3,
  addSums4,
  carryLanes,
  grownNumbers,
  lanesCarryEvery,
  splitLanes,
} from '@isotherm/kernels';
import { ResourceLimitError } from '@isotherm/errors';
import type { PartialColumn } from '@isotherm/query';
import type { Accumulator, SingleAccumulator } from './accumulator.ts';
import type { NumberSource } from './number-source.ts';
import { roomForNumbers } from './scratch.ts';
import { makeSeen } from './seen-slots.ts';

/** Several exact sums that share one loop, under their aggregators' names. */
export interface SumPack extends Accumulator {
  readonly columns: ReadonlyMap<string, SingleAccumulator>;
}

const packSize = 4;

/** Packs sources that never drop an element by fours; the others stay alone. */
export function packedSums(
  sums: readonly { readonly name: string; readonly source: NumberSource }[],
): SumPack[] {
  const together = sums.filter(({ source }) => !source.drops);
  const packs = sums.filter(({ source }) => source.drops).map((sum) => pack([sum]));
  for (let at = 0; at < together.length; at += packSize) {
    packs.push(pack(together.slice(at, at + packSize)));
  }
  return packs;
}

function pack(
  members: readonly { readonly name: string; readonly source: NumberSource }[],
): SumPack {
  // Places a slot takes: kernels lay three sums out as four.
  const stride = members.length === 3 ? 4 : members.length;
  const sources = members.map(({ source }) => source);
  const drops = sources.some((source) => source.drops);
  const seen = makeSeen(drops);
  let sums: Float64Array = new Float64Array(0);
  const self: SumPack = {
    columns: new Map(members.map(({ name }, member) => [name, column(member)])),
    add(batch, slots, slotCount) {
      sums = grownNumbers(sums, slotCount * stride);
      for (const source of sources) source.read(batch, slots);
      addPack(sources, sums);
      const first = sources[0];
      if (first !== undefined) seen.mark(first.slots, first.count, slotCount);
    },
  };
  function column(member: number): SingleAccumulator {
    return {
      add: () => undefined,
      finish: (slots, rows) => ({
        type: 'long',
        values: BigInt64Array.from(slots, (slot) => BigInt(sums[slot * stride + member] ?? 0)),
        nulls: seen.nulls(slots, rows),
      }),
    };
  }
  return self;
}

function addPack(sources: readonly NumberSource[], sums: Float64Array): void {
  const [a, b, c, d] = sources;
  if (a === undefined) return;
  const { values, count, slots } = a;
  if (b === undefined) addSums1(values, count, slots, sums);
  else if (c === undefined) addSums2(values, b.values, count, slots, sums);
  else if (d === undefined) addSums3(values, b.values, c.values, count, slots, sums);
  else addSums4(values, b.values, c.values, d.values, count, slots, sums);
}

/** Exact sums of any longs; a sum that leaves 64 bits in the end is an error. */
export function laneSumAccumulator(name: string, source: NumberSource): SingleAccumulator {
  const seen = makeSeen(source.drops);
  let sums: { readonly high: Float64Array; readonly low: Float64Array } = {
    high: new Float64Array(0),
    low: new Float64Array(0),
  };
  let sinceCarry = 0;
  return {
    add(batch, slots, slotCount) {
      sums = {
        high: grownNumbers(sums.high, slotCount),
        low: grownNumbers(sums.low, slotCount),
      };
      source.read(batch, slots);
      const { count } = source;
      if (!source.wide) {
        source.high = roomForNumbers(source.high, count);
        source.low = roomForNumbers(source.low, count);
        splitLanes(source.values, count, source.high, source.low);
      }
      for (let start = 0; start < count; start += lanesCarryEvery) {
        const part = Math.min(lanesCarryEvery, count - start);
        if (sinceCarry + part > lanesCarryEvery) {
          if (carryLanes(sums, slotCount) > 2 ** 52) throw longOverflow(name);
          sinceCarry = 0;
        }
        sinceCarry += part;
        addLanes(
          source.high.subarray(start),
          source.low.subarray(start),
          part,
          source.slots.subarray(start),
          sums,
        );
      }
      seen.mark(source.slots, count, slotCount);
    },
    finish: (slots, rows) => ({
      type: 'long',
      values: BigInt64Array.from(slots, (slot) =>
        joinLanes(name, sums.high[slot] ?? 0, sums.low[slot] ?? 0),
      ),
      nulls: seen.nulls(slots, rows),
    }),
  };
}

/** A sum of its two lanes of 32 bits. @throws ResourceLimitError code LONG_OVERFLOW if it leaves 64 bits */
export function joinLanes(name: string, high: number, low: number): bigint {
  const sum = BigInt(high) * 4294967296n + BigInt(low);
  if (BigInt.asIntN(64, sum) === sum) return sum;
  throw longOverflow(name);
}

/** The error of a long sum that leaves 64 bits. */
function longOverflow(name: string): ResourceLimitError {
  return new ResourceLimitError(
    `The sum "${name}" does not fit a 64-bit integer. Use a doubleSum, or filter to fewer rows.`,
    { code: 'LONG_OVERFLOW', details: { aggregation: name } },
  );
}

/** Sums of floats or doubles as pairs. */
export function doubleSumAccumulator(
  source: NumberSource,
  form: 'float' | 'double',
): SingleAccumulator {
  const seen = makeSeen(source.drops);
  let sums: Float64Array = new Float64Array(0);
  let errors: Float64Array = new Float64Array(0);
  return {
    add(batch, slots, slotCount) {
      sums = grownNumbers(sums, slotCount);
      errors = grownNumbers(errors, slotCount);
      source.read(batch, slots);
      addDoubles(source.values, source.count, source.slots, sums, errors);
      seen.mark(source.slots, source.count, slotCount);
    },
    finish(slots, rows): PartialColumn {
      const values = Float64Array.from(slots, (slot) => sums[slot] ?? 0);
      // Where the sum is infinite or not a number, what two-sum left behind says nothing.
      const left = Float64Array.from(slots, (slot) =>
        Number.isFinite(sums[slot]) ? (errors[slot] ?? 0) : 0,
      );
      const type = form === 'float' ? 'floatSum' : 'doubleSum';
      return { type, values, errors: left, nulls: seen.nulls(slots, rows) };
    },
  };
}
