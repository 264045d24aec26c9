/**
 * One part of a group key: turns rows into small ids, and ids back into values of the type that
 * the dimension is asked for. Text and time bring their dictionary; numbers get ids in
 * number-part.ts; a missing column is one null.
 */
import type { Batch, IdArray } from '@isotherm/kernels';
import { lookUpIds, readIds, scratchIds } from '@isotherm/kernels';
import { InvalidQueryError } from '@isotherm/errors';
import { type DimensionSpec, type PartialColumn, TextDictionary } from '@isotherm/query';
import type {
  Column,
  FloatingColumn,
  LongColumn,
  MultiStringColumn,
  Segment,
  StringColumn,
} from '@isotherm/segment';
import type { RunPiece } from './engine.ts';
import type { JoinedBuckets } from './join-buckets.ts';
import { parseDouble, parseExactLong } from './number-text.ts';
import { numberPart } from './number-part.ts';
import type { SharedDictionaries, SharedDictionary } from './shared-dictionaries.ts';

/** A value in the type of the dimension: text, bigint for LONG, number for FLOAT and DOUBLE. */
export type DimensionValue = string | bigint | number | null;

/** How a dimension is answered. */
export type OutputType = DimensionSpec['outputType'];

/** A part of a group key over the segments of a run. Different ids have different values. */
export interface KeyPart {
  /** Ids are below it, in every segment. */
  readonly size: number;
  readonly valueOf: (id: number) => DimensionValue;
  /** How the rows of each segment become ids. */
  readonly segments: readonly KeyRows[];
}

/** A part of a group key in one segment. */
export interface KeyRows {
  /** Ids of a batch into `ids`, shape [≥ batch.count]. Unused by a part with `lists`. */
  read(batch: Batch, ids: Uint32Array): void;
  readonly lists: KeyLists | null;
  /** Given where ids lie in a column as they are, or are looked up in a table: `read` without a copy. */
  readonly column?: KeyColumn;
}

/** A column of ids. */
export interface KeyColumn {
  readonly ids: IdArray;
  /** From ids of the column to ids of the part; null where they are the same. */
  readonly remap: Uint32Array | null;
  /** Given where rows are sorted by the column: id i has rows starts[i] … starts[i + 1] - 1. */
  readonly starts?: Uint32Array | undefined;
}

/** Rows that hold lists: each value is a group of its own. */
export interface KeyLists {
  readonly column: MultiStringColumn;
  /** Id of a row without values, among those that `remap` reads. */
  readonly emptyId: number;
  /** From dictionary ids to ids of the part; null where they are the same. */
  readonly remap: Uint32Array | null;
}

/**
 * The part of a dimension.
 *
 * @param segments their columns of that name have one type, or are missing in all
 * @throws InvalidQueryError for a column of sketches
 */
export function dimensionPart(
  spec: DimensionSpec,
  segments: readonly Segment[],
  dictionaries: SharedDictionaries,
): KeyPart {
  const columns = segments.map((segment) => segment.column(spec.dimension));
  switch (columns[0]?.type) {
    case undefined:
      return nullPart(segments.length);
    case 'string':
    case 'strings': {
      const texts = columns.filter((each) => each?.type === 'string' || each?.type === 'strings');
      const { size, valueOf, tables } = textValues(spec, texts, {
        shared: () => dictionaries.of(segments[0], spec.dimension),
      });
      return { size, valueOf, segments: texts.map((each, i) => textRows(each, tables[i])) };
    }
    case 'time': {
      const times = columns.filter((each) => each?.type === 'time');
      const { size, valueOf, tables } = merged(
        times.map(({ distinct }) => Array.from(distinct, (ms) => timeValue(ms, spec.outputType))),
      );
      return {
        size,
        valueOf,
        segments: times.map(({ ids }, i) => idRows({ ids, remap: tables[i] })),
      };
    }
    case 'long':
    case 'float':
    case 'double':
      return numberPart(columns.filter(isNumeric), spec, segments);
    case 'hyperUnique':
      throw new InvalidQueryError(
        `Dimension "${spec.dimension}" holds sketches, which cannot be grouped by. ` +
          'Use the aggregator "hyperUnique" for it.',
        { details: { column: spec.dimension } },
      );
  }
}

/**
 * The part of the time bucket: an id a bucket.
 *
 * @param places which of the segments take part
 */
export function bucketPart(
  buckets: JoinedBuckets,
  segments: readonly RunPiece[],
  places: readonly number[],
): KeyPart {
  return {
    size: buckets.starts.length,
    valueOf: (id) => id,
    segments: places.map((place) =>
      idRows({ ids: segments[place].segment.time().ids, remap: buckets.bucketsOf[place] }),
    ),
  };
}

function nullPart(segmentCount: number): KeyPart {
  const rows: KeyRows = { read: (batch, ids) => void ids.fill(0, 0, batch.count), lists: null };
  return {
    size: 1,
    valueOf: () => null,
    segments: Array.from({ length: segmentCount }, () => rows),
  };
}

function isNumeric(column: Column | null): column is LongColumn | FloatingColumn {
  return column?.type === 'long' || column?.type === 'float' || column?.type === 'double';
}

function idRows(column: KeyColumn): KeyRows {
  const { remap } = column;
  return {
    read(batch, ids) {
      readIds(column.ids, batch, ids);
      if (remap !== null) lookUpIds(ids, batch.count, remap, ids);
    },
    lists: null,
    column,
  };
}

