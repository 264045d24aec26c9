/** Gathers what a reading thread has to tell, so that not every batch is a message. */
import { maxSamples } from './bad-rows.ts';
import type { BatchCounts } from './index-rows.ts';
import type { BadRowNews, ReadNews } from './read-messages.ts';
import type { BadRowSink } from './read/input-batch.ts';

/** A job hears of a thread at least this often while it reads. */
const tellEveryMs = 50;

/** State with a lifetime: one thread. */
export class ReadAccount implements BadRowSink {
  readonly #tell: (news: ReadNews) => void;
  #place = 0;
  #bytes = 0;
  #counts = { rowCount: 0, filteredCount: 0, failedCount: 0 };
  #badRows: BadRowNews['rows'][number][] = [];
  #others = 0;
  /** Bad rows of this input that were told one by one. */
  #namedCount = 0;
  #lastMs = performance.now();

  constructor(tell: (news: ReadNews) => void) {
    this.#tell = tell;
  }

  /** Another input begins. */
  begin(place: number): void {
    this.#place = place;
    this.#namedCount = 0;
  }

  add(file: string, line: number, reason: string, rowCount = 1): void {
    if (this.#namedCount++ < maxSamples) this.#badRows.push({ file, line, reason, rowCount });
    else this.#others += rowCount;
  }

  onBytes(bytes: number): void {
    this.#bytes += bytes;
  }

  onBatch({ rowCount, filteredCount, failedCount }: BatchCounts): void {
    this.#counts.rowCount += rowCount;
    this.#counts.filteredCount += filteredCount;
    this.#counts.failedCount += failedCount;
    if (performance.now() - this.#lastMs >= tellEveryMs) this.flush();
  }

  /** Tells everything. */
  flush(): void {
    this.#tell({
      type: 'progress',
      place: this.#place,
      bytes: this.#bytes,
      counts: this.#counts,
      bad: { rows: this.#badRows, others: this.#others },
    });
    this.#bytes = 0;
    this.#counts = { rowCount: 0, filteredCount: 0, failedCount: 0 };
    this.#badRows = [];
    this.#others = 0;
    this.#lastMs = performance.now();
  }
}
