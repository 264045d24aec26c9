import type { ExpressionValue } from '../expression.ts';

/** A function: its argument counts `[min, max]`, and what it gives for evaluated arguments. */
export type FunctionDefinition =
  | {
      readonly type: 'eager';
      readonly operandCount: readonly [min: number, max: number];
      readonly call: (values: readonly ExpressionValue[]) => ExpressionValue;
    }
  /** Evaluates only the arguments that it needs. */
  | {
      readonly type: 'lazy';
      readonly operandCount: readonly [min: number, max: number];
      readonly call: (count: number, value: (index: number) => ExpressionValue) => ExpressionValue;
    };

/** Defines a function whose arguments are all evaluated first. */
export function eager(
  min: number,
  max: number,
  call: (values: readonly ExpressionValue[]) => ExpressionValue,
): FunctionDefinition {
  return { type: 'eager', operandCount: [min, max], call };
}
