/** Functions that choose. They evaluate only what they need, so `if(b == 0, null, a / b)` is safe. */
import type { ExpressionValue } from '../expression.ts';
import { asDouble, isTruthy, truth } from '../values.ts';
import { type FunctionDefinition, eager } from './definition.ts';

/** Functions by name. */
export const conditionFunctions: Readonly<Record<string, FunctionDefinition>> = {
  if: {
    type: 'lazy',
    operandCount: [3, 3],
    call: (_, value) => (isTruthy(value(0)) ? value(1) : value(2)),
  },
  nvl: { type: 'lazy', operandCount: [2, 2], call: firstPresent },
  coalesce: { type: 'lazy', operandCount: [1, Infinity], call: firstPresent },
  case_searched: {
    type: 'lazy',
    operandCount: [2, Infinity],
    call: (count, value) => {
      for (let index = 0; index + 1 < count; index += 2) {
        if (isTruthy(value(index))) return value(index + 1);
      }
      return count % 2 === 1 ? value(count - 1) : null;
    },
  },
  case_simple: {
    type: 'lazy',
    operandCount: [3, Infinity],
    call: (count, value) => {
      const wanted = value(0);
      for (let index = 1; index + 1 < count; index += 2) {
        if (areEqual(wanted, value(index))) return value(index + 1);
      }
      return count % 2 === 0 ? value(count - 1) : null;
    },
  },
  isnull: eager(1, 1, ([value]) => truth((value ?? null) === null)),
  notnull: eager(1, 1, ([value]) => truth((value ?? null) !== null)),
  istrue: eager(1, 1, ([value]) => truth(isTruthy(value ?? null))),
  isfalse: eager(1, 1, ([value]) => truth((value ?? null) !== null && !isTruthy(value ?? null))),
  nottrue: eager(1, 1, ([value]) => truth(!isTruthy(value ?? null))),
  notfalse: eager(1, 1, ([value]) => truth((value ?? null) === null || isTruthy(value ?? null))),
};

function firstPresent(count: number, value: (index: number) => ExpressionValue): ExpressionValue {
  for (let index = 0; index < count; index++) {
    const candidate = value(index);
    if (candidate !== null) return candidate;
  }
  return null;
}

function areEqual(a: ExpressionValue, b: ExpressionValue): boolean {
  if (a === null || b === null) return false;
  if (typeof a === typeof b && !Array.isArray(a)) return a === b;
  const [left, right] = [asDouble(a), asDouble(b)];
  return left !== null && left === right;
}
