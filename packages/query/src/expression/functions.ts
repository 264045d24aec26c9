/**
 * The functions of native expressions, by name. One table a subject; a new function is one more entry in
 * one of them. Names are not sensitive to case.
 */
import { conditionFunctions } from './functions/conditions.ts';
import type { FunctionDefinition } from './functions/definition.ts';
import { listFunctions } from './functions/lists.ts';
import { numberFunctions } from './functions/numbers.ts';
import { textFunctions } from './functions/text.ts';
import { timeFunctions } from './functions/time.ts';

const functions: ReadonlyMap<string, FunctionDefinition> = new Map(
  Object.entries({
    ...numberFunctions,
    ...textFunctions,
    ...conditionFunctions,
    ...listFunctions,
    ...timeFunctions,
  }).map(([name, definition]) => [name.toLowerCase(), definition]),
);

/** The definition of a function, or null if there is none of that name. */
export function findFunction(name: string): FunctionDefinition | null {
  return functions.get(name.toLowerCase()) ?? null;
}

/** Names of all functions, sorted. */
export function functionNames(): string[] {
  return [...functions.keys()].sort();
}
