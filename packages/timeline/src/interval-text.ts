/**
 * Intervals as text, ISO-8601: `start/end`, `start/period`, `period/end`.
 */
import { InvalidInputError } from '@isotherm/errors';
import { formatInstant, parseInstant } from './instant.ts';
import type { Interval } from './interval.ts';
import { addPeriod, parsePeriod } from './period.ts';

/**
 * Reads an interval; texts without zone are UTC. An empty interval (start = end) is valid and holds nothing.
 *
 * @throws InvalidInputError code INVALID_INTERVAL naming the text
 */
export function parseInterval(text: string): Interval {
  const parts = text.split('/');
  const [from = '', to = ''] = parts;
  if (parts.length !== 2 || from === '' || to === '') {
    throw invalidInterval(text, parts.length === 1 ? 'has no slash' : 'does not have two parts');
  }
  if (from.startsWith('P') && to.startsWith('P')) throw invalidInterval(text, 'is two periods');
  const { start, end } = readParts(text, from, to);
  if (start > end) {
    throw new InvalidInputError(
      `Interval "${text}" ends before it starts. Expected start/end. Swap the two times.`,
      { code: 'INVALID_INTERVAL' },
    );
  }
  return { start, end };
}

/** Writes `start/end` with milliseconds, in UTC; eternity as Druid writes it. */
export function formatInterval(interval: Interval): string {
  return `${formatInstant(interval.start)}/${formatInstant(interval.end)}`;
}

function readParts(text: string, from: string, to: string): Interval {
  try {
    if (to.startsWith('P')) {
      const start = parseInstant(from);
      return { start, end: addPeriod(start, parsePeriod(to)) };
    }
    const end = parseInstant(to);
    if (!from.startsWith('P')) return { start: parseInstant(from), end };
    return { start: addPeriod(end, parsePeriod(from), { count: -1 }), end };
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    throw new InvalidInputError(`Interval "${text}" cannot be read. ${cause.message}`, {
      code: 'INVALID_INTERVAL',
      cause,
    });
  }
}

function invalidInterval(text: string, what: string): InvalidInputError {
  return new InvalidInputError(
    `Interval "${text}" ${what}. Expected start/end, start/period or period/end, such as "2011-01-01/2011-02-01" or "2011-01-01/P1M".`,
    { code: 'INVALID_INTERVAL' },
  );
}
