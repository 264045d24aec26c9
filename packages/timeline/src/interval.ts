/**
 * Spans of time, half-open, and their algebra. Texts are in `interval-text.ts`.
 */
/** A half-open span of time, `[start, end)`, in epoch milliseconds UTC. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** The beginning of time: the least instant that `Date` knows. */
export const minInstant = -8.64e15;
/** The end of time: the greatest instant that `Date` knows. */
export const maxInstant = 8.64e15;

/** All of time. Its text is Druid's, though its bounds are those of `Date`: see instant.ts. */
export const eternity: Interval = { start: minInstant, end: maxInstant };

/** The part that two intervals share, or null when there is none. */
export function intersectIntervals(a: Interval, b: Interval): Interval | null {
  const start = Math.max(a.start, b.start);
  const end = Math.min(a.end, b.end);
  return start < end ? { start, end } : null;
}

/** True when two intervals share an instant; an empty one shares none. */
export function overlaps(a: Interval, b: Interval): boolean {
  return Math.max(a.start, b.start) < Math.min(a.end, b.end);
}

/** True when every instant of `inner` lies in `outer`. */
export function containsInterval(outer: Interval, inner: Interval): boolean {
  return inner.start >= inner.end || (outer.start <= inner.start && inner.end <= outer.end);
}

/** Sorts, drops empty ones, and merges those that overlap or touch. */
export function condenseIntervals(list: Iterable<Interval>): Interval[] {
  const sorted = [...list]
    .filter(({ start, end }) => start < end)
    .sort((a, b) => a.start - b.start);
  const merged: Interval[] = [];
  for (const interval of sorted) {
    const last = merged.at(-1);
    if (last === undefined || interval.start > last.end) merged.push(interval);
    else if (interval.end > last.end)
      merged[merged.length - 1] = { start: last.start, end: interval.end };
  }
  return merged;
}

/** What is left of `list` without the instants of `minus`; condensed. */
export function subtractIntervals(list: Iterable<Interval>, minus: Iterable<Interval>): Interval[] {
  const holes = condenseIntervals(minus);
  const rest: Interval[] = [];
  let holeIndex = 0;
  for (const { start, end } of condenseIntervals(list)) {
    while ((holes[holeIndex]?.end ?? Infinity) <= start) holeIndex++;
    let from = start;
    // A hole may reach into the next interval too, so the index itself stays.
    for (let index = holeIndex; from < end; index++) {
      const hole = holes[index] ?? { start: end, end };
      if (hole.start > from) rest.push({ start: from, end: Math.min(hole.start, end) });
      if (hole.start >= end) break;
      from = hole.end;
    }
  }
  return rest;
}
