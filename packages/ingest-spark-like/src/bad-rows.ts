/** Rows that cannot be read: counted, the first hundred kept, too many of them fail the job. */
import { InvalidInputError } from '@isotherm/errors';
import type { BadRowSink } from './read/input-batch.ts';

/** One bad row. The reason names column and kind, never the value. */
export interface BadRow {
  readonly file: string;
  /** From 1; for Parquet the number of the row. */
  readonly line: number;
  readonly reason: string;
}

const maxSamples = 100;
const tolerated = 100;
const toleratedShare = 0.01;

/** State with a lifetime: one job. */
export class BadRows implements BadRowSink {
  readonly samples: BadRow[] = [];
  readonly #limit: number | null;
  #count = 0;

  /** @param limit  from the spec; null = max(100 rows, 1 % of all rows) */
  constructor(limit: number | null) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#count;
  }

  /** @throws InvalidInputError code TOO_MANY_BAD_ROWS as soon as a limit of the spec is passed */
  add(file: string, line: number, reason: string, rowCount = 1): void {
    this.#count += rowCount;
    if (this.samples.length < maxSamples) this.samples.push({ file, line, reason });
    if (this.#limit === null || this.#count <= this.#limit) return;
    throw this.#fault(
      `${this.#count} ${this.#count === 1 ? 'row is' : 'rows are'} bad so far, more than the limit of ${this.#limit}.`,
    );
  }

  /**
   * @param rowCount  all rows of the job; where every one is bad the spec does not fit the input, so the
   *   limit of the spec alone lets that pass
   * @throws InvalidInputError code TOO_MANY_BAD_ROWS with the samples as details
   */
  check(rowCount: number): void {
    if (this.#limit !== null || this.#count === 0) return;
    const limit = Math.max(tolerated, Math.floor(rowCount * toleratedShare));
    if (this.#count > limit) {
      throw this.#fault(
        `${this.#count} of ${rowCount} rows are bad, more than the limit of max(${tolerated} rows, 1 %) = ${limit}.`,
      );
    }
    if (this.#count === rowCount) {
      throw this.#fault(rowCount === 1 ? 'The only row is bad.' : `All ${rowCount} rows are bad.`);
    }
  }

  #fault(what: string): InvalidInputError {
    const first = this.samples[0];
    return new InvalidInputError(
      `${what} Nothing was published. The first is line ${first?.line} of "${first?.file}": ${first?.reason} Correct the input or the spec, or raise "tuningConfig.maxParseExceptions".`,
      { code: 'TOO_MANY_BAD_ROWS', details: { badRowCount: this.#count, badRows: this.samples } },
    );
  }
}
