/**
 * Arithmetic of the proleptic Gregorian calendar on whole numbers. `Date` would do between the years
 * -271821 and 275760 only, and reads years below 100 as 19xx; eternity lies far outside.
 *
 * A *local time* here is the reading of a wall clock written as if it were UTC: epoch milliseconds of
 * the same digits in UTC. `zone.ts` turns it into an instant.
 */

/** Milliseconds of a day of 24 hours. */
export const dayMs = 86_400_000;

/** A date of the proleptic Gregorian calendar; month and day count from 1, the year 0 exists. */
interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Counts the days from 1970-01-01 to a date. The day may lie outside the month and carries over. */
export function daysOfDate({ year, month, day }: CalendarDate): number {
  // Years are counted from March, so that the leap day is the last one of its year.
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const marchMonth = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * marchMonth + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * daysPerEra + yearOfEra * 365 + leapDays + dayOfYear - daysBeforeEpoch;
}

/** Finds the date that lies `days` after 1970-01-01. */
export function dateOfDays(days: number): CalendarDate {
  const shifted = days + daysBeforeEpoch;
  const era = Math.floor(shifted / daysPerEra);
  const dayOfEra = shifted - era * daysPerEra;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** Days of a month, 28 to 31. */
export function daysInMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Moves a local time by whole months; a day that the month lacks becomes its last one. */
export function addLocalMonths(localMs: number, months: number): number {
  const days = Math.floor(localMs / dayMs);
  const date = dateOfDays(days);
  const monthIndex = date.year * 12 + date.month - 1 + months;
  const year = Math.floor(monthIndex / 12);
  const month = monthIndex - year * 12 + 1;
  const day = Math.min(date.day, daysInMonth(year, month));
  return daysOfDate({ year, month, day }) * dayMs + (localMs - days * dayMs);
}

/** Days of 400 years, after which the calendar repeats. */
const daysPerEra = 146_097;
/** Days from 0000-03-01 to 1970-01-01. */
const daysBeforeEpoch = 719_468;
