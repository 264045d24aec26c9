export type { BadRow } from './bad-rows.ts';
export { isDeadProcess } from './job-lease.ts';
export type {
  IngestionPhase,
  IngestionProgress,
  IngestionReport,
  SegmentReport,
} from './report.ts';
export { defaultLeaseMs, runIngestion } from './run-ingestion.ts';
export type { IngestionJob } from './run-ingestion.ts';
export type { IngestionSpec } from './spec/ingestion-spec.ts';
export { parseSpec } from './spec/parse-spec.ts';
