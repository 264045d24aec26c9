/**
 * One part of a group key: turns rows into small ids, and ids back into values of the type that
 * the dimension is asked for. Text and time bring their dictionary; numbers get ids in
 * number-part.ts; a missing column is one null.
 */
import type { Batch, IdArray, TextEntries } from '@isotherm/kernels';
import { lookUpIds, pickTexts, readIds, scratchIds } from '@isotherm/kernels';
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
import type { SharedDictionaries } from './shared-dictionaries.ts';

/** A value in the type of the dimension: text, bigint for LONG, number for FLOAT and DOUBLE. */
export type DimensionValue = string | bigint | number | null;

/** How a dimension is answered. */
export type OutputType = DimensionSpec['outputType'];

/** A part of a group key over the segments of a run. Different ids have different values. */
export interface KeyPart {
  /** Ids are below it, in every segment. */
  readonly size: number;
  /** What ids stand for: entries of a dictionary, which stay bytes, or values. */
  readonly values: KeyTexts | KeyValues;
  /** How the rows of each segment become ids. */
  readonly segments: readonly KeyRows[];
}

/** Ids that are entries of a dictionary. */
export interface KeyTexts {
  readonly type: 'texts';
  readonly entries: TextEntries;
  /** The entry that is null; it has no bytes. -1 = none. */
  readonly nullId: number;
  /** The entry of each id, shape [size], where they are not the same. */
  readonly entryOf?: Uint32Array;
}

/** Ids whose values are made one by one. */
export interface KeyValues {
  readonly type: 'values';
  valueOf(id: number): DimensionValue;
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
      const { size, values, tables } =
        spec.outputType === 'STRING'
          ? plainTexts(spec.dimension, { segments, columns: texts }, dictionaries)
          : parsedTexts(spec.outputType, texts);
      return { size, values, segments: texts.map((each, i) => textRows(each, tables[i])) };
    }
    case 'time': {
      const times = columns.filter((each) => each?.type === 'time');
      const { size, values, tables } = merged(
        times.map(({ distinct }) => Array.from(distinct, (ms) => timeValue(ms, spec.outputType))),
      );
      return {
        size,
        values,
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
    values: { type: 'values', valueOf: (id) => id },
    segments: places.map((place) =>
      idRows({ ids: segments[place].segment.time().ids, remap: buckets.bucketsOf[place] }),
    ),
  };
}

function nullPart(segmentCount: number): KeyPart {
  const rows: KeyRows = { read: (batch, ids) => void ids.fill(0, 0, batch.count), lists: null };
  return {
    size: 1,
    values: { type: 'values', valueOf: () => null },
    segments: Array.from({ length: segmentCount }, () => rows),
  };
}

function isNumeric(column: Column | null): column is LongColumn | FloatingColumn {
  return column?.type === 'long' || column?.type === 'float' || column?.type === 'double';
}

