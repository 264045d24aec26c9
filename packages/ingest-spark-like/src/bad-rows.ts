/** Rows that cannot be read: counted, the first hundred kept, too many of them fail the job. */
import { InvalidInputError } from '@isotherm/errors';
import type { BadRowNews } from './read-messages.ts';
import type { BadRowSink } from './read/input-batch.ts';

/** One bad row. The reason names column and kind, never the value. */
export interface BadRow {
  readonly file: string;
  /** From 1; for Parquet the number of the row. */
  readonly line: number;
  readonly reason: string;
}

/** Bad rows that are kept. */
export const maxSamples = 100;
const tolerated = 100;
const toleratedShare = 0.01;

/** State with a lifetime: one job. */
export class BadRows implements BadRowSink {
  /** With the place of their input, for inputs may be read in any order. */
  #samples: { readonly place: number; readonly row: BadRow }[] = [];
  #place = 0;
  readonly #limit: number | null;
  #count = 0;

  /** @param limit  from the spec; null = max(100 rows, 1 % of all rows) */
  constructor(limit: number | null) {
    this.#limit = limit;
  }

  /** The first hundred, in the order of inputs. */
  get samples(): BadRow[] {
    return this.#firstSamples().map(({ row }) => row);
  }

  /** Rows that follow are of the next input. */
  nextInput(): void {
    this.#place++;
  }

  /** Takes what a thread tells of the input at `place`. @throws as `add` */
  addNews(place: number, { rows, others }: BadRowNews): void {
    this.#place = place;
    for (const { file, line, reason, rowCount } of rows) this.add(file, line, reason, rowCount);
    this.#count += others;
    this.#checkLimit();
  }

  get count(): number {
    return this.#count;
  }

  /** @throws InvalidInputError code TOO_MANY_BAD_ROWS as soon as a limit of the spec is passed */
  add(file: string, line: number, reason: string, rowCount = 1): void {
    this.#count += rowCount;
    this.#samples.push({ place: this.#place, row: { file, line, reason } });
    if (this.#samples.length > maxSamples * 2) this.#samples = this.#firstSamples();
    this.#checkLimit();
  }

  #firstSamples(): { readonly place: number; readonly row: BadRow }[] {
    return this.#samples.toSorted((a, b) => a.place - b.place).slice(0, maxSamples);
  }

  #checkLimit(): void {
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
