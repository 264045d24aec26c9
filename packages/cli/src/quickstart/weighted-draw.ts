/** Draws by weight: a table of running sums, and the first one that is above the drawn share. */

/** Running sums of weights, the last one scaled to exactly 1. */
export function cumulative(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  const table = Float64Array.from(weights, (weight) => (reached += weight) / total);
  table[table.length - 1] = 1;
  return table;
}

/** Index of the first entry above `share`, which is in [0, 1); O(log length). */
export function drawFrom(table: Float64Array, share: number): number {
  let [low, high] = [0, table.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((table[middle] ?? 1) > share) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Weights 1, 1/2^s, 1/3^s, … of a Zipf law. */
export function zipfWeights(count: number, exponent: number): number[] {
  return Array.from({ length: count }, (_, index) => 1 / (index + 1) ** exponent);
}
