/**
 * Evaluates an expression over one row. A null operand makes arithmetic and comparisons null; `&&` and
 * `||` follow SQL's three values. Two longs compute in 64 bits, two texts compare as text, all else
 * computes in doubles, where a text that is no number counts as null.
 */
import { InvalidInputError, InvariantError } from '@isotherm/errors';
import type { BinaryOperator, Expression, ExpressionValue } from './expression.ts';
import { findFunction } from './functions.ts';
import { asDouble, asText, divideLongs, isTruthy, truth } from './values.ts';

/**
 * @param bindings  gives a column's value in this row; null for a column that is not there
 * @throws InvalidInputError code DIVISION_BY_ZERO for longs; EXPRESSION_FAILED for what has no value
 */
export function evaluateExpression(
  expression: Expression,
  bindings: (name: string) => ExpressionValue,
): ExpressionValue {
  switch (expression.type) {
    case 'literal':
      return expression.value;
    case 'identifier':
      return bindings(expression.name);
    case 'unary':
      return evaluateUnary(expression.operator, evaluateExpression(expression.operand, bindings));
    case 'binary':
      return evaluateBinary(expression, bindings);
    case 'list':
      return expression.items.map((item) => evaluateExpression(item, bindings));
    case 'call': {
      const definition = findFunction(expression.name);
      if (definition === null) throw new InvariantError(`Function "${expression.name}" is gone.`);
      const { operands } = expression;
      if (definition.type === 'lazy') {
        return definition.call(operands.length, (index) => {
          const operand = operands[index];
          return operand === undefined ? null : evaluateExpression(operand, bindings);
        });
      }
      return definition.call(operands.map((operand) => evaluateExpression(operand, bindings)));
    }
  }
}

function evaluateUnary(operator: '-' | '!', value: ExpressionValue): ExpressionValue {
  if (value === null) return null;
  if (operator === '!') return truth(!isTruthy(value));
  if (typeof value === 'bigint') return BigInt.asIntN(64, -value);
  const double = asDouble(value);
  return double === null ? null : -double;
}

function evaluateBinary(
  expression: Expression & { type: 'binary' },
  bindings: (name: string) => ExpressionValue,
): ExpressionValue {
  const { operator } = expression;
  const left = evaluateExpression(expression.left, bindings);
  if (operator === '&&' || operator === '||') {
    // One side may settle it: false && x, true || x.
    const settling = operator === '||';
    if (left !== null && isTruthy(left) === settling) return truth(settling);
    const right = evaluateExpression(expression.right, bindings);
    if (right !== null && isTruthy(right) === settling) return truth(settling);
    return left === null || right === null ? null : truth(!settling);
  }
  const right = evaluateExpression(expression.right, bindings);
  if (left === null || right === null) return null;
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    return ofLongs(operator, left, right);
  }
  if (typeof left === 'string' && typeof right === 'string') {
    return ofTexts(operator, left, right);
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return ofTexts(operator, asText(left) ?? '', asText(right) ?? '');
  }
  const [a, b] = [asDouble(left), asDouble(right)];
  return a === null || b === null ? null : ofDoubles(operator, a, b);
}

type PlainOperator = Exclude<BinaryOperator, '&&' | '||'>;

function ofLongs(operator: PlainOperator, a: bigint, b: bigint): ExpressionValue {
  switch (operator) {
    case '+':
      return BigInt.asIntN(64, a + b);
    case '-':
      return BigInt.asIntN(64, a - b);
    case '*':
      return BigInt.asIntN(64, a * b);
    case '/':
    case '%':
      return divideLongs(operator, a, b);
    case '^':
      return longPower(a, b);
    default:
      return compare(operator, a, b);
  }
}

/** Square and multiply, wrapping at 64 bits, so that a huge exponent costs 64 steps. */
function longPower(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) {
    throw new InvalidInputError(
      'An expression raises a whole number to a negative power. Write the base as a double, such as 2.0 ^ -1.',
      { code: 'EXPRESSION_FAILED' },
    );
  }
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}

function ofDoubles(operator: PlainOperator, a: number, b: number): ExpressionValue {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '^':
      return a ** b;
    default:
      return compare(operator, a, b);
  }
}

/** Texts join by `+` and compare; no other operator has a meaning for them. */
function ofTexts(operator: PlainOperator, a: string, b: string): ExpressionValue {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
    case '*':
    case '/':
    case '%':
    case '^':
      return null;
    default:
      return compare(operator, a, b);
  }
}

function compare<Value extends string | number | bigint>(
  operator: '<' | '<=' | '>' | '>=' | '==' | '!=',
  a: Value,
  b: Value,
): bigint {
  switch (operator) {
    case '<':
      return truth(a < b);
    case '<=':
      return truth(a <= b);
    case '>':
      return truth(a > b);
    case '>=':
      return truth(a >= b);
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
  }
}
