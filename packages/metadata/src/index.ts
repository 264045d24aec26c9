export type {
  Job,
  JobRequest,
  JobState,
  Leadership,
  MetadataStore,
  Rule,
  SegmentRecord,
  TieredReplicants,
  TimelineSnapshot,
} from './store.ts';
export { defaultRulesKey, parseRules } from './rules.ts';
export { openSqliteStore } from './sqlite/sqlite-store.ts';
