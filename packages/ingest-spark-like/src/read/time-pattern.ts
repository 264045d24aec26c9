/**
 * Joda's time patterns, those that ads logs use: `yyyy-MM-dd HH:mm:ss`, `dd/MMM/yyyy:HH:mm:ss Z`. A pattern
 * becomes a regular expression over the whole text; dates that do not exist are refused, not rolled over.
 *
 *   y year   M month (MMM its English name)   d day   D day of the year   a AM or PM   E day of the week
 *   H hour 0-23   k 1-24   h 1-12   K 0-11   m minute   s second   S fraction   Z +0100   ZZ +01:00   z UTC
 */

/** Reads a text of the pattern: epoch milliseconds, or null if it does not fit. */
export type TimeReader = (text: string) => number | null;

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

interface Piece {
  readonly letter: string;
  readonly pattern: string;
}

/** Compiles a pattern; null if it is none. */
export function timePattern(pattern: string): TimeReader | null {
  const pieces = piecesOf(pattern);
  if (pieces === null || !pieces.some(({ letter }) => letter === 'y')) return null;
  const letters = pieces.map(({ letter }) => letter).filter((letter) => letter !== '');
  const expression = new RegExp(`^${pieces.map((piece) => piece.pattern).join('')}$`, 'i');
  return (text) => {
    const match = expression.exec(text);
    if (match === null) return null;
    const parts: Record<string, string> = {};
    letters.forEach((letter, index) => (parts[letter] = match[index + 1] ?? ''));
    return instantOf(parts);
  };
}

function piecesOf(pattern: string): Piece[] | null {
  const pieces: Piece[] = [];
  for (const [run, quoted, letter, other] of pattern.matchAll(
    /'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z'])/g,
  )) {
    if (letter === undefined) {
      const text = quoted === '' ? "'" : (quoted?.replaceAll("''", "'") ?? other ?? '');
      pieces.push({
        letter: '',
        pattern: text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`),
      });
      continue;
    }
    const digits = digitsOf(letter, run.length);
    if (digits === null) return null;
    pieces.push({ letter, pattern: `(${digits})` });
  }
  return (pattern.split("'").length - 1) % 2 === 0 ? pieces : null;
}

function digitsOf(letter: string, count: number): string | null {
  switch (letter) {
    case 'y':
    case 'Y':
      return letter === 'Y' ? null : String.raw`\d{4}`;
    case 'M':
      return count >= 3 ? String.raw`[a-z]{3,9}` : String.raw`\d{1,2}`;
    case 'd':
    case 'H':
    case 'k':
    case 'h':
    case 'K':
    case 'm':
    case 's':
      return String.raw`\d{1,2}`;
    case 'D':
      return String.raw`\d{1,3}`;
    case 'S':
      return String.raw`\d{1,9}`;
    case 'a':
      return '[ap]m';
    case 'E':
      return '[a-z]{3,9}';
    case 'Z':
      return count >= 3 ? null : String.raw`Z|[+-]\d\d:?\d\d`;
    case 'z':
      return 'UTC|GMT|Z';
    default:
      return null;
  }
}

function instantOf(parts: Readonly<Record<string, string>>): number | null {
  const year = Number(parts['y']);
  const month = parts['M'] === undefined ? 1 : monthOf(parts['M']);
  const day = Number(parts['d'] ?? 1);
  const hour = hourOf(parts);
  const minute = Number(parts['m'] ?? 0);
  const second = Number(parts['s'] ?? 0);
  const fraction = Number((parts['S'] ?? '').slice(0, 3).padEnd(3, '0'));
  if (month === null || hour === null || minute > 59 || second > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  if (parts['D'] !== undefined) {
    date.setUTCFullYear(year, 0, Number(parts['D']));
    if (date.getUTCFullYear() !== year) return null;
  }
  return (
    date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + fraction - offsetOf(parts['Z'])
  );
}

function monthOf(text: string): number | null {
  const number = /^\d+$/.test(text)
    ? Number(text)
    : months.indexOf(text.slice(0, 3).toLowerCase()) + 1;
  return number >= 1 && number <= 12 ? number : null;
}

function hourOf(parts: Readonly<Record<string, string>>): number | null {
  const isAfternoon = parts['a']?.toLowerCase() === 'pm';
  const half = parts['h'] ?? parts['K'];
  if (half !== undefined) {
    const hour = Number(half) % 12;
    return Number(half) > 12 ? null : hour + (isAfternoon ? 12 : 0);
  }
  const hour = parts['k'] === undefined ? Number(parts['H'] ?? 0) : Number(parts['k']) % 24;
  return hour > 23 || Number(parts['k'] ?? 0) > 24 ? null : hour;
}

function offsetOf(text: string | undefined): number {
  if (text === undefined || text.toUpperCase() === 'Z') return 0;
  const [hours = 0, minutes = 0] = (text.match(/\d\d/g) ?? []).map(Number);
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
