/**
 * Writes a segment: encode each column, then lay the file out. Equal input gives equal bytes, on any
 * machine with the same Node.
 */
import { createHash } from 'node:crypto';
import { checkInput, requireColumn } from './check-input.ts';
import type { EncodedColumn } from './column/encoded.ts';
import { encodeFloating } from './column/floating.ts';
import { encodeHyperUniques } from './column/hyper-unique.ts';
import { encodeLong } from './column/long.ts';
import { encodeMultiStrings } from './column/multi-string.ts';
import { encodeStrings } from './column/string.ts';
import { encodeTime, timeIdsOf } from './column/time.ts';
import { loadedBytesOf } from './directory.ts';
import { layOutFile } from './file-layout.ts';
import { formatVersion } from './format.ts';
import type { ColumnInput, SegmentInput, WriteOptions, WrittenSegment } from './input.ts';
import { countTimes, deservesTimeSums, encodeTimeSums } from './time-sums.ts';

const hashStepBytes = 2 ** 28;

/**
 * Writes a segment file into memory.
 *
 * @throws InvalidInputError if a column is too large for one file or a text is no Unicode
 * @throws InvariantError if the columns do not fit the schema or each other
 */
export function writeSegment(input: SegmentInput, options: WriteOptions = {}): WrittenSegment {
  const compression = options.compression ?? 'zstd';
  checkInput(input);
  const { schema, rowCount } = input;
  const encoded = [
    encodeTime(input.time),
    ...[...schema.dimensions, ...schema.metrics].map(({ name }) =>
      encodeColumn(name, requireColumn(input, name)),
    ),
  ];
  const timeRange = timeRangeOf(encoded[0]);
  const { bytes, columns } = layOutFile({
    formatVersion,
    schema,
    rowCount,
    compression,
    timeRange,
    columns: withTimeSums(input, encoded, options.leastRowsPerTime),
  });
  const memoryBytes = loadedBytesOf(columns);
  return { bytes, sha256: digestOf(bytes), memoryBytes, rowCount, timeRange };
}

/** Adds the blocks of sums by time, where they are worth their bytes. */
function withTimeSums(
  input: SegmentInput,
  columns: readonly EncodedColumn[],
  leastRows: number | undefined,
): readonly EncodedColumn[] {
  const [time] = columns;
  const { ids, timeCount } = timeIdsOf(time);
  if (!deservesTimeSums(timeCount, input.rowCount, leastRows)) return columns;
  return columns.map((column) => {
    const blocks = new Map(column.blocks);
    if (column === time) blocks.set('timeCounts', countTimes(ids, timeCount));
    else {
      const sums = encodeTimeSums(requireColumn(input, column.name), ids, timeCount);
      if (sums !== null) blocks.set('timeSums', sums.timeSums);
      if (sums !== null && sums.timeCounts !== null) blocks.set('timeCounts', sums.timeCounts);
    }
    return { ...column, blocks };
  });
}

/** SHA-256 in hexadecimal; a hash takes less than 2 GiB at once. */
function digestOf(bytes: Uint8Array): string {
  const hash = createHash('sha256');
  for (let start = 0; start < bytes.length; start += hashStepBytes) {
    hash.update(bytes.subarray(start, start + hashStepBytes));
  }
  return hash.digest('hex');
}

function encodeColumn(name: string, column: ColumnInput): EncodedColumn {
  switch (column.type) {
    case 'string':
      return encodeStrings(name, column);
    case 'strings':
      return encodeMultiStrings(name, column);
    case 'long':
      return encodeLong(name, column);
    case 'double':
    case 'float':
      return encodeFloating(name, column);
    case 'hyperUnique':
      return encodeHyperUniques(name, column);
  }
}

function timeRangeOf(time: EncodedColumn): WrittenSegment['timeRange'] {
  const { min, max } = time.statistics;
  if (typeof min !== 'number' || typeof max !== 'number') return null;
  return { minMs: min, maxMs: max };
}
