/**
 * Parses Druid's native expressions. Operators bind as in Druid's grammar, tightest first:
 *
 *   - !        before an operand
 *   ^          from the right: 2 ^ 3 ^ 2 is 2 ^ (3 ^ 2)
 *   * / %
 *   + -
 *   < <= > >= == !=
 *   && ||      both bind alike, from the left
 */
import { didYouMean } from '@isotherm/errors';
import type { BinaryOperator, Expression } from './expression.ts';
import { findFunction, functionNames } from './functions.ts';
import type { Token } from './tokens.ts';
import { expressionFault, readTokens } from './tokens.ts';

const maxDepth = 200;

const bindings: Readonly<Record<string, number>> = {
  '&&': 1,
  '||': 1,
  '<': 2,
  '<=': 2,
  '>': 2,
  '>=': 2,
  '==': 2,
  '!=': 2,
  '+': 3,
  '-': 3,
  '*': 4,
  '/': 4,
  '%': 4,
  '^': 5,
};

/**
 * Reads an expression such as `"spend" / 1000000.0` or `if(clicks > 0, 'yes', 'no')`.
 *
 * @throws InvalidQueryError code INVALID_EXPRESSION naming the position, UNKNOWN_FUNCTION with the list
 */
export function parseExpression(text: string): Expression {
  const parser = { text, tokens: readTokens(text), next: 0, depth: 0 };
  const expression = readBinary(parser, 0);
  const rest = peek(parser);
  if (rest.type !== 'end') {
    throw expressionFault(
      text,
      rest.at,
      `goes on with ${shown(rest)}`,
      'Expected an operator or the end.',
    );
  }
  return expression;
}

interface Parser {
  readonly text: string;
  readonly tokens: readonly Token[];
  next: number;
  depth: number;
}

function peek(parser: Parser): Token {
  return parser.tokens[parser.next] ?? { type: 'end', at: parser.text.length };
}

function take(parser: Parser): Token {
  const token = peek(parser);
  parser.next++;
  return token;
}

function isSymbol(token: Token, value: string): boolean {
  return token.type === 'symbol' && token.value === value;
}

function readBinary(parser: Parser, minBinding: number): Expression {
  let left = readUnary(parser);
  for (;;) {
    const token = peek(parser);
    const binding = token.type === 'symbol' ? bindings[token.value] : undefined;
    if (token.type !== 'symbol' || binding === undefined || binding < minBinding) return left;
    parser.next++;
    const right = readBinary(parser, token.value === '^' ? binding : binding + 1);
    // Only operators have a binding.
    left = { type: 'binary', operator: token.value as BinaryOperator, left, right };
  }
}

function readUnary(parser: Parser): Expression {
  const token = take(parser);
  if (++parser.depth > maxDepth) {
    throw expressionFault(
      parser.text,
      token.at,
      `is nested more than ${maxDepth} deep`,
      'Expected less.',
    );
  }
  const expression = readOperand(parser, token);
  parser.depth--;
  return expression;
}

function readOperand(parser: Parser, token: Token): Expression {
  switch (token.type) {
    case 'long':
    case 'double':
    case 'string':
      return { type: 'literal', value: token.value };
    case 'identifier': {
      const isQuoted = parser.text[token.at] === '"';
      if (!isQuoted && isSymbol(peek(parser), '(')) return readCall(parser, token);
      if (!isQuoted && token.value.toLowerCase() === 'null')
        return { type: 'literal', value: null };
      return { type: 'identifier', name: token.value };
    }
    case 'symbol':
      if (token.value === '-' || token.value === '!') {
        return { type: 'unary', operator: token.value, operand: readUnary(parser) };
      }
      if (token.value === '(') {
        const inner = readBinary(parser, 0);
        expect(parser, ')');
        return inner;
      }
      if (token.value === '[') return { type: 'list', items: readItems(parser, ']') };
      throw noOperand(parser, token);
    case 'end':
      throw noOperand(parser, token);
  }
}

function noOperand(parser: Parser, token: Token): Error {
  return expressionFault(
    parser.text,
    token.at,
    `has ${shown(token)}`,
    'Expected a number, a text, a column or a function.',
  );
}

function readCall(parser: Parser, token: Token & { type: 'identifier' }): Expression {
  take(parser);
  const definition = findFunction(token.value);
  if (definition === null) {
    throw expressionFault(
      parser.text,
      token.at,
      `calls the unknown function "${token.value}"`,
      `Known functions: ${functionNames().join(', ')}.${didYouMean(token.value, functionNames())}`,
    );
  }
  const operands = readItems(parser, ')');
  const [min, max] = definition.operandCount;
  if (operands.length < min || operands.length > max) {
    const expected =
      max === Infinity ? `at least ${min}` : min === max ? `${min}` : `${min} to ${max}`;
    throw expressionFault(
      parser.text,
      token.at,
      `calls "${token.value}" with ${operands.length} arguments`,
      `Expected ${expected}.`,
    );
  }
  return { type: 'call', name: token.value.toLowerCase(), operands };
}

function readItems(parser: Parser, close: ')' | ']'): Expression[] {
  const items: Expression[] = [];
  if (isSymbol(peek(parser), close)) {
    take(parser);
    return items;
  }
  for (;;) {
    items.push(readBinary(parser, 0));
    const token = take(parser);
    if (isSymbol(token, close)) return items;
    if (!isSymbol(token, ',')) {
      throw expressionFault(
        parser.text,
        token.at,
        `has ${shown(token)}`,
        `Expected "," or "${close}".`,
      );
    }
  }
}

function expect(parser: Parser, symbol: string): void {
  const token = take(parser);
  if (isSymbol(token, symbol)) return;
  throw expressionFault(parser.text, token.at, `has ${shown(token)}`, `Expected "${symbol}".`);
}

function shown(token: Token): string {
  return token.type === 'end' ? 'nothing more' : `"${token.value}"`;
}
