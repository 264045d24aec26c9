/**
 * Looks at the bytes of a JSON document before `JSON.parse` does. One pass without recursion or
 * objects per value, because a parser's own limits come too late: millions of levels block it for
 * seconds, and of two equal keys it keeps the last one without a word.
 */
import { InvalidQueryError } from '@isotherm/errors';

/** Levels of brackets and braces. */
const maxDepth = 64;
/** Keys in the whole document. Long lists are arrays, so no real query comes near. */
const maxKeys = 10_000;
/** Items between commas in the whole document. Some hundred thousand still answer within a second or two. */
const maxItems = 250_000;
/** Digits from which a number may leave what a double holds exactly. */
const longDigits = 16;

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const comma = 0x2c;
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Keys that would reach into an object's prototype. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** What the scan found. */
interface JsonScan {
  /** Some number has 16 digits or more. */
  readonly hasLongNumber: boolean;
}

/**
 * Checks depth and keys. Bytes that are no JSON may pass: `JSON.parse` comes next.
 *
 * @throws InvalidQueryError code JSON_TOO_DEEP, JSON_TOO_MANY_KEYS, JSON_TOO_MANY_VALUES, DUPLICATE_KEY or
 *   FORBIDDEN_KEY
 */
export function scanJson({ buffer, byteOffset, byteLength }: Uint8Array): JsonScan {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  /** Keys of each open object; null for an open list. */
  const open: (Set<string> | null)[] = [];
  let keyCount = 0;
  let itemCount = 1;
  let hasLongNumber = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) {
      const end = stringEnd(bytes, at);
      const keys = open.at(-1);
      if (keys && followedByColon(bytes, end)) {
        if (++keyCount > maxKeys) throw tooManyKeys();
        addKey(keys, keyText(bytes.toString('utf8', at, end + 1)));
      }
      at = end;
    } else if (byte === openBrace || byte === openBracket) {
      if (open.length === maxDepth) throw tooDeep();
      open.push(byte === openBrace ? new Set() : null);
    } else if (byte === closeBrace || byte === closeBracket) {
      open.pop();
    } else if (byte === comma) {
      if (++itemCount > maxItems) throw tooManyItems();
    } else if (isDigit(byte)) {
      const end = numberEnd(bytes, at);
      hasLongNumber ||= end - at >= longDigits;
      at = end - 1;
    }
  }
  return { hasLongNumber };
}

/** Index of the closing quote, or the length of the document. */
function stringEnd(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return Math.min(at, bytes.length);
}

/** Index after the last byte that can belong to a number. */
function numberEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && isNumberByte(bytes[at] ?? 0)) at++;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Digits, `+`, `-`, `.`, `e`, `E`. */
function isNumberByte(byte: number): boolean {
  return (
    isDigit(byte) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x65 ||
    byte === 0x45
  );
}

function followedByColon(bytes: Uint8Array, end: number): boolean {
  let at = end + 1;
  while (at < bytes.length && (bytes[at] ?? 0) <= 0x20) at++;
  return bytes[at] === colon;
}

/** The key as `JSON.parse` would give it: `\u005f` is `_`. Text that it would refuse stays as it is. */
function keyText(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

function addKey(keys: Set<string>, key: string): void {
  if (forbiddenKeys.has(key)) {
    throw new InvalidQueryError(
      `Key "${key}" is not allowed in a request. Remove it; a column of that name is written as a value.`,
      { code: 'FORBIDDEN_KEY' },
    );
  }
  if (keys.has(key)) {
    throw new InvalidQueryError(
      `Key "${key}" is given twice in one object. Remove one of the two.`,
      {
        code: 'DUPLICATE_KEY',
      },
    );
  }
  keys.add(key);
}

function tooDeep(): InvalidQueryError {
  return new InvalidQueryError(
    `The request is nested more than ${maxDepth} levels deep. Flatten its filters, or use "in".`,
    { code: 'JSON_TOO_DEEP' },
  );
}

function tooManyItems(): InvalidQueryError {
  return new InvalidQueryError(
    `The request has more than ${maxItems} values. Send fewer, in several queries, or ingest them as a dimension to filter by.`,
    { code: 'JSON_TOO_MANY_VALUES' },
  );
}

function tooManyKeys(): InvalidQueryError {
  return new InvalidQueryError(
    `The request has more than ${maxKeys} keys. Use lists of values, such as an "in" filter.`,
    { code: 'JSON_TOO_MANY_KEYS' },
  );
}
