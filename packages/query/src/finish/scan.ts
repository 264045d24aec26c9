/**
 * Scan: rows of segments one after another, or merged by time. Offset and limit count over all
 * segments. As in Druid, a time-ordered scan with a limit mixes segments in batches without a segment
 * id, and one without a limit gives each row a batch of its own.
 */
import type { ScanQuery } from '../model.ts';
import type { ScanPartial } from '../partial.ts';
import type { FinishedScan, ScanBatch } from './finished-result.ts';

/** One row of a scan: which partial, which row of it. */
interface Place {
  readonly partial: ScanPartial;
  readonly row: number;
}

/** Finishes a scan over partials in the order of their segments. */
export function finishScan(query: ScanQuery, partials: readonly ScanPartial[]): FinishedScan {
  const batches =
    query.order === 'none' ? inSegmentOrder(query, partials) : inTimeOrder(query, partials);
  const rowCount = batches.reduce(
    (sum, { runs }) => sum + runs.reduce((count, { rows }) => count + rows.length, 0),
    0,
  );
  return { queryType: 'scan', rowCount, batches };
}

function inSegmentOrder(query: ScanQuery, partials: readonly ScanPartial[]): ScanBatch[] {
  const batches = new Array<ScanBatch>();
  let toSkip = query.offset;
  let toTake = query.limit ?? Infinity;
  for (const partial of partials) {
    const first = Math.min(toSkip, partial.rowCount);
    toSkip -= first;
    const end = Math.min(partial.rowCount, first + toTake);
    toTake -= end - first;
    for (let start = first; start < end; start += query.batchSize) {
      const count = Math.min(query.batchSize, end - start);
      const rows = new Uint32Array(count).map((_, index) => start + index);
      batches.push({ segmentId: partial.segmentId, runs: [{ partial, rows }] });
    }
  }
  return batches;
}

function inTimeOrder(query: ScanQuery, partials: readonly ScanPartial[]): ScanBatch[] {
  const places = [...mergedByTime(query, partials)];
  const isLimited = query.limit !== null || query.offset > 0;
  if (!isLimited || query.context.raw['scanOutermost'] === false) {
    return places.map(({ partial, row }) => ({
      segmentId: partial.segmentId,
      runs: [{ partial, rows: Uint32Array.of(row) }],
    }));
  }
  const batches = new Array<ScanBatch>();
  for (let start = 0; start < places.length; start += query.batchSize) {
    batches.push({ segmentId: null, runs: runsOf(places.slice(start, start + query.batchSize)) });
  }
  return batches;
}

/** Rows between offset and limit in order of time; ties keep the order of segments, then of rows. */
function* mergedByTime(query: ScanQuery, partials: readonly ScanPartial[]): Generator<Place> {
  const sign = query.order === 'descending' ? -1 : 1;
  const end = query.offset + (query.limit ?? Infinity);
  const heads = partials.map((partial) => ({ partial, row: 0 }));
  for (let taken = 0; taken < end; taken++) {
    let next: (typeof heads)[number] | null = null;
    for (const head of heads) {
      if (head.row >= head.partial.rowCount) continue;
      if (next === null || (timeAt(head) - timeAt(next)) * sign < 0) next = head;
    }
    if (next === null) return;
    if (taken >= query.offset) yield { ...next };
    next.row++;
  }
}

function timeAt({ partial, row }: Place): number {
  return partial.times[row] ?? 0;
}

/** Neighbours of one partial become one run, so that a writer looks columns up once a run. */
function runsOf(places: readonly Place[]): ScanBatch['runs'] {
  const runs = new Array<{ partial: ScanPartial; rows: number[] }>();
  for (const { partial, row } of places) {
    const last = runs.at(-1);
    if (last?.partial === partial) last.rows.push(row);
    else runs.push({ partial, rows: [row] });
  }
  return runs.map(({ partial, rows }) => ({ partial, rows: Uint32Array.from(rows) }));
}
