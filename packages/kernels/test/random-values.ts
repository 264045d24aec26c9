/** A small seeded generator (mulberry32), so that a failing run can be run again. */
export interface RandomValues {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  readonly seed: number;
}

/** The generator of a seed. */
export function randomValues(seed: number): RandomValues {
  let state = seed >>> 0;
  return {
    seed,
    below(limit) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
    },
  };
}
