export type {
  Column,
  ColumnStatistics,
  FloatingColumn,
  HyperUniqueColumn,
  LongColumn,
  MultiStringColumn,
  NarrowInteger,
  NarrowUnsigned,
  StringColumn,
  StringDictionary,
  StringIndex,
  TimeColumn,
} from './columns.ts';
export type { DimensionSchema, MetricSchema, SegmentSchema } from './schema.ts';
export type { ByteSource, ColumnMemory, OpenOptions, ReadPart, Segment } from './segment.ts';
export type { ColumnTimeSums, TimeSums } from './time-sums.ts';
export { timeSumsPart } from './time-sums.ts';
export type {
  ColumnInput,
  SegmentInput,
  TextEntries,
  WriteOptions,
  WrittenSegment,
} from './input.ts';
export type { Compression } from './format.ts';
export type { ZoneMap } from './zones.ts';
export { memorySource } from './byte-source.ts';
export { openSegment } from './reader.ts';
export { writeSegment } from './writer.ts';
export { uncompressSegment } from './uncompress.ts';
export { mergeSegments } from './merge.ts';
export type { CellValue, ColumnInspection, SegmentInspection } from './inspect.ts';
export { inspectSegment } from './inspect.ts';
