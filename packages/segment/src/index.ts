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
export type { ByteSource, Segment } from './segment.ts';
