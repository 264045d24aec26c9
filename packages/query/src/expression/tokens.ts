/**
 * Cuts the text of an expression into tokens, as Druid's grammar does.
 *
 *   long        [0-9]+
 *   double      digits with a point or an exponent, NaN, Infinity
 *   string      'text' with \' \" \\ \/ \b \f \n \r \t \uXXXX
 *   identifier  [_$a-zA-Z][_$a-zA-Z0-9]*  or  "any text" with the same escapes
 *   symbol      ( ) [ ] , + - * / % ^ ! < <= > >= == != && ||
 */
import { InvalidQueryError } from '@isotherm/errors';

/** One token and where it starts in the text, counted from 0. */
export type Token =
  | { readonly type: 'long'; readonly value: bigint; readonly at: number }
  | { readonly type: 'double'; readonly value: number; readonly at: number }
  | { readonly type: 'string'; readonly value: string; readonly at: number }
  | { readonly type: 'identifier'; readonly value: string; readonly at: number }
  | { readonly type: 'symbol'; readonly value: string; readonly at: number }
  | { readonly type: 'end'; readonly at: number };

const pattern = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<double>\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)`,
    String.raw`(?<long>\d+)`,
    String.raw`'(?<string>(?:[^'\\]|\\.)*)'`,
    String.raw`"(?<quoted>(?:[^"\\]|\\.)*)"`,
    String.raw`(?<identifier>[_$a-zA-Z][_$a-zA-Z0-9]*)`,
    String.raw`(?<symbol><=|>=|==|!=|&&|\|\||[()[\],+\-*/%^!<>])`,
  ].join('|'),
  'suy',
);

/** Longest expression that is read. */
const maxExpressionLength = 65_536;
const maxLong = 2n ** 63n - 1n;

/** @throws InvalidQueryError code INVALID_EXPRESSION with the position of what cannot be read */
export function readTokens(text: string): Token[] {
  if (text.length > maxExpressionLength) {
    throw new InvalidQueryError(
      `The expression has ${text.length} characters. Expected at most ${maxExpressionLength}.`,
      { code: 'INVALID_EXPRESSION' },
    );
  }
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    pattern.lastIndex = at;
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) throw unreadable(text, at);
    const token = tokenOf(text, groups, at);
    if (token !== null) tokens.push(token);
    at = pattern.lastIndex;
  }
  tokens.push({ type: 'end', at: text.length });
  return tokens;
}

/** Makes the error for a fault at a position. */
export function expressionFault(
  text: string,
  at: number,
  what: string,
  expected: string,
): InvalidQueryError {
  return new InvalidQueryError(
    `Expression "${shortened(text)}" ${what} at character ${at + 1}. ${expected}`,
    {
      code: 'INVALID_EXPRESSION',
      details: { at },
    },
  );
}

function tokenOf(
  text: string,
  groups: Readonly<Record<string, string | undefined>>,
  at: number,
): Token | null {
  if (groups['double'] !== undefined) {
    return { type: 'double', value: Number(groups['double']), at };
  }
  if (groups['long'] !== undefined) {
    const value = BigInt(groups['long']);
    if (value <= maxLong) return { type: 'long', value, at };
    throw expressionFault(
      text,
      at,
      `has the number ${groups['long']}, which does not fit 64 bits,`,
      `Expected at most ${maxLong}.`,
    );
  }
  if (groups['string'] !== undefined) {
    return { type: 'string', value: unescape(groups['string'], text, at), at };
  }
  if (groups['quoted'] !== undefined) {
    return { type: 'identifier', value: unescape(groups['quoted'], text, at), at };
  }
  const name = groups['identifier'];
  if (name === 'NaN' || name === 'Infinity') return { type: 'double', value: Number(name), at };
  if (name !== undefined) return { type: 'identifier', value: name, at };
  if (groups['symbol'] !== undefined) return { type: 'symbol', value: groups['symbol'], at };
  return null;
}

const escapes: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function unescape(body: string, text: string, at: number): string {
  if (!body.includes('\\')) return body;
  return body.replaceAll(/\\u([0-9a-fA-F]{4})|\\(.)/gsu, (_, code?: string, letter?: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    const plain = escapes[letter ?? ''];
    if (plain !== undefined) return plain;
    throw expressionFault(
      text,
      at,
      `has the unknown escape "\\${letter}" in the text`,
      `Expected one of \\' \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX.`,
    );
  });
}

function unreadable(text: string, at: number): InvalidQueryError {
  const letter = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (letter === "'" || letter === '"') {
    return expressionFault(
      text,
      at,
      `has a text that does not end, begun`,
      `Expected a closing ${letter}.`,
    );
  }
  return expressionFault(
    text,
    at,
    `has the unknown sign "${letter}"`,
    letter === '='
      ? 'Write == to compare.'
      : 'Expected a number, a text, a column, an operator or a function.',
  );
}

/** Generated expressions may be of any length; a message is for people. */
function shortened(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
