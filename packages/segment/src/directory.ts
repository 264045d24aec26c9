/**
 * The directory: the JSON block that says all a reader must know before it reads a column. It is
 * checked field by field, because a file may come from anywhere.
 *
 *   {rowCount, compression, timeRange: [minMs, maxMs] | null, schema,
 *    columns: [{name, layout, statistics: [nullCount, distinctCount, min, max, sum, sumError],
 *               blocks: {role: [start, length, bytes, crc32]}}]}
 *
 * Longs are decimal strings; doubles are numbers, or strings where JSON has none (NaN, -0, ±Infinity).
 */
import type { ColumnStatistics } from './columns.ts';
import type {
  BlockPlace,
  BlockRole,
  ColumnEntry,
  ColumnLayout,
  Directory,
  FormatVersion,
} from './format.ts';
import { Json } from './json.ts';
import { schemaFromJson, schemaToJson } from './schema-json.ts';

const longPattern = /^-?\d{1,25}$/;
const idWidths = ['uint8', 'uint16', 'uint32'] as const;
const integerWidths = [...idWidths, 'int8', 'int16', 'int32', 'int64'] as const;
const rowLimit = 2 ** 31 - 1;

/** Writes the directory as JSON text; equal directories give equal texts. */
export function encodeDirectory(directory: Omit<Directory, 'formatVersion'>): string {
  const { rowCount, compression, timeRange } = directory;
  return JSON.stringify({
    rowCount,
    compression,
    timeRange: timeRange === null ? null : [timeRange.minMs, timeRange.maxMs],
    schema: schemaToJson(directory.schema),
    columns: directory.columns.map((column) => ({
      name: column.name,
      layout: column.layout,
      statistics: statisticsToJson(column.statistics),
      blocks: Object.fromEntries(
        Object.entries(column.blocks).map(([role, place]) => [
          role,
          [place.start, place.length, place.bytes, place.crc32],
        ]),
      ),
    })),
  });
}

/**
 * Reads a directory.
 *
 * @param file.formatVersion  what the footer says
 * @param file.bytes          no block may end behind it
 * @throws CorruptSegmentError naming the place that is not as it should be
 */
export function decodeDirectory(
  text: string,
  file: { readonly formatVersion: FormatVersion; readonly bytes: number },
): Directory {
  const root = Json.parse(text, 'directory');
  const range = root.field('timeRange');
  const [minMs, maxMs] = range.isNull ? [] : range.items(2);
  return {
    formatVersion: file.formatVersion,
    schema: schemaFromJson(root.field('schema')),
    rowCount: root.field('rowCount').integer(rowLimit),
    compression: root.field('compression').oneOf(['zstd', 'none']),
    timeRange:
      minMs === undefined || maxMs === undefined
        ? null
        : { minMs: minMs.number(), maxMs: maxMs.number() },
    columns: root
      .field('columns')
      .items()
      .map((column) => columnFromJson(column, file.bytes)),
  };
}

function columnFromJson(json: Json, fileBytes: number): ColumnEntry {
  const layout = layoutFromJson(json.field('layout'));
  const blocks: Partial<Record<BlockRole, BlockPlace>> = {};
  for (const [role, place] of json.field('blocks').entries(roles)) {
    const [start, length, bytes, crc32] = place.items(4);
    blocks[role] = {
      start: start?.integer(fileBytes) ?? 0,
      length: length?.integer(fileBytes) ?? 0,
      bytes: bytes?.integer(2 ** 34) ?? 0,
      crc32: crc32?.integer(2 ** 32 - 1) ?? 0,
    };
  }
  return {
    name: json.field('name').text(),
    layout,
    statistics: statisticsFromJson(json.field('statistics'), layout.type),
    blocks,
  };
}

const roles: readonly BlockRole[] = [
  'dictionaryOffsets',
  'dictionaryValues',
  'validity',
  'offsets',
  'itemValidity',
  'values',
  'zones',
  'indexOffsets',
  'indexRows',
  'timeCounts',
  'timeSums',
];

function layoutFromJson(json: Json): ColumnLayout {
  const type = json
    .field('type')
    .oneOf(['time', 'string', 'strings', 'long', 'double', 'float', 'hyperUnique']);
  switch (type) {
    case 'time':
      return {
        type,
        distinctCount: json.field('distinctCount').integer(rowLimit),
        width: json.field('width').oneOf(idWidths),
      };
    case 'string':
      return {
        type,
        dictionarySize: json.field('dictionarySize').integer(rowLimit),
        hasNull: json.field('hasNull').boolean(),
        entryBytes: entryBytesFromJson(json),
        width: json.field('width').oneOf(idWidths),
        index: json.field('index').oneOf([null, 'ranges', 'postings', 'steps']),
      };
    case 'strings':
      return {
        type,
        dictionarySize: json.field('dictionarySize').integer(rowLimit),
        hasNull: json.field('hasNull').boolean(),
        entryBytes: entryBytesFromJson(json),
        width: json.field('width').oneOf(idWidths),
        itemCount: json.field('itemCount').integer(rowLimit),
        index: json.field('index').oneOf([null, 'postings', 'steps']),
      };
    case 'long':
      return { type, width: json.field('width').oneOf(integerWidths) };
    case 'double':
    case 'float':
    case 'hyperUnique':
      return { type };
  }
}

