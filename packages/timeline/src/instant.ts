/**
 * Instants as text. ISO-8601 calendar dates, strict: `2015-02-30` is refused, not rolled over.
 *
 *   [+-]YYYY [-MM [-DD [T HH [:MM [:SS [.fraction]]]]]] [Z | ±HH[:MM[:SS]]]      a zone needs the T
 *
 * A year of 5 to 9 digits needs a sign or a month, so that `20150101` is not one.
 *
 * Instants live in `Date`'s range, ±8.64e15 ms. Its two ends stand for the beginning and the end of
 * time: whatever lies outside is clamped to them on reading, and on writing they become the bounds of
 * Druid's eternity. So eternity keeps its text, and every instant can be computed with.
 */
import { InvalidInputError } from '@isotherm/errors';
import { dateOfDays, dayMs, daysInMonth, daysOfDate } from './calendar.ts';
import { maxInstant, minInstant } from './interval.ts';
import { zoneOf } from './zone.ts';

const eternityStartText = '-146136543-09-08T08:23:32.096Z';
const eternityEndText = '146140482-04-24T15:36:27.903Z';

const pattern =
  /^(?<year>[+-]?\d{4}|[+-]\d{5,9}|\d{5,9}(?=-))(?:-(?<month>\d\d)(?:-(?<day>\d\d))?)?(?:T(?<hour>\d\d)(?::(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d{1,9}))?)?)?(?<zone>Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?$/;

/**
 * Reads an ISO-8601 time. Digits below the millisecond are cut off. A text without zone is read in
 * `timeZone`; of a local time that comes twice, the first is meant, and one that is skipped moves on.
 *
 * @returns epoch milliseconds, clamped to ±8.64e15
 * @throws InvalidInputError code INVALID_TIME naming the text
 */
export function parseInstant(text: string, timeZone = 'UTC'): number {
  const fields = pattern.exec(text)?.groups;
  if (fields === undefined) {
    throw invalidTime(
      text,
      'is not an ISO-8601 time',
      'Expected the form "2011-04-01T00:00:00.000Z"',
    );
  }
  const localMs = localTime(text, fields);
  const offset = fields['zone'];
  if (offset !== undefined) return clampInstant(localMs - offsetOf(text, offset));
  return clampInstant(zoneOf(timeZone).instantOf(localMs));
}

/**
 * Writes an instant as Druid does: milliseconds always, the zone's offset, `Z` when that is zero.
 * The two ends of time are written as the bounds of eternity, in UTC.
 *
 * @returns such as `2011-04-01T00:00:00.000Z` or `2011-04-01T00:00:00.000-07:00`
 */
export function formatInstant(ms: number, timeZone = 'UTC'): string {
  if (ms <= minInstant) return eternityStartText;
  if (ms >= maxInstant) return eternityEndText;
  const offsetMs = timeZone === 'UTC' ? 0 : zoneOf(timeZone).offsetAt(ms);
  const local = ms + offsetMs;
  const days = Math.floor(local / dayMs);
  const { year, month, day } = dateOfDays(days);
  const yearText = `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}`;
  return `${yearText}-${two(month)}-${two(day)}T${clockText(local - days * dayMs)}${offsetText(offsetMs)}`;
}

/** Brings a number of milliseconds into the range of instants. */
export function clampInstant(ms: number): number {
  return Math.min(Math.max(ms, minInstant), maxInstant);
}

function localTime(text: string, fields: Record<string, string | undefined>): number {
  const [year, month, day] = [
    Number(fields['year']),
    Number(fields['month'] ?? 1),
    Number(fields['day'] ?? 1),
  ];
  if (month < 1 || month > 12)
    throw invalidTime(text, `has the month ${month}`, 'Months are 01 to 12');
  const lastDay = daysInMonth(year, month);
  if (day < 1 || day > lastDay) {
    throw invalidTime(text, `has the day ${day}`, `That month has the days 01 to ${lastDay}`);
  }
  const hour = checkedPart(text, fields['hour'], 'hour', 23);
  const minute = checkedPart(text, fields['minute'], 'minute', 59);
  const second = checkedPart(text, fields['second'], 'second', 59);
  const millisecond = Number((fields['fraction'] ?? '').slice(0, 3).padEnd(3, '0'));
  return (
    daysOfDate({ year, month, day }) * dayMs +
    ((hour * 60 + minute) * 60 + second) * 1000 +
    millisecond
  );
}

function checkedPart(text: string, digits: string | undefined, name: string, max: number): number {
  const value = Number(digits ?? 0);
  if (value > max)
    throw invalidTime(text, `has the ${name} ${value}`, `The ${name} is 00 to ${max}`);
  return value;
}

function offsetOf(text: string, offset: string): number {
  if (offset === 'Z') return 0;
  const [hour = '', minute, second] = offset.slice(1).match(/\d\d/g) ?? [];
  const hours = checkedPart(text, hour, 'offset hour', 23);
  const minutes = checkedPart(text, minute, 'offset minute', 59);
  const seconds = checkedPart(text, second, 'offset second', 59);
  return (offset.startsWith('-') ? -1 : 1) * ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

function clockText(msOfDay: number): string {
  const seconds = Math.floor(msOfDay / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${clock.map(two).join(':')}.${String(msOfDay - seconds * 1000).padStart(3, '0')}`;
}

function offsetText(offsetMs: number): string {
  if (offsetMs === 0) return 'Z';
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (seconds % 60 !== 0) parts.push(seconds % 60);
  return (offsetMs < 0 ? '-' : '+') + parts.map(two).join(':');
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function invalidTime(text: string, what: string, expected: string): InvalidInputError {
  return new InvalidInputError(`Time "${text}" ${what}. ${expected}.`, { code: 'INVALID_TIME' });
}
