/**
 * Reads JSON objects against a closed schema: every key must be asked for, so a typo is an error with
 * a suggestion instead of a setting that silently does nothing. Ingestion specs, role configurations
 * and native queries are all read through it.
 */
import { InvalidInputError, type IsothermError } from './errors.ts';
import { didYouMean } from './suggest.ts';

/** Makes the error for a fault: `InvalidQueryError` for queries, `InvalidInputError` for the rest. */
export type FaultFactory = (message: string, code: string) => IsothermError;

const inputFault: FaultFactory = (message, code) => new InvalidInputError(message, { code });

/** One JSON object whose keys are read one by one; `end` refuses those that nobody read. */
export class JsonFields {
  /** Where the object stands, such as `spec.dataSchema`; empty for the root. */
  readonly path: string;
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #known = new Set<string>();
  readonly #fault: FaultFactory;

  /** @throws the factory's error, code NOT_AN_OBJECT, unless `value` is a JSON object */
  constructor(value: unknown, path: string, fault: FaultFactory = inputFault) {
    this.path = path;
    this.#fault = fault;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw fault(
        `${path === '' ? 'The document' : `"${path}"`} is ${kindOf(value)}. Expected an object in braces.`,
        'NOT_AN_OBJECT',
      );
    }
    this.#object = value as Readonly<Record<string, unknown>>;
  }

  /** The path of a key below this object. */
  pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  /** True when the key is there with a value other than null. */
  has(name: string): boolean {
    this.#known.add(name);
    return Object.hasOwn(this.#object, name) && this.#object[name] !== null;
  }

  /** The value as it stands; undefined when absent or null. */
  optional(name: string): unknown {
    return this.has(name) ? this.#object[name] : undefined;
  }

  /** @throws code MISSING_FIELD when absent or null */
  required(name: string): unknown {
    const value = this.optional(name);
    if (value === undefined) {
      throw this.#fault(
        `"${this.pathOf(name)}" is missing. ${this.#mistyped(name)}`,
        'MISSING_FIELD',
      );
    }
    return value;
  }

  string(name: string): string {
    return this.#checked(name, this.required(name), 'string', 'text') as string;
  }

  optionalString(name: string): string | null {
    const value = this.optional(name);
    return value === undefined ? null : (this.#checked(name, value, 'string', 'text') as string);
  }

  /** A number, or text that is one, as Druid's clients send them. */
  number(name: string): number {
    return this.#number(name, this.required(name));
  }

  optionalNumber(name: string): number | null {
    const value = this.optional(name);
    return value === undefined ? null : this.#number(name, value);
  }

  /** A whole number in `[min, max]`, both inclusive. */
  optionalInteger(name: string, range: { min: number; max?: number }): number | null {
    const value = this.optionalNumber(name);
    const max = range.max ?? Number.MAX_SAFE_INTEGER;
    if (value !== null && !(Number.isInteger(value) && value >= range.min && value <= max)) {
      throw this.fault(
        name,
        `is ${value}`,
        `Expected a whole number from ${range.min} to ${max}.`,
        'OUT_OF_RANGE',
      );
    }
    return value;
  }

  /** true or false, or the text of one. */
  optionalBoolean(name: string): boolean | null {
    const value = this.optional(name);
    if (value === undefined) return null;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw this.fault(name, `is ${kindOf(value)}`, 'Expected true or false.', 'WRONG_TYPE');
  }

  array(name: string): readonly unknown[] {
    return this.#array(name, this.required(name));
  }

  optionalArray(name: string): readonly unknown[] | null {
    const value = this.optional(name);
    return value === undefined ? null : this.#array(name, value);
  }

  stringArray(name: string): readonly string[] {
    return this.array(name).map((item, index) => {
      if (typeof item === 'string') return item;
      throw this.fault(`${name}[${index}]`, `is ${kindOf(item)}`, 'Expected text.', 'WRONG_TYPE');
    });
  }

  object(name: string): JsonFields {
    return new JsonFields(this.required(name), this.pathOf(name), this.#fault);
  }

  optionalObject(name: string): JsonFields | null {
    const value = this.optional(name);
    return value === undefined ? null : new JsonFields(value, this.pathOf(name), this.#fault);
  }

  /** Text that must be one of `allowed`. @throws code UNKNOWN_VALUE listing them */
  oneOf<Value extends string>(name: string, allowed: readonly Value[]): Value {
    const value = this.string(name);
    const found = allowed.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw this.fault(
      name,
      `is "${value}"`,
      `Expected one of ${allowed.join(', ')}.${didYouMean(value, allowed)}`,
      'UNKNOWN_VALUE',
    );
  }

  optionalOneOf<Value extends string>(name: string, allowed: readonly Value[]): Value | null {
    return this.has(name) ? this.oneOf(name, allowed) : null;
  }

  /** @throws code UNKNOWN_FIELD naming the first key that nothing asked for */
  end(): void {
    for (const name of Object.keys(this.#object)) {
      if (this.#known.has(name)) continue;
      const known = [...this.#known].sort();
      throw this.#fault(
        `"${this.pathOf(name)}" is not a known field. Known here: ${known.join(', ')}.${didYouMean(name, known)}`,
        'UNKNOWN_FIELD',
      );
    }
  }

  /** Makes an error about one key: `"path.name" <what>. <expected>`. */
  fault(name: string, what: string, expected: string, code: string): IsothermError {
    return this.#fault(`"${this.pathOf(name)}" ${what}. ${expected}`, code);
  }

  #mistyped(name: string): string {
    const unread = Object.keys(this.#object).filter((key) => !this.#known.has(key));
    const hint = didYouMean(name, unread).match(/"(.*)"/)?.[1];
    return hint === undefined ? 'Add it.' : `The unknown field "${hint}" is near it: rename that.`;
  }

  #number(name: string, value: unknown): number {
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof parsed === 'number' && Number.isFinite(parsed)) return parsed;
    throw this.fault(name, `is ${kindOf(value)}`, 'Expected a number.', 'WRONG_TYPE');
  }

  #array(name: string, value: unknown): readonly unknown[] {
    if (Array.isArray(value)) return value as unknown[];
    throw this.fault(name, `is ${kindOf(value)}`, 'Expected a list in brackets.', 'WRONG_TYPE');
  }

  #checked(name: string, value: unknown, type: string, expected: string): unknown {
    if (typeof value === type) return value;
    throw this.fault(name, `is ${kindOf(value)}`, `Expected ${expected}.`, 'WRONG_TYPE');
  }
}

/** What a JSON value is, for messages: short values are quoted, long ones are named by their kind. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') {
    return value.length <= 60 ? `"${value}"` : `a text of ${value.length} characters`;
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}