/** @param remap of a column of lists it has a last entry for rows without values */
function textRows(column: StringColumn | MultiStringColumn, remap: Uint32Array | null): KeyRows {
  if (column.type === 'string') {
    const starts = column.index?.type === 'ranges' ? column.index.starts : undefined;
    return idRows({ ids: column.ids, remap, starts });
  }
  const lists = { column, emptyId: column.dictionary.size, remap };
  return { read: () => undefined, lists };
}

interface PartValues {
  readonly size: number;
  readonly valueOf: (id: number) => DimensionValue;
  /** Per segment the part's id of each entry; null where they are the same. */
  readonly tables: readonly (Uint32Array | null)[];
}

function textValues(
  spec: DimensionSpec,
  columns: readonly (StringColumn | MultiStringColumn)[],
  { shared }: { readonly shared: () => SharedDictionary },
): PartValues {
  const { outputType } = spec;
  if (outputType !== 'STRING') {
    const parse = outputType === 'LONG' ? parseExactLong : parseDouble;
    return merged(
      columns.map((column) =>
        Array.from({ length: entryCount(column) }, (_none, id) => {
          const text = id < column.dictionary.size ? column.dictionary.valueAt(id) : null;
          const value = text === null ? null : parse(text);
          return outputType === 'FLOAT' && value !== null ? Math.fround(Number(value)) : value;
        }),
      ),
    );
  }
  const [first] = columns;
  if (columns.length === 1) {
    const { dictionary } = first;
    const valueOf = (id: number): string | null =>
      id < dictionary.size ? dictionary.valueAt(id) : null;
    return { size: entryCount(first), valueOf, tables: [withoutSecondNull(first)] };
  }
  const dictionary = shared();
  const tables = columns.map((column) => dictionary.tableOf(column.dictionary));
  return { size: dictionary.size, valueOf: (id) => dictionary.valueAt(id), tables };
}

/** Entries of a column's dictionary, and of lists one more that stands for a row without values. */
function entryCount({ type, dictionary }: StringColumn | MultiStringColumn): number {
  return dictionary.size + (type === 'strings' ? 1 : 0);
}

/** Of lists the null at the end means the same as entry 0 where that is null. */
function withoutSecondNull(column: StringColumn | MultiStringColumn): Uint32Array | null {
  if (column.type === 'string' || !column.dictionary.hasNull) return null;
  const remap = scratchIds(entryCount(column));
  for (let id = 0; id < column.dictionary.size; id++) remap[id] = id;
  return remap;
}

function timeValue(ms: number, outputType: OutputType): DimensionValue {
  switch (outputType) {
    case 'STRING':
      return String(ms);
    case 'LONG':
      return BigInt(ms);
    case 'FLOAT':
      return Math.fround(ms);
    case 'DOUBLE':
      return ms;
  }
}

/** Gives entries with equal values one id, in whatever segment. */
function merged(segments: readonly (readonly DimensionValue[])[]): PartValues {
  const idOf = new Map<DimensionValue, number>();
  const tables = segments.map((values) => {
    const table = scratchIds(values.length);
    for (const [entry, value] of values.entries()) {
      // A map tells not-a-number and both zeros as numbers should be told.
      const id = idOf.get(value) ?? idOf.size;
      idOf.set(value, id);
      table[entry] = id;
    }
    return table;
  });
  const distinct = [...idOf.keys()];
  return { size: distinct.length, valueOf: (id) => distinct[id] ?? null, tables };
}

/** A partial column of the values of ids. */
export function dimensionColumn(
  part: Pick<KeyPart, 'size' | 'valueOf'>,
  outputType: OutputType,
  ids: Float64Array,
): PartialColumn {
  if (outputType === 'STRING') return textColumn(part, ids);
  const nulls = new Uint8Array(ids.length);
  const longs = new BigInt64Array(outputType === 'LONG' ? ids.length : 0);
  const doubles = new Float64Array(outputType === 'LONG' ? 0 : ids.length);
  for (const [row, id] of ids.entries()) {
    const value = part.valueOf(id);
    if (value === null) nulls[row] = 1;
    else if (typeof value === 'bigint') longs[row] = value;
    else doubles[row] = Number(value);
  }
  const someNulls = nulls.includes(1) ? nulls : null;
  if (outputType === 'LONG') return { type: 'long', values: longs, nulls: someNulls };
  const type = outputType === 'FLOAT' ? 'float' : 'double';
  return { type, values: doubles, nulls: someNulls };
}

function textColumn(part: Pick<KeyPart, 'size' | 'valueOf'>, ids: Float64Array): PartialColumn {
  const dictionary: (string | null)[] = [];
  // Place + 1 of each id, by array where that is not much larger than the answer.
  const known =
    part.size <= ids.length * 16 + 1024 ? scratchIds(part.size) : new Map<number, number>();
  const places = new Uint32Array(ids.length);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    let place = (known instanceof Map ? known.get(id) : known[id]) ?? 0;
    if (place === 0) {
      const value = part.valueOf(id);
      place = dictionary.push(value === null ? null : String(value));
      if (known instanceof Map) known.set(id, place);
      else known[id] = place;
    }
    places[row] = place - 1;
  }
  return { type: 'string', dictionary: TextDictionary.fromTexts(dictionary), ids: places };
}
