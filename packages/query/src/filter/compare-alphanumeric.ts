/**
 * Druid's alphanumeric order: texts are cut into runs of digits and runs of everything else, digits
 * come before the rest, runs of digits compare as numbers of any length, the rest without case.
 */

/** Compares two texts by runs; the shorter one comes first when all runs are equal. */
export function compareAlphanumeric(a: string, b: string): number {
  const [left, right] = [runsOf(a), runsOf(b)];
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const order = compareRuns(
      { text: left[index] ?? '', isLast: index === left.length - 1 },
      { text: right[index] ?? '', isLast: index === right.length - 1 },
    );
    if (order !== 0) return order;
  }
  return left.length - right.length || a.length - b.length;
}

const runPattern =
  /[0-9\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\uff10-\uff19]+|[^0-9\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\uff10-\uff19]+/gu;
/** The zero of each block of digits above. */
const zeros = [0x30, 0x660, 0x6f0, 0x966, 0xff10];

function runsOf(text: string): string[] {
  return text.match(runPattern) ?? [];
}

interface Run {
  readonly text: string;
  readonly isLast: boolean;
}

function compareRuns(a: Run, b: Run): number {
  const [digitsA, digitsB] = [digitsOf(a.text), digitsOf(b.text)];
  if (digitsA === null || digitsB === null) {
    if (digitsA === null && digitsB === null) return compareWithoutCase(a.text, b.text);
    return digitsA === null ? 1 : -1;
  }
  const [numberA, numberB] = [digitsA.replace(/^0+/, ''), digitsB.replace(/^0+/, '')];
  if (numberA.length !== numberB.length) return numberA.length - numberB.length;
  if (numberA !== numberB) return numberA < numberB ? -1 : 1;
  // Druid takes a zero at the end of the text for more than one with text behind it: "0." < "0".
  if (numberA === '' && a.isLast !== b.isLast) return a.isLast ? 1 : -1;
  // Equal numbers: the one with fewer leading zeros comes first.
  return digitsA.length - digitsB.length;
}

/** A run of digits in 0-9; null for a run of other characters. */
function digitsOf(run: string): string | null {
  if (digitOf(run.charCodeAt(0)) === null) return null;
  return Array.from(run, (character) => digitOf(character.charCodeAt(0))).join('');
}

function digitOf(code: number): number | null {
  const zero = zeros.find((start) => code >= start && code <= start + 9);
  return zero === undefined ? null : code - zero;
}

/** Character by character as Java does: upper case, then lower case, so no locale has a say. */
function compareWithoutCase(a: string, b: string): number {
  const [left, right] = [withoutCase(a), withoutCase(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function withoutCase(text: string): string {
  if (asciiPattern.test(text)) return text.toLowerCase();
  return Array.from(text, (character) => {
    const upper = character.toUpperCase();
    // Java maps one character to one: "ß" has no upper case, and "İ" becomes a plain "i".
    const single = isOneCharacter(upper) ? upper : character;
    return String.fromCodePoint(single.toLowerCase().codePointAt(0) ?? 0);
  }).join('');
}

const asciiPattern = /^\p{ASCII}*$/u;

function isOneCharacter(text: string): boolean {
  return text.length === ((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);
}
