import { InvalidQueryError, IsothermError, TimeoutError } from '@isotherm/errors';
import {
  type ManualClock,
  type MemoryNet,
  manualClock,
  memoryDisk,
  memoryNet,
  nodeClock,
  seededRandom,
} from '@isotherm/platform';
import { type QueryAnswerContext, type RpcClient, rpcClient } from '@isotherm/rpc';
import { afterEach, describe, expect, it } from 'vitest';
import { type Broker, parseBrokerConfig, startBroker } from '../src/index.ts';
import {
  type Answering,
  type FakeCoordinator,
  type FakeHistorical,
  counts,
  fails,
  fakeCoordinator,
  fakeHistorical,
  hangs,
  scans,
  until,
} from './fake-cluster.ts';
import { daySegment, keysOf, servingNode, timelineUpdate } from './fixtures.ts';

const days = [1, 2, 3].map((day) => daySegment(day));
const keys = keysOf(days);
const query = {
  queryType: 'timeseries',
  dataSource: 'ads',
  granularity: 'all',
  intervals: '2026-01-01/2026-01-05',
  aggregations: [{ type: 'count', name: 'rows' }],
};

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Cluster {
  readonly net: MemoryNet;
  readonly broker: Broker;
  readonly coordinator: FakeCoordinator;
  readonly client: RpcClient;
  readonly byId: Record<string, FakeHistorical>;
  readonly log: string[];
}

/** A broker over historicals by id that serve all days, the first one preferred. */
async function cluster(
  answers: Record<string, Answering>,
  settings: Record<string, unknown> = {},
  clock: ManualClock | ReturnType<typeof nodeClock> = nodeClock(),
): Promise<Cluster> {
  const net = memoryNet();
  const ids = Object.keys(answers);
  const byId: Record<string, FakeHistorical> = {};
  for (const id of ids) byId[id] = await fakeHistorical(net, id, answers[id], clock);
  const whole = timelineUpdate({
    timelineVersion: 5,
    added: days,
    nodesChanged: ids.map((id, index) => servingNode(id, days, { priority: -index })),
  });
  const coordinator = await fakeCoordinator(net, whole, clock);
  const config = parseBrokerConfig({
    listen: 'broker:8082',
    coordinator: 'coordinator:8081',
    ...settings,
  });
  const log: string[] = [];
  const broker = await startBroker({
    config,
    net,
    clock,
    random: seededRandom(1),
    disk: memoryDisk(),
    log: (line) => log.push(line),
  });
  const client = rpcClient({ net, clock, address: broker.address });
  closing.push(async () => {
    client.close();
    await broker.close();
    await coordinator.server.close();
    for (const { server } of Object.values(byId)) await server.close();
  });
  await until(() => broker.status().timelineVersion !== null);
  return { net, broker, coordinator, client, byId, log };
}

async function ask(
  { client }: Cluster,
  json: unknown = query,
  over: { queryId?: string; allowed?: string[]; signal?: AbortSignal } = {},
): Promise<{ context: QueryAnswerContext | null; result: unknown }> {
  const request = {
    queryId: over.queryId ?? 'q1',
    allowedDataSources: over.allowed ?? null,
  };
  const message = { json: request, bytes: [new TextEncoder().encode(JSON.stringify(json))] };
  let context: QueryAnswerContext | null = null;
  let text = '';
  const options = over.signal ? { signal: over.signal } : {};
  for await (const item of client.call('broker.query', message, options)) {
    context ??= item.json.context;
    for (const bytes of item.bytes) text += new TextDecoder().decode(bytes);
  }
  return { context, result: JSON.parse(text) };
}

async function failure(run: Promise<unknown>): Promise<IsothermError> {
  const outcome = await run.catch((error: unknown) => error);
  if (outcome instanceof IsothermError) return outcome;
  throw new Error(`Expected a failure, got ${JSON.stringify(outcome)}`);
}

const answerOf = (rows: number): unknown => [
  { timestamp: '2026-01-01T00:00:00.000Z', result: { rows } },
];

