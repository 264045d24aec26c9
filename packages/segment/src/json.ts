/** JSON of a segment file, read field by field: whatever is not as expected is a damaged file. */
import { CorruptSegmentError } from '@isotherm/errors';

/** A JSON value and the path that led to it. */
export class Json {
  private readonly value: unknown;
  private readonly path: string;

  private constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  /** Parses a text. @throws CorruptSegmentError if it is no JSON */
  static parse(text: string, path: string): Json {
    try {
      return new Json(JSON.parse(text), path);
    } catch (cause) {
      throw new CorruptSegmentError(`The ${path} of the segment file is not JSON.`, { cause });
    }
  }

  get isNull(): boolean {
    return this.value === null;
  }

  get isText(): boolean {
    return typeof this.value === 'string';
  }

  /** The error that this value is not what it should be. */
  damaged(): CorruptSegmentError {
    return new CorruptSegmentError(`The segment file is damaged at "${this.path}".`);
  }

  /** Whether there is a member of that name. */
  has(name: string): boolean {
    return Object.hasOwn(this.members(), name);
  }

  /** A member; an absent one is as damaged as a wrong one. */
  field(name: string): Json {
    const members = this.members();
    if (!Object.hasOwn(members, name)) throw new Json(null, `${this.path}.${name}`).damaged();
    return new Json(members[name], `${this.path}.${name}`);
  }

  /** All members, whose names must be among `names`. */
  entries<N extends string>(names: readonly N[]): [N, Json][] {
    return Object.entries(this.members()).map(([name, value]) => {
      const known = names.find((candidate) => candidate === name);
      if (known === undefined) throw this.damaged();
      return [known, new Json(value, `${this.path}.${name}`)];
    });
  }

  /** The elements of an array, of exactly `count` when given. */
  items(count?: number): Json[] {
    if (!Array.isArray(this.value)) throw this.damaged();
    if (count !== undefined && this.value.length !== count) throw this.damaged();
    return this.value.map((value: unknown, index) => new Json(value, `${this.path}[${index}]`));
  }

  /** A whole number from 0 to `max`. */
  integer(max: number): number {
    const value = this.number();
    if (!Number.isInteger(value) || value < 0 || value > max) throw this.damaged();
    return value;
  }

  /** A number. */
  number(): number {
    if (typeof this.value !== 'number') throw this.damaged();
    return this.value;
  }

  /** A text. */
  text(): string {
    if (typeof this.value !== 'string') throw this.damaged();
    return this.value;
  }

  /** True or false. */
  boolean(): boolean {
    if (typeof this.value !== 'boolean') throw this.damaged();
    return this.value;
  }

  /** One of the given values. */
  oneOf<T extends string | null>(values: readonly T[]): T {
    const found = values.find((value) => value === this.value);
    if (found === undefined) throw this.damaged();
    return found;
  }

  /** An object whose members nobody here interprets. */
  members(): Record<string, unknown> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) {
      throw this.damaged();
    }
    // An object that is no array: its members are reached by name, whatever they are.
    return this.value as Record<string, unknown>;
  }

  /** The value as it is. */
  raw(): unknown {
    return this.value;
  }
}
