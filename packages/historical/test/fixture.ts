/** A small table of page views in segments, and a coordinator that a test plays by hand. */
import type { DeepStorage } from '@isotherm/deep-storage';
import type { Clock, Net } from '@isotherm/platform';
import type { GroupedPartial, PartialResult } from '@isotherm/query';
import {
  type HistoricalNode,
  type Message,
  type NodeCommand,
  type RpcServer,
  type SegmentsRequest,
  type ServedReport,
  serveRpc,
} from '@isotherm/rpc';
import { writeSegment } from '@isotherm/segment';
import { type SegmentDescriptor, formatSegmentId } from '@isotherm/timeline';
import type { PoolRequest } from '../src/segment-pool.ts';

/** One day of page views as a segment. */
export interface SampleSegment {
  readonly segmentKey: string;
  readonly descriptor: SegmentDescriptor;
  readonly bytes: Uint8Array;
}

const dayMs = 86_400_000;

/** Day `day` of 1970: `rowCount` rows, page `p0` to `p3` in turn, one view in row 0, two in row 1, and so on. */
export function sampleSegment(day: number, rowCount = 4): SampleSegment {
  const interval = { start: day * dayMs, end: (day + 1) * dayMs };
  const pages = Array.from({ length: rowCount }, (_, row) => row % Math.min(4, rowCount));
  pages.sort((a, b) => a - b);
  const views = { name: 'views', type: 'long' as const };
  const written = writeSegment({
    schema: {
      dataSource: 'pages',
      namespace: 'default',
      interval,
      dimensions: [{ name: 'page', type: 'string', multiValueHandling: 'SORTED_ARRAY' }],
      metrics: [{ ...views, aggregator: { type: 'longSum', name: 'views', fieldName: 'views' } }],
      sortOrder: ['page', '__time'],
      rollup: true,
      queryGranularity: { type: 'none' },
      timestampSpec: null,
    },
    rowCount,
    time: Float64Array.from({ length: rowCount }, (_, row) => interval.start + row),
    columns: new Map([
      [
        'page',
        {
          type: 'string' as const,
          dictionary: ['p0', 'p1', 'p2', 'p3'].slice(0, rowCount),
          ids: Uint32Array.from(pages),
        },
      ],
      [
        'views',
        {
          type: 'long' as const,
          values: BigInt64Array.from({ length: rowCount }, (_, row) => BigInt(row + 1)),
          nulls: null,
        },
      ],
    ]),
  });
  const id = { dataSource: 'pages', namespace: 'default', interval, version: 1, partition: 0 };
  const descriptor: SegmentDescriptor = {
    id,
    partitionCount: 1,
    rowCount,
    bytes: written.bytes.length,
    memoryBytes: written.memoryBytes,
    sha256: written.sha256,
    key: `pages/day-${day}.arrow`,
    dimensions: [{ name: 'page', type: 'string' }],
    metrics: [views],
    timeRange: written.timeRange,
    jobId: 'job',
  };
  return { segmentKey: formatSegmentId(id), descriptor, bytes: written.bytes };
}

/** Puts segments into deep storage. */
export async function store(
  storage: DeepStorage,
  segments: readonly SampleSegment[],
): Promise<void> {
  for (const { descriptor, bytes } of segments) await storage.put(descriptor.key, bytes);
}

/** Sum of views, over everything or by page; the filter keeps it from being answered by the file's statistics. */
export function viewsQuery(queryType: 'timeseries' | 'groupBy' = 'timeseries'): string {
  return JSON.stringify({
    queryType,
    dataSource: 'pages',
    intervals: ['1970-01-01/1971-01-01'],
    granularity: 'all',
    filter: { type: 'in', dimension: 'page', values: ['p0', 'p1', 'p2', 'p3'] },
    ...(queryType === 'groupBy' ? { dimensions: ['page'] } : {}),
    aggregations: [{ type: 'longSum', name: 'views', fieldName: 'views' }],
  });
}

/** A request for whole segments as it travels. */
export function messageFor(
  segments: readonly SampleSegment[],
  text = viewsQuery(),
): Message<SegmentsRequest> {
  const { query, ...json } = requestFor(segments, { query: text });
  return { json: { queryType: 'timeseries', ...json }, bytes: [new TextEncoder().encode(query)] };
}

/** A request for whole segments. */
export function requestFor(
  segments: readonly SampleSegment[],
  changes: Partial<PoolRequest> = {},
): PoolRequest {
  return {
    query: viewsQuery(),
    queryId: 'q1',
    segments: segments.map(({ segmentKey, descriptor }) => ({
      segmentKey,
      intervals: [descriptor.id.interval],
    })),
    timeoutMs: 10_000,
    priority: 0,
    isOnlyNode: false,
    ...changes,
  };
}

/** Adds the first state, the sum of views, over all rows of grouped partials. */
export function sumOfViews(partials: readonly PartialResult[]): bigint {
  const grouped = partials.filter(
    (partial): partial is GroupedPartial => partial.kind === 'grouped',
  );
  return grouped
    .flatMap(({ states }) => (states[0]?.type === 'long' ? [...states[0].values] : []))
    .reduce((sum, value) => sum + value, 0n);
}

/** A coordinator by hand. */
export interface PlayedCoordinator {
  readonly server: RpcServer;
  /** Registrations so far, oldest first. */
  readonly registrations: { node: HistoricalNode; served: readonly string[] }[];
  readonly reports: ServedReport[];
  command(command: NodeCommand): void;
  load(segment: SampleSegment): void;
}

/** Starts a coordinator that sends what the test tells it to. */
export async function playCoordinator(
  net: Net,
  clock: Clock,
  address: string,
): Promise<PlayedCoordinator> {
  const registrations: PlayedCoordinator['registrations'] = [];
  const reports: ServedReport[] = [];
  const waiting: NodeCommand[] = [];
  let wake = (): void => {};
  const server = await serveRpc({
    net,
    clock,
    address,
    handlers: {
      'coordinator.register': async function* ({ json }, { signal }) {
        registrations.push(json);
        signal.addEventListener('abort', () => wake());
        while (!signal.aborted) {
          for (const json of waiting.splice(0)) yield { json, bytes: [] };
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
      'coordinator.report': async function* ({ json }) {
        reports.push(json);
        yield { json: { accepted: true }, bytes: [] };
      },
    },
  });
  const command = (given: NodeCommand): void => {
    waiting.push(given);
    wake();
  };
  return {
    server,
    registrations,
    reports,
    command,
    load: ({ segmentKey, descriptor }) => command({ type: 'load', segmentKey, descriptor }),
  };
}

/** Waits until a condition holds; fails the test by its time limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
}
