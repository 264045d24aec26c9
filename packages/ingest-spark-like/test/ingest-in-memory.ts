/** Runs jobs against an in-memory cluster of stores, and reads segments back as rows. */
import { type DeepStorage, localStorage } from '@isotherm/deep-storage';
import { estimateHyperUnique, foldHyperUnique } from '@isotherm/kernels';
import { type MetadataStore, openSqliteStore } from '@isotherm/metadata';
import { type Clock, type Disk, memoryDisk, nodeClock, seededRandom } from '@isotherm/platform';
import { type Column, memorySource, openSegment } from '@isotherm/segment';
import type { SegmentDescriptor } from '@isotherm/timeline';
import type { IngestionJob, IngestionReport } from '../src/index.ts';
import { parseSpec, runIngestion } from '../src/index.ts';

/** A value as rows show it; a sketch is its estimate. */
export type Cell = string | number | bigint | null | (string | null)[];
/** A row by column names. */
export type Row = Record<string, Cell>;

/** Stores that several jobs may share. */
export interface Stores {
  readonly metadata: MetadataStore;
  readonly storage: DeepStorage;
  readonly scratch: Disk;
  readonly clock: Clock;
}

/** Fresh stores. */
export async function makeStores(): Promise<Stores> {
  const clock = nodeClock();
  return {
    metadata: await openSqliteStore({ path: ':memory:', clock }),
    storage: localStorage(memoryDisk()),
    scratch: memoryDisk(),
    clock,
  };
}

let seed = 0;

/** Runs one job. */
export async function ingest(
  json: unknown,
  stores: Stores,
  overrides: Partial<IngestionJob> = {},
): Promise<IngestionReport> {
  return runIngestion({
    spec: parseSpec(json),
    specJson: json,
    ...stores,
    random: seededRandom(++seed),
    baseDir: '/',
    owner: 'here:1',
    ...overrides,
  });
}

/** Descriptors of the newest version, in order of interval and partition. */
export async function newestSegments({ metadata }: Stores): Promise<SegmentDescriptor[]> {
  const found = (await metadata.segments()).map(({ descriptor }) => descriptor);
  const newest = Math.max(...found.map(({ id }) => id.version));
  return found
    .filter(({ id }) => id.version === newest)
    .sort((a, b) => a.id.interval.start - b.id.interval.start || a.id.partition - b.id.partition);
}

/** Rows of the newest version. */
export async function readBack(stores: Stores): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { key } of await newestSegments(stores)) {
    const segment = await openSegment(memorySource(await stores.storage.get(key)));
    await segment.load(segment.columnNames);
    for (let row = 0; row < segment.rowCount; row++) {
      rows.push(
        Object.fromEntries(
          segment.columnNames.map((name) => [name, cellOf(segment.column(name), row)]),
        ),
      );
    }
  }
  return rows;
}

/** Bytes of all segments of the newest version, joined. */
export async function segmentDigests(stores: Stores): Promise<string[]> {
  return (await newestSegments(stores)).map(({ sha256 }) => sha256);
}

function cellOf(column: Column | null, row: number): Cell {
  if (column === null) return null;
  switch (column.type) {
    case 'time':
      return column.distinct[column.ids[row] ?? 0] ?? null;
    case 'string':
      return column.dictionary.valueAt(column.ids[row] ?? 0);
    case 'strings':
      return Array.from(column.ids.subarray(column.offsets[row], column.offsets[row + 1]), (id) =>
        column.dictionary.valueAt(id),
      );
    case 'hyperUnique': {
      const registers = new Uint8Array(2048);
      const image = column.bytes.subarray(column.offsets[row], column.offsets[row + 1]);
      if (image.length === 0) return null;
      foldHyperUnique(image, registers, 0);
      return Math.round(estimateHyperUnique(registers, 0));
    }
    default: {
      const { validity, values } = column;
      if (validity !== null && (((validity[row >> 3] ?? 0) >> (row & 7)) & 1) === 0) return null;
      const value = values[row] ?? 0;
      return column.type === 'long' ? BigInt(value) : value;
    }
  }
}

/** A spec over inline text. */
export function inlineSpec(
  data: string,
  schema: Record<string, unknown>,
  inputFormat: Record<string, unknown>,
  tuningConfig: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 'ads',
        timestampSpec: { column: 't', format: 'auto' },
        granularitySpec: { segmentGranularity: 'day', queryGranularity: 'none', rollup: false },
        ...schema,
      },
      ioConfig: { type: 'index_parallel', inputSource: { type: 'inline', data }, inputFormat },
      tuningConfig: { type: 'index_parallel', ...tuningConfig },
    },
  };
}
