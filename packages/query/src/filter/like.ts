/**
 * LIKE patterns, anchored at both ends: `%` is any run of characters, `_` any one character, the escape
 * makes the next character plain. Matching keeps two pointers and goes back only to the last `%`, so a
 * text of n and a pattern of m characters cost n · m steps at worst and never more.
 */

/** One place of a pattern: a code point to meet, any one, or any run. */
type Token = string | typeof anyOne | typeof anyRun;
const anyOne = Symbol('_');
const anyRun = Symbol('%');

/** Compiles a pattern. */
export function likeMatcher(pattern: string, escape: string | null): (text: string) => boolean {
  const tokens = readTokens(pattern, escape);
  const first = tokens.indexOf(anyRun);
  const isLiteral = tokens.every((token) => typeof token === 'string');
  if (isLiteral) {
    const literal = tokens.join('');
    return (text) => text === literal;
  }
  const head = tokens.slice(0, Math.max(first, 0));
  if (first === tokens.length - 1 && head.every((token) => typeof token === 'string')) {
    const prefix = head.join('');
    return (text) => text.startsWith(prefix);
  }
  return (text) => matches(tokens, Array.from(text));
}

function readTokens(pattern: string, escape: string | null): Token[] {
  const tokens: Token[] = [];
  let isEscaped = false;
  for (const character of pattern) {
    if (!isEscaped && character === escape) {
      isEscaped = true;
      continue;
    }
    const wildcard = character === '%' ? anyRun : character === '_' ? anyOne : character;
    const token = isEscaped ? character : wildcard;
    // Two runs in a row are one.
    if (token !== anyRun || tokens.at(-1) !== anyRun) tokens.push(token);
    isEscaped = false;
  }
  return tokens;
}

function matches(tokens: readonly Token[], characters: readonly string[]): boolean {
  let [token, character] = [0, 0];
  // Where to go on when a try fails: the token behind the last `%`, and the text it was tried on.
  let [retryToken, retryCharacter] = [-1, 0];
  while (character < characters.length) {
    const current = tokens[token];
    if (current === anyRun) {
      token++;
      [retryToken, retryCharacter] = [token, character];
    } else if (current === anyOne || current === characters[character]) {
      token++;
      character++;
    } else if (retryToken >= 0) {
      retryCharacter++;
      [token, character] = [retryToken, retryCharacter];
    } else {
      return false;
    }
  }
  while (tokens[token] === anyRun) token++;
  return token === tokens.length;
}
