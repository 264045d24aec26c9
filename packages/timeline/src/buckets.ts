/**
 * Puts times into the buckets of a granularity. Three ways, chosen once per granularity:
 *
 * - *fixed*: plain arithmetic, `origin + k × size`: durations, all periods in zones whose offset never
 *   changes (but for months), and hours and less that have an origin or count several units;
 * - *clock*: one hour, minute or second of a zone with changing offsets: the full hours of its clock;
 * - *calendar*: days and more: the edges are the instants of local times `origin + k × period`.
 *
 * Whatever the clocks do, buckets are contiguous and ascending: a time belongs to the last edge at or
 * before it, and an edge to its own bucket. So a day has 23 or 25 hours when clocks change; a skipped
 * midnight makes the day start where the gap ends; and an hour that is repeated around midnight
 * belongs to the day that had begun already.
 */
import { InvariantError } from '@isotherm/errors';
import { addLocalMonths, dayMs } from './calendar.ts';
import type { Granularity } from './granularity.ts';
import { clampInstant } from './instant.ts';
import type { Interval } from './interval.ts';
import { maxInstant, minInstant } from './interval.ts';
import type { Period } from './period.ts';
import { periodClockMs, periodDays, periodMonths } from './period.ts';
import type { Zone } from './zone.ts';
import { zoneOf } from './zone.ts';

/** Start of the bucket that holds `ms`. For `all` that is the beginning of time, `eternity.start`. */
export function bucketStart(granularity: Granularity, ms: number): number {
  return bucketsOf(granularity).start(ms);
}

/** Start of the bucket after the one that starts at `bucketStartMs`; the end of time after the last. */
export function nextBucket(granularity: Granularity, bucketStartMs: number): number {
  return bucketsOf(granularity).next(bucketStartMs);
}

/** Starts of all buckets that share an instant with the interval, ascending; the first may lie before it. */
export function* bucketStarts(granularity: Granularity, interval: Interval): Generator<number> {
  if (interval.start >= interval.end) return;
  const buckets = bucketsOf(granularity);
  let start = buckets.start(interval.start);
  while (start < interval.end) {
    yield start;
    start = buckets.next(start);
  }
}

/**
 * Bucket start of each time. The zone is asked once per bucket, so sorted times are fast; unsorted
 * ones are answered just as rightly.
 *
 * @returns shape [ascendingTimes.length], freshly allocated
 */
export function bucketStartsOf(
  granularity: Granularity,
  ascendingTimes: Float64Array,
): Float64Array {
  if (granularity.type === 'none') return ascendingTimes.slice();
  const buckets = bucketsOf(granularity);
  const starts = new Float64Array(ascendingTimes.length);
  let [start, end] = [0, 0];
  for (let row = 0; row < starts.length; row++) {
    const ms = ascendingTimes[row] ?? 0;
    if (ms < start || ms >= end) {
      start = buckets.start(ms);
      end = buckets.next(start);
    }
    starts[row] = start;
  }
  return starts;
}

interface Buckets {
  start(ms: number): number;
  /** @param edge  a bucket's start */
  next(edge: number): number;
}

const bucketsByGranularity = new WeakMap<Granularity, Buckets>();

function bucketsOf(granularity: Granularity): Buckets {
  let buckets = bucketsByGranularity.get(granularity);
  if (buckets === undefined) {
    buckets = chooseBuckets(granularity);
    bucketsByGranularity.set(granularity, buckets);
  }
  return buckets;
}

function chooseBuckets(granularity: Granularity): Buckets {
  switch (granularity.type) {
    case 'all':
      return { start: () => minInstant, next: () => maxInstant };
    case 'none':
      return { start: (ms) => ms, next: (edge) => edge + 1 };
    case 'duration':
      return fixedBuckets(granularity.durationMs, granularity.originMs);
    case 'period':
      return periodBuckets(granularity.period, zoneOf(granularity.timeZone), granularity.originMs);
  }
}

