/**
 * Long sums straight from integer columns in kernel memory: 64-bit accumulators, up to four columns
 * side by side in one loop. Used where statistics prove that no sum leaves 64 bits.
 */
import {
  type IntegerArray,
  addIntegerSums,
  pickSums,
  scratchLongs,
  sumStride,
} from '@isotherm/kernels';
import { InvariantError } from '@isotherm/errors';
import type { SumPack } from './accumulate-sums.ts';
import type { SingleAccumulator } from './accumulator.ts';
import type { NumberSource } from './number-source.ts';
import { makeSeen } from './seen-slots.ts';

const packSize = 4;

/** Packs columns by fours. */
export function integerSums(
  sums: readonly { readonly name: string; readonly source: NumberSource }[],
): SumPack[] {
  const packs: SumPack[] = [];
  for (let at = 0; at < sums.length; at += packSize)
    packs.push(pack(sums.slice(at, at + packSize)));
  return packs;
}

function pack(
  members: readonly { readonly name: string; readonly source: NumberSource }[],
): SumPack {
  const stride = sumStride(members.length);
  // No row is null, so the rows of a slot say whether it has a value.
  const seen = makeSeen(false);
  let sums: BigInt64Array = new BigInt64Array(0);
  return {
    columns: new Map(members.map(({ name }, member) => [name, column(member)])),
    add(batch, slots, slotCount) {
      if (sums.length < slotCount * stride) {
        const grown = scratchLongs(Math.max(slotCount * stride, sums.length * 2));
        grown.set(sums);
        sums = grown;
      }
      addIntegerSums(integersOf(members), batch, slots, sums);
    },
  };
  function column(member: number): SingleAccumulator {
    return {
      add: () => undefined,
      finish(slots, counts) {
        // Nothing was added when no row matched: then there are no sums to pick.
        const values = scratchLongs(slots.length);
        if (sums.length > 0) pickSums(sums, stride, member, slots, values);
        return { type: 'long', values: values.slice(), nulls: seen.nulls(slots, counts) };
      },
    };
  }
}

/** The columns of the segment that is being read. */
function integersOf(members: readonly { readonly source: NumberSource }[]): IntegerArray[] {
  return members.map(({ source }) => {
    if (source.integers !== undefined) return source.integers;
    throw new InvariantError('A column that is no integers was chosen for integer sums.');
  });
}