/** Rows of a column of ids. */
export function idRows(column: KeyColumn): KeyRows {
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
function textRows(column: TextColumn, remap: Uint32Array | null): KeyRows {
  if (column.type === 'string') {
    const starts = column.index?.type === 'ranges' ? column.index.starts : undefined;
    return idRows({ ids: column.ids, remap, starts });
  }
  const lists = { column, emptyId: column.dictionary.size, remap };
  return { read: () => undefined, lists };
}

interface PartValues {
  readonly size: number;
  readonly values: KeyTexts | KeyValues;
  /** Per segment the part's id of each entry; null where they are the same. */
  readonly tables: readonly (Uint32Array | null)[];
}

type TextColumn = StringColumn | MultiStringColumn;

/** Texts as they are: a single segment's own dictionary, or the shared one. */
function plainTexts(
  name: string,
  given: { readonly segments: readonly Segment[]; readonly columns: readonly TextColumn[] },
  dictionaries: SharedDictionaries,
): PartValues {
  const { segments, columns } = given;
  const [first] = columns;
  if (columns.length > 1) {
    const { texts, idsOf } = dictionaries.join(name, segments, columns);
    return {
      size: texts.size,
      values: { type: 'texts', entries: texts, nullId: 0 },
      tables: idsOf,
    };
  }
  const { dictionary } = first;
  const size = entryCount(first);
  if (first.type === 'string' || dictionary.hasNull) {
    const nullId = dictionary.hasNull ? 0 : -1;
    const values: KeyTexts = { type: 'texts', entries: dictionary, nullId };
    return { size, values, tables: [withoutSecondNull(first)] };
  }
  // A row without values is null, which needs an entry of its own.
  const offsets = scratchIds(size + 1);
  offsets.set(dictionary.offsets);
  offsets[size] = dictionary.offsets[dictionary.size];
  const entries = { offsets, bytes: dictionary.bytes };
  return { size, values: { type: 'texts', entries, nullId: size - 1 }, tables: [null] };
}

/** Numbers that texts stand for. */
function parsedTexts(
  outputType: Exclude<OutputType, 'STRING'>,
  columns: readonly TextColumn[],
): PartValues {
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

/** Entries of a column's dictionary, and of lists one more that stands for a row without values. */
function entryCount({ type, dictionary }: TextColumn): number {
  return dictionary.size + (type === 'strings' ? 1 : 0);
}

/** Of lists the null at the end means the same as entry 0 where that is null. */
function withoutSecondNull(column: TextColumn): Uint32Array | null {
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
  const valueOf = (id: number): DimensionValue => distinct[id] ?? null;
  return { size: distinct.length, values: { type: 'values', valueOf }, tables };
}

/**
 * A partial column of the values of ids.
 *
 * @param ids taken over
 */
export function dimensionColumn(
  part: Pick<KeyPart, 'size' | 'values'>,
  outputType: OutputType,
  ids: Uint32Array,
): PartialColumn {
  const { size, values } = part;
  if (values.type === 'texts') {
    const { used, places } = distinctIds(size, ids);
    const { entries, nullId, entryOf } = values;
    if (entryOf !== undefined) for (let i = 0; i < used.length; i++) used[i] = entryOf[used[i]];
    const texts = pickTexts(entries, used);
    const dictionary = new TextDictionary({ ...texts, nullId: used.indexOf(nullId) });
    return { type: 'string', dictionary, ids: places };
  }
  if (outputType === 'STRING') {
    const { used, places } = distinctIds(size, ids);
    const texts = Array.from(used, (id) => {
      const value = values.valueOf(id);
      return value === null ? null : String(value);
    });
    return { type: 'string', dictionary: TextDictionary.fromTexts(texts), ids: places };
  }
  return numberColumn(values, outputType, ids);
}

function numberColumn(
  values: KeyValues,
  outputType: Exclude<OutputType, 'STRING'>,
  ids: Uint32Array,
): PartialColumn {
  const nulls = new Uint8Array(ids.length);
  const longs = new BigInt64Array(outputType === 'LONG' ? ids.length : 0);
  const doubles = new Float64Array(outputType === 'LONG' ? 0 : ids.length);
  for (const [row, id] of ids.entries()) {
    const value = values.valueOf(id);
    if (value === null) nulls[row] = 1;
    else if (typeof value === 'bigint') longs[row] = value;
    else doubles[row] = Number(value);
  }
  const someNulls = nulls.includes(1) ? nulls : null;
  if (outputType === 'LONG') return { type: 'long', values: longs, nulls: someNulls };
  const type = outputType === 'FLOAT' ? 'float' : 'double';
  return { type, values: doubles, nulls: someNulls };
}

/** The ids that occur, in the order in which they come first, and the place of each row's among them. */
function distinctIds(
  size: number,
  ids: Uint32Array,
): { readonly used: Uint32Array; readonly places: Uint32Array } {
  const used = scratchIds(ids.length);
  const places = new Uint32Array(ids.length);
  let count = 0;
  // Place + 1 of each id, by array where that is not much larger than the answer.
  if (size <= ids.length * 16 + 1024) {
    const known = scratchIds(size);
    for (let row = 0; row < ids.length; row++) {
      const id = ids[row];
      if (known[id] === 0) {
        used[count] = id;
        count += 1;
        known[id] = count;
      }
      places[row] = known[id] - 1;
    }
  } else {
    const known = new Map<number, number>();
    for (let row = 0; row < ids.length; row++) {
      const place = known.get(ids[row]) ?? count;
      if (place === count) {
        known.set(ids[row], place);
        used[count] = ids[row];
        count += 1;
      }
      places[row] = place;
    }
  }
  return { used: used.subarray(0, count), places };
}