function periodBuckets(period: Period, zone: Zone, originMs: number | null): Buckets {
  const [months, days, clockMs] = [periodMonths(period), periodDays(period), periodClockMs(period)];
  const localOrigin =
    originMs === null ? ownLocalOrigin(period) : originMs + zone.offsetAt(originMs);
  const origin = originMs ?? zone.instantOf(localOrigin);
  if (months === 0 && (days === 0 || zone.isFixed)) {
    const oneUnit = clockMs === 3_600_000 || clockMs === 60_000 || clockMs === 1000;
    const followsClock = originMs === null && days === 0 && oneUnit && !zone.isFixed;
    return followsClock
      ? clockBuckets(clockMs, zone)
      : fixedBuckets(days * dayMs + clockMs, origin);
  }
  return calendarBuckets({ months, days, clockMs }, zone, localOrigin);
}

/** Local time from which a period without origin counts: 1970-01-01, and a Monday for single weeks. */
function ownLocalOrigin(period: Period): number {
  const isOneWeek = period.weeks === 1 && periodDays(period) === 7 && period.days === 0;
  return isOneWeek && periodMonths(period) === 0 && periodClockMs(period) === 0 ? -3 * dayMs : 0;
}

function fixedBuckets(sizeMs: number, originMs: number): Buckets {
  return {
    start: (ms) => clampInstant(Math.floor((ms - originMs) / sizeMs) * sizeMs + originMs),
    next: (edge) => {
      // The first bucket of all may have been cut by the beginning of time.
      const start = Math.floor((edge - originMs) / sizeMs) * sizeMs + originMs;
      return clampInstant(start + sizeMs);
    },
  };
}

function clockBuckets(sizeMs: number, zone: Zone): Buckets {
  const start = (ms: number): number => {
    const span = zone.spanAt(ms);
    const local = ms + span.offsetMs;
    const floor = local - modulo(local, sizeMs);
    const instant = floor - span.offsetMs;
    if (instant >= span.start || span.start === minInstant) return clampInstant(instant);
    // The offset changed inside this hour of the clock. It goes on if the clock showed the same hour before.
    const before = span.start - 1;
    const localBefore = before + zone.offsetAt(before);
    const isSameHour = localBefore - modulo(localBefore, sizeMs) === floor;
    return isSameHour ? start(before) : span.start;
  };
  const next = (edge: number): number => {
    // Walks span by span: inside one, edges lie where the local time is a multiple of the size.
    let from = edge;
    for (;;) {
      const span = zone.spanAt(from);
      const local = from + span.offsetMs;
      const instant = local - modulo(local, sizeMs) + sizeMs - span.offsetMs;
      if (instant < span.end || span.end === maxInstant) return clampInstant(instant);
      if (start(span.end) > edge) return span.end;
      from = span.end;
    }
  };
  return { start, next };
}

function calendarBuckets(
  step: { readonly months: number; readonly days: number; readonly clockMs: number },
  zone: Zone,
  localOrigin: number,
): Buckets {
  const averageMs = step.months * averageMonthMs + step.days * dayMs + step.clockMs;
  const edge = (index: number): number => {
    const monthsOn =
      step.months === 0 ? localOrigin : addLocalMonths(localOrigin, step.months * index);
    const local = monthsOn + step.days * index * dayMs;
    return clampInstant(zone.instantOf(local) + step.clockMs * index);
  };
  const indexOf = (ms: number): number => {
    let index = Math.floor((ms + zone.offsetAt(ms) - localOrigin) / averageMs);
    while (edge(index) > ms) index--;
    while (edge(index + 1) <= ms && edge(index + 1) < maxInstant) index++;
    return index;
  };
  return {
    start: (ms) => edge(indexOf(ms)),
    next: (start) => {
      const end = edge(indexOf(start) + 1);
      if (end <= start && end < maxInstant) {
        throw new InvariantError(`The bucket at ${start} in ${zone.name} does not end.`);
      }
      return end;
    },
  };
}

const averageMonthMs = (146_097 * dayMs) / 4800;

function modulo(value: number, divisor: number): number {
  const rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}
