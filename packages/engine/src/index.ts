export type { NeededColumns, RunPiece, RunSegments, SegmentsRun } from './engine.ts';
export { defaultBatchRows } from './engine.ts';
export type { Leaders } from './metric-leaders.ts';
export { findLeaders } from './metric-leaders.ts';
export { neededColumns } from './needed-columns.ts';
export { onlyGroups } from './plan-cut.ts';
export { runSegments } from './run-segment.ts';
export { SharedDictionaries } from './shared-dictionaries.ts';
