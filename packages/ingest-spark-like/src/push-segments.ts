/**
 * Step 5. Writes segments and puts them into deep storage. Keys hold the version and the
 * digest, so that a dead attempt's objects are never taken for another's:
 *
 *   dataSource/namespace/start_end/version/partition-sha256.arrow
 */
import type { DeepStorage } from '@isotherm/deep-storage';
import type { SegmentSchema, WrittenSegment } from '@isotherm/segment';
import type { Interval, SegmentDescriptor } from '@isotherm/timeline';
import { formatInstant } from '@isotherm/timeline';
import type { DimensionSchema } from '@isotherm/segment';
import type { Job } from '@isotherm/metadata';
import type { SegmentRows } from './merge-runs.ts';
import type { ChunkColumn } from './runs/chunk-columns.ts';
import type { IngestionSpec } from './spec/ingestion-spec.ts';
import type { WriteQueue } from './write-queue.ts';

const keyDigestLength = 16;

/** Segments that were begun. State with a lifetime: one job. */
export class PushedSegments {
  /** A place is kept for each segment when it is begun, so they stay in order. */
  readonly #descriptors: (SegmentDescriptor | null)[] = [];
  /** Segments of each chunk, by its start. */
  readonly #counts = new Map<number, number>();

  /**
   * Has a segment written and stored by the queue.
   *
   * @param segment   handed over to the queue
   * @param interval  that of its chunk
   */
  async push(
    spec: IngestionSpec,
    job: Job,
    storage: DeepStorage,
    { chunkStart, partition, rows }: SegmentRows,
    interval: Interval,
    dimensions: readonly DimensionSchema[],
    queue: WriteQueue,
  ): Promise<void> {
    const schema = schemaOf(spec, dimensions, interval);
    const place = this.#descriptors.push(null) - 1;
    this.#counts.set(chunkStart, partition + 1);
    const { rowCount, time, columns } = rows;
    await queue.add({ schema, rowCount, time, columns }, {}, async (written) => {
      const descriptor = describe(spec, job, schema, written, partition);
      await storage.put(descriptor.key, written.bytes);
      this.#descriptors[place] = descriptor;
    });
  }

  /** All segments, once the queue is drained. */
  descriptors(): SegmentDescriptor[] {
    return this.#descriptors
      .filter((descriptor) => descriptor !== null)
      .map((descriptor) => ({
        ...descriptor,
        partitionCount: this.#counts.get(descriptor.id.interval.start) ?? 1,
      }));
  }
}

/** A chunk without rows: its segment hides what older versions hold. */
export function emptyChunk(
  spec: IngestionSpec,
  chunkStart: number,
  dimensions: readonly DimensionSchema[],
): SegmentRows {
  const columns = new Map<string, ChunkColumn>();
  for (const { name, type } of dimensions) columns.set(name, emptyColumn(type));
  for (const { schema } of spec.metrics) columns.set(schema.name, emptyColumn(schema.type));
  return {
    chunkStart,
    partition: 0,
    rows: { chunkStart, rowCount: 0, time: new Float64Array(), columns },
  };
}

function schemaOf(
  spec: IngestionSpec,
  dimensions: readonly DimensionSchema[],
  interval: Interval,
): SegmentSchema {
  const sortOrder = dimensions.map(({ name }) => name);
  sortOrder.splice(spec.dimensions.timePosition ?? sortOrder.length, 0, '__time');
  return {
    dataSource: spec.dataSource,
    namespace: spec.namespace,
    interval,
    dimensions,
    metrics: spec.metrics.map((metric) => metric.schema),
    sortOrder,
    rollup: spec.granularity.rollup,
    queryGranularity: spec.granularity.queryJson,
    timestampSpec: spec.timestamp.json,
  };
}

function describe(
  spec: IngestionSpec,
  job: Job,
  schema: SegmentSchema,
  written: WrittenSegment,
  partition: number,
): SegmentDescriptor {
  const { dataSource, namespace } = spec;
  const { interval } = schema;
  const span = `${formatInstant(interval.start)}_${formatInstant(interval.end)}`.replaceAll(
    ':',
    '',
  );
  const digest = written.sha256.slice(0, keyDigestLength);
  return {
    id: { dataSource, namespace, interval, version: job.version, partition },
    // Known once the whole chunk is cut.
    partitionCount: 1,
    rowCount: written.rowCount,
    bytes: written.bytes.length,
    memoryBytes: written.memoryBytes,
    sha256: written.sha256,
    key: `${keyPart(dataSource)}/${namespace}/${span}/${job.version}/${partition}-${digest}.arrow`,
    dimensions: schema.dimensions.map(({ name, type }) => ({ name, type })),
    metrics: schema.metrics.map(({ name, type }) => ({ name, type })),
    timeRange: written.timeRange,
    jobId: job.jobId,
  };
}

/** Keys allow few signs; each other byte of a datasource's name becomes `=` and its two hexadecimal digits. */
function keyPart(name: string): string {
  return Array.from(new TextEncoder().encode(name), (byte) => {
    const sign = String.fromCharCode(byte);
    return /[A-Za-z0-9._-]/.test(sign) ? sign : `=${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}

function emptyColumn(type: string) {
  switch (type) {
    case 'string':
      return { type, dictionary: [], ids: new Uint32Array() } as const;
    case 'long':
      return { type, values: new BigInt64Array(), nulls: null } as const;
    case 'hyperUnique':
      return { type, images: [] } as const;
    default:
      return {
        type: type === 'float' ? 'float' : 'double',
        values: new Float64Array(),
        nulls: null,
      } as const;
  }
}
