/** Least and greatest values per slot, as doubles or, for longs beyond ±2^53, as lanes. */
import {
  grownNumbers,
  keepGreatest,
  keepGreatestLanes,
  keepLeast,
  keepLeastLanes,
} from '@isotherm/kernels';
import type { SingleAccumulator } from './accumulator.ts';
import type { NumberSource, NumberUse } from './number-source.ts';
import { doubleToLong } from './number-text.ts';
import { makeSeen } from './seen-slots.ts';

/** Extremes kept as lanes. */
interface Lanes {
  readonly high: Float64Array;
  readonly low: Float64Array;
}

/** Keeps the extreme of a source in the form of its aggregator. */
export function extremeAccumulator(
  source: NumberSource,
  kind: NumberUse & { readonly fold: 'Min' | 'Max' },
): SingleAccumulator {
  return source.wide ? laneExtreme(source, kind.fold) : plainExtreme(source, kind);
}

function plainExtreme(
  source: NumberSource,
  kind: NumberUse & { readonly fold: 'Min' | 'Max' },
): SingleAccumulator {
  const { form } = kind;
  const seen = makeSeen(source.drops);
  const least = kind.fold === 'Min';
  let kept: Float64Array = new Float64Array(0);
  return {
    add(batch, slots, slotCount) {
      kept = grownNumbers(kept, slotCount, least ? Infinity : -Infinity);
      source.read(batch, slots);
      if (least) keepLeast(source.values, source.count, source.slots, kept);
      else keepGreatest(source.values, source.count, source.slots, kept);
      seen.mark(source.slots, source.count, slotCount);
    },
    finish(slots, rows) {
      const nulls = seen.nulls(slots, rows);
      // Slots without a value hold an infinity, or are beyond the array.
      const values = Float64Array.from(slots, (slot, i) => (nulls?.[i] ? 0 : kept[slot]));
      if (form !== 'long') return { type: form, values, nulls };
      return { type: 'long', values: BigInt64Array.from(values, doubleToLong), nulls };
    },
  };
}

function laneExtreme(source: NumberSource, fold: 'Min' | 'Max'): SingleAccumulator {
  const seen = makeSeen(source.drops);
  const start = fold === 'Min' ? Infinity : -Infinity;
  let kept: Lanes = { high: new Float64Array(0), low: new Float64Array(0) };
  return {
    add(batch, slots, slotCount) {
      kept = {
        high: grownNumbers(kept.high, slotCount, start),
        low: grownNumbers(kept.low, slotCount),
      };
      source.read(batch, slots);
      const { high, low, count } = source;
      if (fold === 'Min') keepLeastLanes(high, low, count, source.slots, kept);
      else keepGreatestLanes(high, low, count, source.slots, kept);
      seen.mark(source.slots, count, slotCount);
    },
    finish(slots, rows) {
      const nulls = seen.nulls(slots, rows);
      const values = BigInt64Array.from(slots, (slot, i) =>
        nulls?.[i]
          ? 0n
          : // A double at the very end of the range cuts to 2^63, which is one too many.
            clampLong(BigInt(kept.high[slot]) * 4294967296n + BigInt(kept.low[slot])),
      );
      return { type: 'long', values, nulls };
    },
  };
}

function clampLong(value: bigint): bigint {
  return BigInt.asIntN(64, value) === value ? value : (1n << 63n) - 1n;
}