/** Format 1 did not say it. */
function entryBytesFromJson(layout: Json): number | null {
  if (!layout.has('entryBytes')) return null;
  const json = layout.field('entryBytes');
  return json.isNull ? null : json.integer(rowLimit);
}

function statisticsToJson(statistics: ColumnStatistics): unknown[] {
  const { nullCount, distinctCount, min, max, sum, sumError } = statistics;
  return [nullCount, distinctCount, ...[min, max, sum, sumError].map(valueToJson)];
}

function valueToJson(value: bigint | number | string | null): number | string | null {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'number') return value;
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

function statisticsFromJson(json: Json, type: ColumnLayout['type']): ColumnStatistics {
  const [nullCount, distinctCount, min, max, sum, sumError] = json.items(6);
  if (!nullCount || !distinctCount || !min || !max || !sum || !sumError) throw json.damaged();
  const numeric = type === 'long' ? longFromJson : doubleFromJson;
  const bound = type === 'string' || type === 'strings' ? textFromJson : numeric;
  return {
    nullCount: nullCount.integer(rowLimit),
    distinctCount: distinctCount.isNull ? null : distinctCount.integer(rowLimit),
    min: bound(min),
    max: bound(max),
    sum: numeric(sum),
    sumError: doubleFromJson(sumError),
  };
}

function textFromJson(json: Json): string | null {
  return json.isNull ? null : json.text();
}

function longFromJson(json: Json): bigint | null {
  if (json.isNull) return null;
  const text = json.text();
  if (!longPattern.test(text)) throw json.damaged();
  return BigInt(text);
}

function doubleFromJson(json: Json): number | null {
  if (json.isNull) return null;
  return json.isText ? Number(json.oneOf(['NaN', '-0', 'Infinity', '-Infinity'])) : json.number();
}

/**
 * Blocks that are read when a column is loaded. The others are for other readers, or are implied by
 * those: ids by the ranges of a clustered column, offsets by entries of one length, values by a least
 * and greatest value that are the same.
 */
export function loadedRoles(column: ColumnEntry): readonly BlockRole[] {
  const { layout } = column;
  switch (layout.type) {
    case 'time':
      return ['dictionaryValues', 'values', 'zones'];
    case 'string':
    case 'strings': {
      const roles: BlockRole[] = ['dictionaryValues', 'offsets', 'indexOffsets', 'indexRows'];
      if (layout.entryBytes === null) roles.unshift('dictionaryOffsets');
      if (layout.index !== 'ranges') roles.push('values');
      return roles;
    }
    case 'long':
      return constantOf(column) === null ? ['validity', 'values', 'zones'] : ['zones'];
    case 'double':
    case 'float':
      return ['validity', 'values', 'zones'];
    case 'hyperUnique':
      return ['offsets', 'values'];
  }
}

/** The value of every row of a long column; null where they differ or some are null. */
export function constantOf({ layout, statistics }: ColumnEntry): bigint | null {
  const { nullCount, min, max } = statistics;
  const isConstant = layout.type === 'long' && nullCount === 0 && min === max;
  return isConstant && typeof min === 'bigint' ? min : null;
}

/** Bytes that a column holds in memory once it is loaded, without what queries derive from it. */
export function loadedColumnBytes(column: ColumnEntry): number {
  return bytesOfRoles(column, loadedRoles(column));
}

/** Bytes that the sums by time of all columns hold in memory. */
export function timeSumsBytes(columns: readonly ColumnEntry[]): number {
  return columns.reduce((sum, column) => sum + bytesOfRoles(column, ['timeCounts', 'timeSums']), 0);
}

/** Bytes that a segment holds in memory once all of it is loaded. */
export function loadedBytesOf(columns: readonly ColumnEntry[]): number {
  return columns.reduce((sum, column) => sum + loadedColumnBytes(column), timeSumsBytes(columns));
}

function bytesOfRoles({ blocks }: ColumnEntry, roles: readonly BlockRole[]): number {
  return roles.reduce((sum, role) => sum + (blocks[role]?.bytes ?? 0), 0);
}
