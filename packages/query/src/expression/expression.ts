/**
 * Druid's native expressions after parsing, and the values they take.
 *
 * A long is a `bigint` (64 bits, wrapping as in Java), a double a `number`, so that `3` and `3.0` stay
 * apart: `7 / 2` is 3 and `7.0 / 2` is 3.5. Comparisons and logic give the longs 1 and 0.
 */

/** What an expression reads and gives. Lists come from multi-value columns and array functions. */
export type ExpressionValue = string | bigint | number | null | readonly ExpressionValue[];

/** Operators of two operands. */
export type BinaryOperator =
  | '^'
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<'
  | '<='
  | '>'
  | '>='
  | '=='
  | '!='
  | '&&'
  | '||';

/** A parsed expression. Function names are in lower case and known, their argument counts are checked. */
export type Expression =
  | { readonly type: 'literal'; readonly value: ExpressionValue }
  | { readonly type: 'identifier'; readonly name: string }
  | { readonly type: 'unary'; readonly operator: '-' | '!'; readonly operand: Expression }
  | {
      readonly type: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly type: 'list'; readonly items: readonly Expression[] }
  | { readonly type: 'call'; readonly name: string; readonly operands: readonly Expression[] };

/** Names of the columns that an expression reads, each once, in order of appearance. */
export function expressionColumns(expression: Expression): string[] {
  const names = new Set<string>();
  const visit = (part: Expression): void => {
    switch (part.type) {
      case 'literal':
        return;
      case 'identifier':
        names.add(part.name);
        return;
      case 'unary':
        visit(part.operand);
        return;
      case 'binary':
        visit(part.left);
        visit(part.right);
        return;
      case 'list':
        part.items.forEach(visit);
        return;
      case 'call':
        part.operands.forEach(visit);
    }
  };
  visit(expression);
  return [...names];
}
