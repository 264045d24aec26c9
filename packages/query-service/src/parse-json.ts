/** Reads the body of a request: checked first, then parsed without losing digits. */
import { InvalidQueryError } from '@isotherm/errors';
import { scanJson } from './scan-json.ts';

/** A parsed document, and the text that plain `JSON.parse` reads to the same value. */
interface ParsedJson {
  readonly json: unknown;
  /** UTF-8; the bytes that were parsed where they say the same. */
  readonly text: Uint8Array;
}

/**
 * Parses a JSON document. Whole numbers that a double cannot hold become text, which the query reader
 * takes for numbers too, so that they pass every node unchanged.
 *
 * @throws InvalidQueryError code INVALID_JSON with line and column; or as `scanJson`
 */
export function parseJson(bytes: Uint8Array): ParsedJson {
  const { hasLongNumber } = scanJson(bytes);
  const text = decodeUtf8(bytes);
  try {
    if (!hasLongNumber) return { json: JSON.parse(text), text: bytes };
    const json: unknown = JSON.parse(text, keepDigits);
    return { json, text: Buffer.from(JSON.stringify(json)) };
  } catch (error) {
    throw invalidJson(text, error);
  }
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return /^-?\d+$/.test(context?.source ?? '') ? context?.source : value;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new InvalidQueryError('The request body is not UTF-8 text. Send JSON in UTF-8.', {
      code: 'INVALID_JSON',
      cause,
    });
  }
}

function invalidJson(text: string, cause: unknown): InvalidQueryError {
  if (text.trim() === '') {
    return new InvalidQueryError('The request body is empty. Send a query as JSON.', {
      code: 'INVALID_JSON',
    });
  }
  // The engine names the position of most faults; the others are a document that ends too early.
  const said = /at position (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1];
  const position = said === undefined ? text.length : Number(said);
  const before = text.slice(0, position).split('\n');
  const line = before.length;
  const column = (before.at(-1)?.length ?? 0) + 1;
  const what = position >= text.length ? 'ends too early' : 'is not JSON from there on';
  return new InvalidQueryError(
    `The request body ${what}: line ${line}, column ${column}. Check quotes, commas and brackets before that place.`,
    { code: 'INVALID_JSON', details: { line, column } },
  );
}