describe('a query', () => {
  it('is answered over all its segments, and says what it covered', async () => {
    const { context, result } = await ask(await cluster({ a: counts(), b: counts() }));
    expect(result).toEqual(answerOf(30));
    expect(context).toEqual({
      timelineVersion: 5,
      segmentsAnswered: 3,
      segmentsTotal: 3,
      scannedRows: 30,
      rowCount: 1,
      partial: false,
      missingSegments: [],
      uncoveredIntervals: ['2026-01-04T00:00:00.000Z/2026-01-05T00:00:00.000Z'],
    });
  });

  it('over no segment is answered without asking anybody', async () => {
    const all = await cluster({ a: counts() });
    const { context, result } = await ask(all, { ...query, intervals: '2027-01-01/2027-01-02' });
    expect(result).toEqual([{ timestamp: '2027-01-01T00:00:00.000Z', result: { rows: 0 } }]);
    expect(context?.segmentsTotal).toBe(0);
    expect(all.byId['a']?.asked).toEqual([]);
  });

  it.each([
    ['topN', { dimension: 'country', metric: 'rows', threshold: 3 }],
    ['groupBy', { dimensions: ['country'] }],
  ])('%s over no segment answers an empty list', async (queryType, parts) => {
    const all = await cluster({ a: counts() });
    const { result } = await ask(all, {
      ...query,
      queryType,
      ...parts,
      intervals: '2027-01-01/2027-01-02',
    });
    expect(result).toEqual([]);
  });

  it('for the bounds of whole segments asks nobody', async () => {
    const all = await cluster({ a: counts() });
    const { context, result } = await ask(all, { queryType: 'timeBoundary', dataSource: 'ads' });
    expect(result).toEqual([
      {
        timestamp: '2026-01-01T01:00:00.000Z',
        result: { minTime: '2026-01-01T01:00:00.000Z', maxTime: '2026-01-03T22:59:59.999Z' },
      },
    ]);
    expect(context).toMatchObject({ segmentsAnswered: 3, segmentsTotal: 3, scannedRows: 0 });
    expect(all.byId['a']?.asked).toEqual([]);
  });

  it('that is wrong, or of an unknown datasource, fails before anybody is asked', async () => {
    const all = await cluster({ a: counts() });
    expect(await failure(ask(all, { ...query, queryType: 'timesries' }))).toMatchObject({
      status: 400,
    });
    expect(await failure(ask(all, { ...query, dataSource: 'adz' }))).toMatchObject({
      status: 404,
      code: 'UNKNOWN_DATASOURCE',
    });
    expect(await failure(ask(all, query, { allowed: ['other'] }))).toMatchObject({ status: 404 });
    expect(all.byId['a']?.asked).toEqual([]);
  });

  it('fails as the historical says when it is the query’s fault', async () => {
    const fault = new InvalidQueryError('Column "x" is text.', { code: 'NOT_A_NUMBER' });
    const error = await failure(ask(await cluster({ a: fails(fault), b: counts() })));
    expect([error.status, error.code, error.message]).toEqual([
      400,
      'NOT_A_NUMBER',
      'Column "x" is text.',
    ]);
  });
});

describe('segments that a node does not serve', () => {
  it('are asked of a replica', async () => {
    const all = await cluster({ a: counts(10, keys), b: counts() });
    expect((await ask(all)).result).toEqual(answerOf(30));
  });

  it('are planned once more by the newest version, and answers that still hold are kept', async () => {
    const all = await cluster({ a: counts(10, [keys[1] ?? '']) });
    const newer = daySegment(2, { version: 9 });
    const [newKey = ''] = keysOf([newer]);
    const a = all.byId['a'];
    const isFirst = { now: true };
    if (a) {
      a.answer = async function* (request, signal) {
        if (isFirst.now) {
          isFirst.now = false;
          all.coordinator.send(
            timelineUpdate({
              full: false,
              timelineVersion: 6,
              added: [newer],
              removedKeys: [keys[1] ?? ''],
              nodesChanged: [servingNode('a', [...days, newer])],
            }),
          );
          await until(() => all.broker.status().timelineVersion === 6);
        }
        yield* counts(10, [keys[1] ?? ''])(request, signal);
      };
    }
    const { context, result } = await ask(all);
    expect(result).toEqual(answerOf(30));
    expect(context).toMatchObject({ timelineVersion: 6, segmentsAnswered: 3, segmentsTotal: 3 });
    expect(a?.asked.map(({ segments }) => segments.map((each) => each.segmentKey))).toEqual([
      keys,
      [newKey],
    ]);
  });

  it('fail the query by name in the end', async () => {
    const error = await failure(ask(await cluster({ a: counts(10, keys.slice(1)) })));
    expect([error.status, error.code, error.retryAfterSeconds]).toEqual([
      503,
      'SEGMENTS_UNAVAILABLE',
      1,
    ]);
    expect(error.details).toEqual({
      missingCount: 2,
      segmentCount: 3,
      missingSegments: keys.slice(1),
      timelineVersion: 5,
    });
  });

  it('are left out when the query allows it, and the answer says so', async () => {
    const all = await cluster({ a: counts(10, keys.slice(1)) });
    const { context, result } = await ask(all, { ...query, context: { allowPartial: true } });
    expect(result).toEqual(answerOf(10));
    expect(context).toMatchObject({
      partial: true,
      segmentsAnswered: 1,
      segmentsTotal: 3,
      missingSegments: keys.slice(1),
    });
  });
});

