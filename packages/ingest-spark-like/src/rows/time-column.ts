/** Times of rows: epoch milliseconds from whatever the timestampSpec says. */
import { InvalidInputError } from '@isotherm/errors';
import { parseInstant } from '@isotherm/timeline';
import { cellOf, type InputColumn, WholeDouble } from '../read/input-batch.ts';
import { timePattern } from '../read/time-pattern.ts';
import type { TimestampFormat, TimestampSpec } from '../spec/ingestion-spec.ts';
import type { RowStatus } from './row-status.ts';

/** The ends of time that `Date` knows; no row is at the upper one, for no chunk could hold it. */
const maxInstant = 8.64e15;
const encoder = new TextEncoder();
/** Longer than any usual time. */
const scratch = new Uint8Array(32);

/**
 * Reads the time of every row. Rows without one take the spec's missing value, else they fail.
 *
 * @returns shape [rowCount]; rows that failed hold 0
 */
export function readTimes(
  spec: TimestampSpec,
  column: InputColumn | null,
  status: RowStatus,
): Float64Array {
  const rowCount = status.states.length;
  const times = new Float64Array(rowCount);
  const isText = spec.format.type === 'auto' || spec.format.type === 'iso';
  const isMillis = !(['posix', 'micro', 'nano'] as readonly string[]).includes(spec.format.type);
  const ofText = textReader(spec.format);
  const halves = isMillis && column?.type === 'long' ? halvesOf(column.values) : null;
  const nulls = column?.type === 'long' ? column.nulls : null;
  for (let row = 0; row < rowCount; row++) {
    let ms: number | null = null;
    if (halves !== null && nulls?.[row] !== 1) {
      // Beyond the ends of time the number is looked at again below.
      const value = halves[2 * row + 1] * 0x1_0000_0000 + (halves[2 * row] >>> 0);
      if (Math.abs(value) <= maxInstant) ms = value;
    }
    if (isText && column?.type === 'text' && column.starts[row] >= 0) {
      ms = isoInstant(column.bytes, column.starts[row], column.ends[row], spec.format.type);
    }
    if (isText && column?.type === 'values') {
      const value = column.values[row];
      if (typeof value === 'string' && value.length <= scratch.length) {
        const { read, written } = encoder.encodeInto(value, scratch);
        if (read === value.length) ms = isoInstant(scratch, 0, written, spec.format.type);
      }
    }
    if (ms === null) {
      const cell = cellOf(column, row);
      if (cell === null || cell === '') ms = spec.missingMs;
      else ms = instantOfCell(cell, spec.format, ofText);
      if (ms === null || Number.isNaN(ms)) {
        const what =
          ms === null ? 'is missing' : `is no time of the form "${formatName(spec.format)}"`;
        status.fail(row, `The time in column "${spec.column}" ${what}.`);
        continue;
      }
    }
    times[row] = ms;
  }
  return times;
}

