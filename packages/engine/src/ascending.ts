/** Binary search in ascending arrays. */

/** First place in an ascending array whose value is not below `value`; its length if there is none. */
export function firstNotBelow(
  ascending: Float64Array | Uint8Array | Uint16Array | Uint32Array,
  value: number,
): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
