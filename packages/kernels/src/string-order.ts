/**
 * The order of text everywhere in Isotherm: by code points, which is the order of UTF-8 bytes.
 * JavaScript's own `<` orders by UTF-16 units and puts U+1F600 (units D83D DE00) before U+FF5E.
 */

/**
 * Compares two strings as their UTF-8 bytes would compare, without encoding them. The cost is the
 * length of what they share. A surrogate without its partner sorts above the basic plane.
 *
 * @returns negative, 0 or positive
 */
export function compareCodePoints(a: string, b: string): number {
  const shared = a.length < b.length ? a.length : b.length;
  for (let index = 0; index < shared; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Moves surrogates (D800 … DFFF) above E000 … FFFF: their pairs stand for code points above FFFF. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2800 : unit;
}
