/**
 * Periods of the calendar, ISO-8601: `P1M`, `P1DT12H`, `PT5M`. Their length depends on where they start.
 */
import { InvalidInputError } from '@isotherm/errors';
import { addLocalMonths, dayMs } from './calendar.ts';
import { clampInstant } from './instant.ts';
import { zoneOf } from './zone.ts';

/** Fields as written; all are whole numbers from 0. */
export interface Period {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly milliseconds: number;
}

const pattern =
  /^P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,3}))?S)?)?$/;

/**
 * Reads an ISO-8601 period.
 *
 * @throws InvalidInputError code INVALID_PERIOD naming the text; negative periods are none
 */
export function parsePeriod(text: string): Period {
  const match = pattern.exec(text);
  if (match === null || !/\d[A-Z]/.test(text) || text.endsWith('T')) {
    throw new InvalidInputError(
      `Period "${text}" is not an ISO-8601 period. Expected the form "P1D", "PT15M" or "P1Y2M3W4DT5H6M7S".`,
      { code: 'INVALID_PERIOD' },
    );
  }
  const field = (index: number): number => Number(match[index] ?? 0);
  return {
    years: field(1),
    months: field(2),
    weeks: field(3),
    days: field(4),
    hours: field(5),
    minutes: field(6),
    seconds: field(7),
    milliseconds: Number((match[8] ?? '').padEnd(3, '0')),
  };
}

/** Writes a period with the fields that it has; an empty one is `PT0S`. */
export function formatPeriod(period: Period): string {
  const { years, months, weeks, days, hours, minutes, seconds, milliseconds } = period;
  const fraction = milliseconds === 0 ? '' : `.${String(milliseconds).padStart(3, '0')}`;
  const write = (value: number, unit: string): string => (value === 0 ? '' : `${value}${unit}`);
  const date = write(years, 'Y') + write(months, 'M') + write(weeks, 'W') + write(days, 'D');
  const clock =
    write(hours, 'H') +
    write(minutes, 'M') +
    (fraction === '' ? write(seconds, 'S') : `${seconds}${fraction}S`);
  if (date === '' && clock === '') return 'PT0S';
  return `P${date}${clock === '' ? '' : `T${clock}`}`;
}

/** Months of the period's years and months. */
export function periodMonths(period: Period): number {
  return period.years * 12 + period.months;
}

/** Days of the period's weeks and days. */
export function periodDays(period: Period): number {
  return period.weeks * 7 + period.days;
}

/** Milliseconds of the period's hours and less, which have one length everywhere. */
export function periodClockMs(period: Period): number {
  return ((period.hours * 60 + period.minutes) * 60 + period.seconds) * 1000 + period.milliseconds;
}

/**
 * Moves an instant by `count` periods at once: months and days by the zone's calendar, so that the
 * clock shows the same time, hours and less by duration. Moving by 2 from 31 January gives 31 March.
 *
 * @param options.count  may be negative; 1 when absent
 */
export function addPeriod(
  ms: number,
  period: Period,
  options: { readonly timeZone?: string; readonly count?: number } = {},
): number {
  const count = options.count ?? 1;
  const [months, days] = [periodMonths(period) * count, periodDays(period) * count];
  const clockMs = periodClockMs(period) * count;
  if (months === 0 && days === 0) return clampInstant(ms + clockMs);
  const zone = zoneOf(options.timeZone ?? 'UTC');
  const local = addLocalMonths(ms + zone.offsetAt(ms), months) + days * dayMs;
  return clampInstant(zone.instantOf(local) + clockMs);
}
