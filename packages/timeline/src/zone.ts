/**
 * Time zones: which offset holds when. The rules come from `Temporal`; the stretches between two
 * transitions are cached, so that bucketing a column of times asks `Temporal` once per stretch and not
 * once per time.
 */
import { didYouMean, InvalidInputError } from '@isotherm/errors';
import { dayMs } from './calendar.ts';
import { maxInstant, minInstant } from './interval.ts';

/** A stretch `[start, end)` of instants in which a zone keeps one offset. */
interface OffsetSpan {
  readonly start: number;
  readonly end: number;
  /** Local time minus UTC, milliseconds. */
  readonly offsetMs: number;
}

/** One time zone. Get it by `zoneOf`, which keeps one object per name. */
export class Zone {
  /** The zone's name as Temporal spells it, such as `America/Los_Angeles`; `UTC` for all names of UTC. */
  readonly name: string;
  /** True when the offset never changes. */
  readonly isFixed: boolean;
  /** Spans seen so far, by start. */
  readonly #spans: OffsetSpan[] = [];
  #last: OffsetSpan;

  constructor(name: string) {
    this.name = name;
    this.#last = this.#find(0);
    this.#spans.push(this.#last);
    this.isFixed = this.#last.start === minInstant && this.#last.end === maxInstant;
  }

  /** The span that holds an instant; instants outside `Date`'s range belong to the outermost span. */
  spanAt(instantMs: number): OffsetSpan {
    const ms = Math.max(instantMs, minInstant);
    if (ms >= this.#last.start && ms < this.#last.end) return this.#last;
    const index = this.#indexAfter(ms) - 1;
    const known = this.#spans[index];
    if (known !== undefined && (ms < known.end || known.end === maxInstant)) {
      return (this.#last = known);
    }
    this.#last = this.#find(ms);
    this.#spans.splice(index + 1, 0, this.#last);
    return this.#last;
  }

  /** Local time minus UTC at an instant, milliseconds. */
  offsetAt(ms: number): number {
    return this.spanAt(ms).offsetMs;
  }

  /**
   * The instant at which clocks show a local time. Of two such instants it is the earlier one; a time
   * that the clocks skip is read by the offset before the gap, so a skipped midnight gives the gap's end.
   */
  instantOf(localMs: number): number {
    if (this.isFixed) return localMs - this.#last.offsetMs;
    // No zone is a day away from UTC, so this starts at or before the wanted span.
    let span = this.spanAt(localMs - dayMs);
    let instant = localMs - span.offsetMs;
    while (instant >= span.end && span.end !== maxInstant) {
      span = this.spanAt(span.end);
      const next = localMs - span.offsetMs;
      if (next < span.start) return instant;
      instant = next;
    }
    return instant;
  }

  /** Index of the first known span that starts after `ms`. */
  #indexAfter(ms: number): number {
    let [low, high] = [0, this.#spans.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#spans[middle]?.start ?? Infinity) <= ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #find(ms: number): OffsetSpan {
    const clamped = Math.min(Math.max(Math.floor(ms), minInstant), maxInstant);
    const at = Temporal.Instant.fromEpochMilliseconds(clamped).toZonedDateTimeISO(this.name);
    const next = at.getTimeZoneTransition('next');
    // `previous` is strictly before its start, so it is asked from a nanosecond later.
    const probe = clamped < maxInstant ? at.add({ nanoseconds: 1 }) : at;
    const previous = probe.getTimeZoneTransition('previous');
    return {
      start: previous === null ? minInstant : Math.ceil(previous.epochMilliseconds),
      end: next === null ? maxInstant : Math.ceil(next.epochMilliseconds),
      offsetMs: Math.round(at.offsetNanoseconds / 1e6),
    };
  }
}

const zones = new Map<string, Zone>();
const namesOfUtc = new Set([
  'UTC',
  'ETC/UTC',
  'Z',
  'GMT',
  'ETC/GMT',
  'ETC/UCT',
  'UCT',
  'ZULU',
  'ETC/ZULU',
]);

/**
 * Finds a zone by its IANA name in any case, or by an offset such as `+05:30`.
 *
 * @throws InvalidInputError code UNKNOWN_TIME_ZONE with the nearest name
 */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = new Zone(canonicalName(name));
  zones.set(name, zone);
  return zone;
}

function canonicalName(name: string): string {
  if (namesOfUtc.has(name.toUpperCase())) return 'UTC';
  // Temporal also reads a zone out of a whole date-time text; a name or an offset is all we take.
  if (/^[A-Za-z][A-Za-z0-9_+/-]*$|^[+-]\d\d(:?\d\d)?$/.test(name)) {
    try {
      return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId;
    } catch {
      // Falls through to the error below, which says more than Temporal's.
    }
  }
  throw new InvalidInputError(
    `Time zone "${name}" is not known. Expected an IANA name such as "America/Los_Angeles", or an offset such as "+05:30".${didYouMean(name, Intl.supportedValuesOf('timeZone'))}`,
    { code: 'UNKNOWN_TIME_ZONE' },
  );
}
