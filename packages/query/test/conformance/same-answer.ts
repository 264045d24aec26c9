/** Compares answers as `conformance/README.md` says: key order is free, numbers within a tolerance. */

/** The first difference with its path, or null. */
export function sameAnswer(
  found: unknown,
  expected: unknown,
  tolerance: number,
  path = '$',
): string | null {
  if (typeof found === 'number' && typeof expected === 'number') {
    const isNear = Math.abs(found - expected) <= tolerance * Math.abs(expected);
    return isNear ? null : `${path} is ${found}, not ${expected}`;
  }
  if (typeof found !== 'object' || typeof expected !== 'object' || !found || !expected) {
    return found === expected
      ? null
      : `${path} is ${JSON.stringify(found)?.slice(0, 300)}, not ${JSON.stringify(expected)?.slice(0, 300)}`;
  }
  const [left, right] = [new Map(Object.entries(found)), new Map(Object.entries(expected))];
  if (left.size !== right.size) {
    return `${path} has ${[...left.keys()].join(' ')}, not ${[...right.keys()].join(' ')}: ${JSON.stringify(found).slice(0, 300)}`;
  }
  for (const [key, value] of right) {
    if (!left.has(key)) return `${path} lacks ${key}`;
    const difference = sameAnswer(left.get(key), value, tolerance, `${path}.${key}`);
    if (difference !== null) return difference;
  }
  return null;
}
