/** A coordinator and historicals that do what a test tells them, over the in-process network. */
import { type Clock, type Net, nodeClock } from '@isotherm/platform';
import type { GroupedPartial } from '@isotherm/query';
import {
  type Message,
  type RpcServer,
  type SegmentsAnswer,
  type SegmentsRequest,
  type TimelineUpdate,
  encodePartials,
  serveRpc,
} from '@isotherm/rpc';

/** A coordinator that sends what `send` was given; a new watcher first gets `whole`. */
export interface FakeCoordinator {
  /** What the next watcher is told first. */
  whole: TimelineUpdate;
  send(update: TimelineUpdate): void;
  /** Versions in the order in which they were acknowledged. */
  readonly acknowledged: number[];
  readonly watchers: string[];
  refuseAcknowledgements: boolean;
  readonly server: RpcServer;
}

export async function fakeCoordinator(
  net: Net,
  whole: TimelineUpdate,
  clock: Clock = nodeClock(),
): Promise<FakeCoordinator> {
  const queues = new Set<{ items: TimelineUpdate[]; wake: () => void }>();
  const fake = {
    whole,
    send(update: TimelineUpdate) {
      for (const queue of queues) {
        queue.items.push(update);
        queue.wake();
      }
    },
    acknowledged: [] as number[],
    watchers: [] as string[],
    refuseAcknowledgements: false,
  };
  const server = await serveRpc({
    net,
    clock,
    address: 'coordinator:8081',
    handlers: {
      'coordinator.watch': async function* ({ json }, { signal }) {
        fake.watchers.push(json.brokerId);
        const queue = { items: [fake.whole], wake: () => {} };
        queues.add(queue);
        signal.addEventListener('abort', () => queue.wake());
        while (!signal.aborted) {
          for (const update of queue.items.splice(0)) yield { json: update, bytes: [] };
          await new Promise<void>((resolve) => {
            queue.wake = resolve;
            if (queue.items.length > 0 || signal.aborted) resolve();
          });
        }
        queues.delete(queue);
      },
      'coordinator.acknowledge': async function* ({ json }) {
        if (fake.refuseAcknowledgements) throw new Error('Refused.');
        fake.acknowledged.push(json.timelineVersion);
        yield { json: { accepted: true as const }, bytes: [] };
      },
    },
  });
  return Object.assign(fake, { server });
}

/** How a fake historical answers one call. */
export type Answering = (
  request: SegmentsRequest,
  signal: AbortSignal,
) => AsyncIterable<Message<SegmentsAnswer>>;

/** A historical with a record of what it was asked and of calls that were cancelled. */
export interface FakeHistorical {
  readonly asked: SegmentsRequest[];
  /** Texts of the queries. */
  readonly texts: string[];
  readonly cancelled: string[];
  answer: Answering;
  readonly server: RpcServer;
}

export async function fakeHistorical(
  net: Net,
  nodeId: string,
  answer: Answering = counts(),
  clock: Clock = nodeClock(),
): Promise<FakeHistorical> {
  const fake = {
    asked: [] as SegmentsRequest[],
    texts: [] as string[],
    cancelled: [] as string[],
    answer,
  };
  const server = await serveRpc({
    net,
    clock,
    address: `${nodeId}:8083`,
    handlers: {
      'historical.run': ({ json, bytes }, { signal }) => {
        fake.asked.push(json);
        fake.texts.push(new TextDecoder().decode(bytes[0]));
        signal.addEventListener('abort', () => fake.cancelled.push(json.queryId));
        return fake.answer(json, signal);
      },
    },
  });
  return Object.assign(fake, { server });
}

/** Answers `rowsPerSegment` counted rows a segment, but says that it misses `missing`. */
export function counts(rowsPerSegment = 10, missing: readonly string[] = []): Answering {
  return async function* ({ segments }) {
    const asked = segments.map(({ segmentKey }) => segmentKey);
    const missingKeys = asked.filter((key) => missing.includes(key));
    const rows = (asked.length - missingKeys.length) * rowsPerSegment;
    yield {
      json: { missingKeys, scannedRows: rows },
      bytes: rows === 0 ? [] : [encodePartials([countPartial(rows)])],
    };
  };
}

/** Answers a scan: each segment has one row for each of `rowsPerSegment` clicks. */
export function scans(rowsPerSegment: number, missing: readonly string[] = []): Answering {
  return async function* ({ segments }) {
    const keys = segments.map(({ segmentKey }) => segmentKey);
    const served = keys.filter((key) => !missing.includes(key));
    const values = BigInt64Array.from({ length: rowsPerSegment }, (_, row) => BigInt(row));
    const partials = served.map((segmentId) => ({
      kind: 'scan' as const,
      rowCount: rowsPerSegment,
      segmentId,
      columns: [{ name: 'clicks', column: { type: 'long' as const, values, nulls: null } }],
      times: new Float64Array(rowsPerSegment),
      scannedRows: rowsPerSegment,
    }));
    yield {
      json: {
        missingKeys: keys.filter((key) => missing.includes(key)),
        scannedRows: served.length * rowsPerSegment,
      },
      // Nodes answer in no promised order.
      bytes: [encodePartials(partials.reverse())],
    };
  };
}

/** Fails with an error, once `first` is over. */
export function fails(error: Error, first: () => Promise<void> = async () => {}): Answering {
  // An answer that consists of its failure.
  // eslint-disable-next-line require-yield
  return async function* () {
    await first();
    throw error;
  };
}

/** Never answers; ends when it is cancelled. */
export async function* hangs(
  _request: SegmentsRequest,
  signal: AbortSignal,
): AsyncGenerator<Message<SegmentsAnswer>> {
  yield { json: { missingKeys: [], scannedRows: 1 }, bytes: [encodePartials([countPartial(1)])] };
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve);
  });
}

/** One count over all time from 2026-01-01. */
export function countPartial(rows: number): GroupedPartial {
  return {
    kind: 'grouped',
    rowCount: 1,
    times: Float64Array.of(Date.UTC(2026, 0, 1)),
    dimensions: [],
    states: [{ type: 'long', values: BigInt64Array.of(BigInt(rows)), nulls: null }],
    scannedRows: rows,
  };
}

/** Waits until something holds, by turns of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`It never held: ${String(holds)}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}
