/**
 * Compares an answer with Druid's: key order does not matter, numbers agree within a relative
 * tolerance, arrays agree in order (except rows of a scan without `order`), and a segment id is
 * compared without its version.
 */

/** @returns the first difference as text, or null when both agree */
export function firstDifference(
  ours: unknown,
  druids: unknown,
  relative: number,
  path = '$',
): string | null {
  if (typeof ours === 'number' && typeof druids === 'number') {
    const close = Math.abs(ours - druids) <= relative * Math.max(Math.abs(ours), Math.abs(druids));
    return close ? null : `${path}: ${ours}, Druid ${druids}`;
  }
  if (typeof ours === 'string' && typeof druids === 'string') {
    return withoutVersion(ours) === withoutVersion(druids)
      ? null
      : `${path}: "${ours}", Druid "${druids}"`;
  }
  if (Array.isArray(ours) && Array.isArray(druids)) {
    if (ours.length !== druids.length) {
      return `${path}: ${ours.length} items, Druid ${druids.length}`;
    }
    return firstOf(
      ours.map((item, at) => firstDifference(item, druids[at], relative, `${path}[${at}]`)),
    );
  }
  if (isObject(ours) && isObject(druids)) {
    const keys = [...new Set([...Object.keys(ours), ...Object.keys(druids)])];
    return firstOf(
      keys.map((key) => firstDifference(ours[key], druids[key], relative, `${path}.${key}`)),
    );
  }
  return ours === druids
    ? null
    : `${path}: ${JSON.stringify(ours)}, Druid ${JSON.stringify(druids)}`;
}

/** Sorts the rows of a scan answer, for a scan that promises no order. */
export function sortedScan(answer: unknown): unknown {
  if (!Array.isArray(answer)) return answer;
  const batches = answer as { events?: unknown[] }[];
  return batches.map((batch) => ({
    ...batch,
    events: [...(batch.events ?? [])].sort((a, b) =>
      JSON.stringify(sortedKeys(a)) < JSON.stringify(sortedKeys(b)) ? -1 : 1,
    ),
  }));
}

function sortedKeys(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withoutVersion(text: string): string {
  return text.replace(/^(.+_\d{4}-[^_]+Z_\d{4}-[^_]+Z)_[^_]+(_\d+)?$/, '$1_1$2');
}

function firstOf(differences: readonly (string | null)[]): string | null {
  return differences.find((difference) => difference !== null) ?? null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
