/** Keeps the books of a job: rows, bytes, time by phase, warnings; makes the report of them. */
import { didYouMean } from '@isotherm/errors';
import type { Job } from '@isotherm/metadata';
import type { Clock } from '@isotherm/platform';
import type { DimensionSchema } from '@isotherm/segment';
import { BadRows } from './bad-rows.ts';
import type { ReadProgress } from './read/input-batch.ts';
import type { IngestionPhase, IngestionProgress, IngestionReport } from './report.ts';
import type { IngestionSpec } from './spec/ingestion-spec.ts';

/** State with a lifetime: one job. */
export class JobAccount implements ReadProgress {
  readonly bad: BadRows;
  readonly #spec: IngestionSpec;
  readonly #clock: Clock;
  readonly #onProgress: (progress: IngestionProgress) => void;
  readonly #files: number;
  readonly #totalBytes: number;
  readonly #phaseMs = { find: 0, read: 0, spill: 0, merge: 0, publish: 0 };
  readonly #warnings: string[] = [];
  #dimensions: readonly DimensionSchema[] = [];
  #phase: IngestionPhase = 'find';
  #phaseStartMs: number;
  #bytes = 0;
  #rowsParsed = 0;
  #rowsFiltered = 0;
  #rowsStored = 0;
  /** Bad rows that are among the parsed; the others never came in a batch. */
  #failedInBatches = 0;
  #spills = 0;

  constructor(
    job: {
      readonly spec: IngestionSpec;
      readonly clock: Clock;
      readonly onProgress?: (progress: IngestionProgress) => void;
    },
    files: number,
    totalBytes: number,
  ) {
    this.#spec = job.spec;
    this.#clock = job.clock;
    this.#onProgress = job.onProgress ?? (() => {});
    this.bad = new BadRows(job.spec.limits.maxBadRows);
    this.#files = files;
    this.#totalBytes = totalBytes;
    this.#phaseStartMs = job.clock.monotonicMs();
  }

  /** Rows so far, those that were no rows at all included. */
  get rowsSeen(): number {
    return this.#rowsParsed + this.bad.count - this.#failedInBatches;
  }

  begin(phase: IngestionPhase): void {
    const nowMs = this.#clock.monotonicMs();
    this.#phaseMs[this.#phase] += nowMs - this.#phaseStartMs;
    this.#phase = phase;
    this.#phaseStartMs = nowMs;
    if (phase === 'spill') this.#spills++;
    this.#tell();
  }

  onBytes(bytes: number): void {
    this.#bytes += bytes;
  }

  /** @param counts  of one batch: all its rows, those filtered, those that failed */
  addRead(counts: { rowCount: number; filteredCount: number; failedCount: number }): void {
    this.#rowsParsed += counts.rowCount;
    this.#rowsFiltered += counts.filteredCount;
    this.#failedInBatches += counts.failedCount;
    this.#tell();
  }

  addStored(rowCount: number): void {
    this.#rowsStored += rowCount;
    this.#tell();
  }

  /** Notes the final dimensions, and warns of those that no row had. */
  noteColumns(dimensions: readonly DimensionSchema[], seen: ReadonlySet<string>): void {
    this.#dimensions = dimensions;
    if (this.#rowsParsed === 0) return;
    const computed = new Set(this.#spec.transforms.map(({ name }) => name));
    for (const { name } of dimensions) {
      if (seen.has(name) || computed.has(name)) continue;
      this.#warnings.push(
        `Dimension "${name}" is in no row of the input; it is null everywhere.${didYouMean(name, seen)}`,
      );
    }
  }

  report(
    status: IngestionReport['status'],
    job: Job | null,
    segments: IngestionReport['segments'],
  ): IngestionReport {
    this.begin('publish');
    const spec = this.#spec;
    const rowsRead = this.rowsSeen;
    const kept = rowsRead - this.#rowsFiltered - this.bad.count;
    return {
      status,
      jobId: job?.jobId ?? null,
      version: job?.version ?? null,
      dataSource: spec.dataSource,
      namespace: spec.namespace,
      files: this.#files,
      inputBytes: this.#totalBytes,
      rowsRead,
      rowsFiltered: this.#rowsFiltered,
      rowsRejected: this.bad.count,
      badRows: this.bad.samples,
      rowsStored: this.#rowsStored,
      rollupRatio: this.#rowsStored === 0 ? null : kept / this.#rowsStored,
      segments,
      segmentBytes: segments.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
      dimensions: this.#dimensions.map(({ name, type }) => ({ name, type })),
      metrics: spec.metrics.map(({ schema: { name, type } }) => ({ name, type })),
      spills: this.#spills,
      phaseMs: this.#phaseMs,
      withoutEffect: spec.withoutEffect,
      warnings: [...this.#warnings, ...this.#emptiness(status)],
    };
  }

  /** A job may be empty, but nobody should have to find out by a query. */
  #emptiness(status: IngestionReport['status']): string[] {
    if (status === 'alreadyPublished' || this.#rowsStored > 0) return [];
    const why =
      this.rowsSeen === 0
        ? 'the input has no rows'
        : 'every row is outside "granularitySpec.intervals", not matched by "transformSpec.filter", or malformed';
    return [`No row was stored: ${why}.`];
  }

  #tell(): void {
    this.#onProgress({
      phase: this.#phase,
      rows: this.rowsSeen,
      bytes: Math.min(this.#bytes, this.#totalBytes),
      totalBytes: this.#totalBytes,
    });
  }
}