describe('a scan', () => {
  const twentyDays = Array.from({ length: 20 }, (_, index) => daySegment(index + 1));
  const scan = {
    queryType: 'scan',
    dataSource: 'ads',
    intervals: '2026-01-01/2026-02-01',
    columns: ['clicks'],
  };
  async function scanCluster(answer: Answering): Promise<Cluster> {
    const all = await cluster({ a: answer });
    all.coordinator.send(
      timelineUpdate({
        timelineVersion: 6,
        added: twentyDays,
        nodesChanged: [servingNode('a', twentyDays)],
      }),
    );
    await until(() => all.broker.status().timelineVersion === 6);
    return all;
  }
  const rowsOf = (result: unknown): [string, number][] =>
    (result as { segmentId: string; events: unknown[] }[]).map(({ segmentId, events }) => [
      segmentId,
      events.length,
    ]);
  const asked = (all: Cluster): number[] =>
    all.byId['a']?.asked.map(({ segments }) => segments.length) ?? [];
  const dayKeys = keysOf(twentyDays);

  it('with a limit asks for the first segments, and for more only when rows are missing', async () => {
    const all = await scanCluster(scans(3));
    expect(rowsOf((await ask(all, { ...scan, limit: 4, offset: 2 })).result)).toEqual([
      [dayKeys[0], 1],
      [dayKeys[1], 3],
    ]);
    expect(asked(all)).toEqual([4]);
    expect(rowsOf((await ask(all, { ...scan, limit: 14 })).result).at(-1)).toEqual([dayKeys[4], 2]);
    expect(asked(all)).toEqual([4, 4, 16]);
  });

  it.each([
    ['without a limit', {}],
    ['in order of time', { limit: 1, order: 'descending', columns: ['__time', 'clicks'] }],
  ])('%s asks for all at once', async (_name, parts) => {
    const all = await scanCluster(scans(3));
    await ask(all, { ...scan, ...parts });
    expect(asked(all)).toEqual([20]);
  });

  it('gives rows in the order of segments, whatever order they came in', async () => {
    const { result } = await ask(await scanCluster(scans(1)), scan);
    expect(rowsOf(result).map(([key]) => key)).toEqual(dayKeys);
  });

  it('with a limit fails for a segment that it needs, and not for one that it does not', async () => {
    const all = await scanCluster(scans(3, [dayKeys[2] ?? '', dayKeys[9] ?? '']));
    expect(await failure(ask(all, { ...scan, limit: 4 }))).toMatchObject({
      code: 'SEGMENTS_UNAVAILABLE',
    });
    const second = await scanCluster(scans(3, [dayKeys[9] ?? '']));
    expect(rowsOf((await ask(second, { ...scan, limit: 4 })).result)).toEqual([
      [dayKeys[0], 3],
      [dayKeys[1], 1],
    ]);
  });
});

describe('a node that dies while it answers', () => {
  it('costs nothing but time when there is a replica', async () => {
    const all = await cluster({ a: hangs, b: counts() });
    const result = ask(all);
    await until(() => all.byId['a']?.asked.length === 1);
    await nodeClock().sleep(10);
    all.net.cut('a:8083');
    expect((await result).result).toEqual(answerOf(30));
  });

  it('is noticed by its silence', async () => {
    const clock = manualClock(Date.UTC(2026, 1, 1));
    const all = await cluster({ a: hangs, b: counts() }, {}, clock);
    const result = ask(all);
    await until(() => all.byId['a']?.asked.length === 1);
    all.net.silence('a:8083');
    await clock.advance(6000);
    expect((await result).result).toEqual(answerOf(30));
  });
});

