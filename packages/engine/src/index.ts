export type { NeededColumns, RunSegment, SegmentRun } from './engine.ts';
export { defaultBatchRows } from './engine.ts';
export { neededColumns } from './needed-columns.ts';
export { runSegment } from './run-segment.ts';
