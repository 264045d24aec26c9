export type { NeededColumns, RunPiece, RunSegments, SegmentsRun } from './engine.ts';
export { defaultBatchRows } from './engine.ts';
export { neededColumns } from './needed-columns.ts';
export { runSegments } from './run-segment.ts';
export { SharedDictionaries } from './shared-dictionaries.ts';