describe('a query ends early', () => {
  it('by its time limit, which reaches the historical', async () => {
    const all = await cluster({ a: hangs });
    const error = await failure(ask(all, { ...query, context: { timeout: 30, queryId: 'slow' } }));
    expect([error.status, error.code, error.message]).toEqual([
      504,
      'QUERY_TIMEOUT',
      'Query "slow" took longer than its limit of 30 ms. Ask for a shorter interval or fewer groups, or raise "timeout" in the context.',
    ]);
    await until(() => all.byId['a']?.cancelled.includes('slow') === true);
  });

  it('by its time limit also when the historical notices first', async () => {
    const all = await cluster({ a: fails(new TimeoutError('Took longer than 26 ms.')) });
    const error = await failure(ask(all, { ...query, context: { timeout: 900, queryId: 'q' } }));
    expect([error.status, error.message]).toEqual([
      504,
      'Query "q" took longer than its limit of 900 ms. Ask for a shorter interval or fewer groups, or raise "timeout" in the context.',
    ]);
  });

  it('by a cancellation, which reaches the historical', async () => {
    const all = await cluster({ a: hangs });
    const result = failure(ask(all, query, { queryId: 'q7' }));
    await until(() => all.byId['a']?.asked.length === 1);
    const cancel = (queryId: string) =>
      all.client.callOnce('broker.cancel', { json: { queryId }, bytes: [] });
    expect((await cancel('nobody')).json).toEqual({ cancelled: false });
    expect((await cancel('q7')).json).toEqual({ cancelled: true });
    expect(await result).toMatchObject({
      status: 500,
      code: 'QUERY_CANCELLED',
      message: 'Query "q7" was cancelled by request.',
    });
    await until(() => all.byId['a']?.cancelled.includes('q7') === true);
  });

  it('when the caller goes away', async () => {
    const all = await cluster({ a: hangs });
    const caller = new AbortController();
    const result = failure(ask(all, query, { signal: caller.signal }));
    await until(() => all.byId['a']?.asked.length === 1);
    caller.abort();
    expect((await result).code).toBe('QUERY_CANCELLED');
    await until(() => all.byId['a']?.cancelled.length === 1);
  });
});

describe('a broker', () => {
  it('refuses what it cannot take, at once', async () => {
    const all = await cluster({ a: hangs }, { maxRunningQueries: 1, maxQueuedQueries: 0 });
    const stop = new AbortController();
    const first = failure(ask(all, query, { signal: stop.signal }));
    await until(() => all.byId['a']?.asked.length === 1);
    expect(await failure(ask(all))).toMatchObject({
      status: 429,
      code: 'QUERY_CAPACITY_EXCEEDED',
      retryAfterSeconds: 1,
    });
    stop.abort();
    await first;
  });

  it('goes on answering without the coordinator, and says how old its view is', async () => {
    const all = await cluster({ a: counts() });
    await all.coordinator.server.close();
    await until(() => all.broker.status().viewAgeMs > 0);
    expect((await ask(all)).result).toEqual(answerOf(30));
  });

  it('tells its datasources', async () => {
    const all = await cluster({ a: counts() });
    const { json } = await all.client.callOnce('broker.dataSources', { json: {}, bytes: [] });
    expect(json).toEqual([
      {
        name: 'ads',
        dimensions: ['country', 'device'],
        metrics: ['clicks'],
        segmentCount: 3,
        rowCount: 3000,
      },
    ]);
  });

  it('counts visible segments that nobody serves', async () => {
    const all = await cluster({ a: counts() });
    const gone = timelineUpdate({ full: false, timelineVersion: 5, nodesGone: ['a'] });
    all.coordinator.send(gone);
    await until(() => all.broker.status().unavailableSegments === 3);
    const { json } = await all.client.callOnce('broker.status', { json: {}, bytes: [] });
    expect(json).toEqual({
      timelineVersion: 5,
      visibleSegments: 3,
      unavailableSegments: 3,
      viewAgeMs: 0,
    });
  });
});

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(parseBrokerConfig({})).toEqual({
      listen: '127.0.0.1:8082',
      coordinator: '127.0.0.1:8081',
      snapshotDir: 'isotherm-data/broker',
      brokerId: null,
      maxRunningQueries: 64,
      maxQueuedQueries: 256,
      defaultTimeoutMs: 300_000,
      snapshotDelayMs: 5000,
      lingerMs: 30_000,
    });
  });

  it('refuses what it does not know', () => {
    expect(() => parseBrokerConfig({ snapshotDirr: '/tmp' })).toThrow(
      '"snapshotDirr" is not a known field.',
    );
    expect(() => parseBrokerConfig({ coordinator: 'here' })).toThrow(
      'Address "here" cannot be read.',
    );
  });
});
