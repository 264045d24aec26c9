/**
 * Segments as the timeline and the listings see them, and revert and redo.
 */
import { formatInterval } from '@isotherm/timeline';
import type { JobState, MetadataStore, SegmentRecord, TimelineSnapshot } from '../store.ts';
import { writeAudit } from './audit.ts';
import { type Connection, integerOf, textOf } from './connection.ts';
import { descriptorOf } from './descriptor.ts';
import { timelineVersion } from './jobs.ts';

/** Every visible and used segment with the version they belong to; inside one transaction. */
export function readTimeline(db: Connection): TimelineSnapshot {
  const rows = db.all(
    `SELECT descriptor FROM segments JOIN jobs USING (jobId) WHERE state = 'visible' AND used = 1
     ORDER BY segments.dataSource, segments.namespace, startMs, segments.version, partition`,
  );
  return {
    timelineVersion: timelineVersion(db),
    segments: rows.map(descriptorOf),
  };
}

/** Segments in any state, newest version first. */
export function listSegments(
  db: Connection,
  filter: { dataSource?: string; namespace?: string },
): SegmentRecord[] {
  const [dataSource, namespace] = [filter.dataSource ?? null, filter.namespace ?? null];
  const rows = db.all(
    `SELECT descriptor, state, used FROM segments JOIN jobs USING (jobId)
     WHERE (?1 IS NULL OR segments.dataSource = ?1) AND (?2 IS NULL OR segments.namespace = ?2)
     ORDER BY segments.version DESC, startMs, partition`,
    [dataSource, namespace],
  );
  return rows.map((row) => ({
    descriptor: descriptorOf(row),
    // The CHECK of the table jobs allows these states only.
    state: textOf(row, 'state') as JobState,
    used: integerOf(row, 'used') === 1,
  }));
}

/** Enables or disables segments; inside a writing transaction. @returns how many changed */
export function setUsed(
  db: Connection,
  ...parameters: Parameters<MetadataStore['setUsed']>
): number {
  const [{ dataSource, namespace, version, interval }, used, audit] = parameters;
  const changedCount = db.run(
    `UPDATE segments SET used = ?1 WHERE dataSource = ?2 AND namespace = ?3 AND version = ?4
       AND (?5 IS NULL OR (startMs >= ?5 AND endMs <= ?6)) AND used <> ?1`,
    [used ? 1 : 0, dataSource, namespace, version, interval?.start ?? null, interval?.end ?? null],
  );
  if (changedCount === 0) return 0;
  db.next('timelineVersion');
  const scope = { version, interval: interval === null ? null : formatInterval(interval) };
  writeAudit(db, {
    action: used ? 'enableSegments' : 'disableSegments',
    subject: `${dataSource}@${namespace}`,
    ...audit,
    payload: { ...scope, changedCount },
  });
  return changedCount;
}