/** Halves of 32 bits (little-endian, as all our platforms are), which spare a bigint a row. */
function halvesOf(values: BigInt64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

function formatName(format: TimestampFormat): string {
  return format.type === 'pattern' ? format.pattern : format.type;
}

/** NaN when the cell is no time that a chunk can hold. */
function instantOfCell(
  cell: unknown,
  format: TimestampFormat,
  ofText: (text: string) => number,
): number {
  const ms = typeof cell === 'string' ? ofText(cell) : instantOfNumber(cell, format);
  return ms >= -maxInstant && ms < maxInstant ? ms : Number.NaN;
}

function instantOfNumber(cell: unknown, format: TimestampFormat): number {
  const value = cell instanceof WholeDouble ? cell.value : cell;
  if (typeof value !== 'number' && typeof value !== 'bigint') return Number.NaN;
  switch (format.type) {
    case 'posix':
      return Math.floor(Number(value) * 1000);
    case 'micro':
      return Number(typeof value === 'bigint' ? value / 1000n : Math.floor(value / 1000));
    case 'nano':
      return Number(typeof value === 'bigint' ? value / 1_000_000n : Math.floor(value / 1e6));
    default:
      // As in Druid: a number is milliseconds for all other formats.
      return Math.trunc(Number(value));
  }
}

function textReader(format: TimestampFormat): (text: string) => number {
  switch (format.type) {
    case 'auto':
      return (text) =>
        /^-?\d+$/.test(text) && !/^\d{4}$/.test(text)
          ? Number(text)
          : instantOrNaN(text.replace(' ', 'T'));
    case 'iso':
      return instantOrNaN;
    case 'posix':
    case 'millis':
    case 'micro':
    case 'nano':
      return (text) => {
        if (/^-?\d+$/.test(text)) return instantOfNumber(BigInt(text), format);
        return /^-?\d+\.\d+$/.test(text) ? instantOfNumber(Number(text), format) : Number.NaN;
      };
    case 'pattern': {
      const read = timePattern(format.pattern);
      return (text) => read?.(text) ?? Number.NaN;
    }
  }
}

function instantOrNaN(text: string): number {
  try {
    return parseInstant(text);
  } catch (error) {
    if (error instanceof InvalidInputError) return Number.NaN;
    throw error;
  }
}

const lastDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
let knownDate = -1;
let knownDateMs = 0;

/**
 * The usual form, `2011-01-12T05:06:07.123Z`, straight from bytes; also with a blank for the T where the
 * format is auto, without fraction, without zone (UTC) or with +00:00. Null for any other form.
 */
function isoInstant(bytes: Uint8Array, start: number, end: number, format: string): number | null {
  if (end - start < 19 || bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d) return null;
  const divider = bytes[start + 10];
  if (divider !== 0x54 && !(divider === 0x20 && format === 'auto')) return null;
  if (bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a) return null;
  const year = two(bytes, start) * 100 + two(bytes, start + 2);
  const month = two(bytes, start + 5);
  const day = two(bytes, start + 8);
  const hour = two(bytes, start + 11);
  const minute = two(bytes, start + 14);
  const second = two(bytes, start + 17);
  if (!(year >= 0 && hour <= 23 && minute <= 59 && second <= 59)) return null;
  let at = start + 19;
  let fraction = 0;
  if (bytes[at] === 0x2e) {
    let unit = 100;
    for (at++; at < end && bytes[at] >= 0x30 && bytes[at] <= 0x39; at++) {
      fraction += (bytes[at] - 0x30) * unit;
      unit = unit === 100 ? 10 : unit === 10 ? 1 : 0;
    }
  }
  if (!isUtcZone(bytes, at, end)) return null;
  const dateMs = dateInstant(year, month, day);
  return dateMs === null ? null : dateMs + ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
}

/** Nothing, Z or +00:00. */
function isUtcZone(bytes: Uint8Array, at: number, end: number): boolean {
  if (at === end) return true;
  if (at + 1 === end) return bytes[at] === 0x5a;
  return (
    at + 6 === end &&
    bytes[at] === 0x2b &&
    two(bytes, at + 1) === 0 &&
    bytes[at + 3] === 0x3a &&
    two(bytes, at + 4) === 0
  );
}

/** Two digits; NaN if one is none. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - 0x30;
  const ones = bytes[at + 1] - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Rows come in runs of one date, so the last one is kept. */
function dateInstant(year: number, month: number, day: number): number | null {
  const key = (year * 100 + month) * 100 + day;
  if (key === knownDate) return knownDateMs;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lastDay = month === 2 && isLeap ? 29 : (lastDays[month - 1] ?? 0);
  if (!(day >= 1 && day <= lastDay)) return null;
  knownDate = key;
  knownDateMs = daysSinceEpoch(year, month, day) * 86_400_000;
  return knownDateMs;
}

/** Counts years from March, so that a leap day is the last of its year. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return shifted * 365 + leapDays + dayOfYear - 719_468;
}
