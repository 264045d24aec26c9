import {
  CapacityError,
  CorruptSegmentError,
  IsothermError,
  ResourceLimitError,
  TimeoutError,
} from '@isotherm/errors';
import { memoryNet, nodeClock, seededRandom } from '@isotherm/platform';
import { type RpcClient, type ServingNode, rpcClient } from '@isotherm/rpc';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Gathered,
  type Nodes,
  answersWithin,
  missingError,
  piecesWithout,
  scatter,
} from '../src/scatter.ts';
import { Suspects } from '../src/suspects.ts';
import { applyUpdate, segmentKeyOf } from '../src/timeline-view.ts';
import { type Answering, counts, fails, fakeHistorical, hangs, until } from './fake-cluster.ts';
import { daySegment, keysOf, servingNode, timelineUpdate } from './fixtures.ts';

const days = [1, 2, 3, 4].map((day) => daySegment(day));
const keys = keysOf(days);
const pieces = days.map((descriptor) => ({
  segmentKey: segmentKeyOf(descriptor),
  descriptor,
  intervals: [descriptor.id.interval],
}));

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Historicals by id, each serving all days, the first ones preferred. */
async function cluster(answers: Record<string, Answering>) {
  const net = memoryNet();
  const clock = nodeClock();
  const ids = Object.keys(answers);
  const historicals = await Promise.all(ids.map((id) => fakeHistorical(net, id, answers[id])));
  const update = timelineUpdate({
    added: days,
    nodesChanged: ids.map((id, index) => servingNode(id, days, { priority: -index })),
  });
  const view = applyUpdate(null, update);
  const clients = new Map<string, RpcClient>();
  const client = ({ address }: ServingNode): RpcClient => {
    const found = clients.get(address) ?? rpcClient({ net, clock, address });
    clients.set(address, found);
    return found;
  };
  closing.push(async () => {
    for (const each of clients.values()) each.close();
    for (const { server } of historicals) await server.close();
  });
  const nodes: Nodes = {
    view: () => view,
    client,
    load: new Map(),
    random: seededRandom(1),
    suspects: new Suspects(clock),
  };
  const stop = new AbortController();
  const run = (): Promise<Gathered> =>
    scatter(
      pieces,
      {
        queryId: 'q1',
        queryType: 'timeseries',
        queryText: new TextEncoder().encode('{}'),
        priority: 3,
        isWhole: true,
        signal: stop.signal,
        remainingMs: () => 1234.5,
      },
      nodes,
    );
  return {
    net,
    nodes,
    run,
    stop,
    byId: Object.fromEntries(ids.map((id, i) => [id, historicals[i]])),
  };
}

function summary({ answers, missing }: Gathered): unknown {
  return {
    rows: answers.reduce((sum, { scannedRows }) => sum + scannedRows, 0),
    answered: answers.flatMap(({ pieces }) => pieces.map(({ segmentKey }) => segmentKey)).sort(),
    missing: missing.map(({ piece }) => piece.segmentKey),
  };
}

const complete = { rows: 40, answered: keys, missing: [] };

describe('scatter', () => {
  it('asks each node once, with its segments, the rest of the time, and the query as it came', async () => {
    const { run, byId } = await cluster({ a: counts() });
    expect(summary(await run())).toEqual(complete);
    expect(byId['a']?.asked).toEqual([
      {
        queryType: 'timeseries',
        queryId: 'q1',
        segments: pieces.map(({ segmentKey, intervals }) => ({ segmentKey, intervals })),
        isOnlyNode: true,
        timeoutMs: 1234,
        priority: 3,
      },
    ]);
    expect(byId['a']?.texts).toEqual(['{}']);
  });

  it('lets a node leave groups out only when no other one is asked', async () => {
    const { run, byId } = await cluster({ a: counts(10, [keys[1] ?? '']), b: counts() });
    await run();
    expect(['a', 'b'].flatMap((id) => byId[id]?.asked.map(({ isOnlyNode }) => isOnlyNode))).toEqual(
      [true, false],
    );
  });

  it('asks a replica for what a node does not serve any more, and only for that', async () => {
    const { run, byId } = await cluster({ a: counts(10, [keys[1] ?? '']), b: counts() });
    expect(summary(await run())).toEqual(complete);
    expect(byId['b']?.asked.map(({ segments }) => segments.map((s) => s.segmentKey))).toEqual([
      [keys[1]],
    ]);
  });

  it.each([
    ['is overloaded', new CapacityError('Full.')],
    ['finds its copy damaged', new CorruptSegmentError('Block 3.')],
  ])('asks a replica when a node %s', async (_name, error) => {
    const { run } = await cluster({ a: fails(error), b: counts() });
    expect(summary(await run())).toEqual(complete);
  });

  it('throws away what a node sent before it died, and asks a replica for all of it', async () => {
    const { run, net, byId } = await cluster({ a: hangs, b: counts() });
    const result = run();
    await until(() => byId['a']?.asked.length === 1);
    await nodeClock().sleep(20);
    net.cut('a:8083');
    expect(summary(await result)).toEqual(complete);
  });

  it('asks a replica when a node cannot be reached', async () => {
    const { run, byId } = await cluster({ a: counts(), b: counts() });
    await byId['a']?.server.close();
    expect(summary(await run())).toEqual(complete);
  });

  it('does not try a node again at once that was lost, as long as there is another one', async () => {
    const { run, byId, net } = await cluster({ a: hangs, b: counts() });
    const first = run();
    await until(() => byId['a']?.asked.length === 1);
    net.cut('a:8083');
    await first;
    expect(summary(await run())).toEqual(complete);
    expect([byId['a']?.asked.length, byId['b']?.asked.length]).toEqual([1, 2]);
  });

  it('names what nobody answers for', async () => {
    const lost = [keys[0] ?? '', keys[2] ?? ''];
    const { run } = await cluster({ a: counts(10, lost), b: counts(10, lost) });
    expect(summary(await run())).toEqual({
      rows: 20,
      answered: [keys[1], keys[3]],
      missing: lost,
    });
  });

  it('ends with the query’s own fault at once, and cancels the other nodes', async () => {
    const fault = new ResourceLimitError('Too many groups.', { code: 'TOO_MANY_GROUPS' });
    const { run, byId, nodes } = await cluster({ a: counts(), b: hangs });
    // Equal priority: both nodes are asked.
    const view = applyUpdate(
      null,
      timelineUpdate({
        added: days,
        nodesChanged: [servingNode('a', days), servingNode('b', days)],
      }),
    );
    Object.assign(nodes, { view: () => view });
    const [a, b] = [byId['a'], byId['b']];
    if (a) a.answer = fails(fault, () => until(() => b?.asked.length === 1));
    await expect(run()).rejects.toMatchObject({ code: 'TOO_MANY_GROUPS', status: 400 });
    await until(() => b?.cancelled.length === 1);
    await until(() => nodes.load.size === 0);
  });

  it('ends with the reason of the signal, which reaches the nodes', async () => {
    const { run, byId, stop } = await cluster({ a: hangs, b: counts() });
    const result = run();
    await until(() => byId['a']?.asked.length === 1);
    stop.abort(new TimeoutError('Too late.'));
    await expect(result).rejects.toThrow('Too late.');
    await until(() => byId['a']?.cancelled.length === 1);
    expect(byId['b']?.asked).toEqual([]);
  });
});

describe('answers of an earlier plan', () => {
  const answer = { pieces: pieces.slice(0, 2), partials: [], scannedRows: 1 };

  it('hold when all their pieces are in the new plan', () => {
    expect(answersWithin([answer], pieces)).toEqual([answer]);
    expect(piecesWithout(pieces, [answer])).toEqual(pieces.slice(2));
  });

  it('do not hold when one of them is gone or covers other times', () => {
    expect(answersWithin([answer], pieces.slice(1))).toEqual([]);
    const [first] = pieces;
    const clipped = first && { ...first, intervals: [{ start: 0, end: 1 }] };
    expect(answersWithin([answer], clipped ? [clipped, ...pieces.slice(1)] : [])).toEqual([]);
  });
});

describe('the error for missing segments', () => {
  const facts = { dataSource: 'ads', segmentCount: 9, timelineVersion: 5 };
  const missing = (cause: IsothermError | null) => pieces.map((piece) => ({ piece, cause }));

  it('names and counts them, and may be retried', () => {
    const error = missingError(missing(null), facts);
    expect(error.message).toBe(
      `4 of 9 segments of datasource "ads" are served by no node that answers: "${keys[0]}", "${keys[1]}", "${keys[2]}" and 1 more. Retry shortly, or set "allowPartial" in the context to get an answer over the rest.`,
    );
    expect([error.status, error.code, error.retryAfterSeconds]).toEqual([
      503,
      'SEGMENTS_UNAVAILABLE',
      1,
    ]);
    expect(error.details).toEqual({
      missingCount: 4,
      segmentCount: 9,
      missingSegments: keys,
      timelineVersion: 5,
    });
  });

  it('is the refusal of the nodes when all of them were overloaded', () => {
    const error = missingError(missing(new CapacityError('Full.')), facts);
    expect([error.status, error.message, error.retryAfterSeconds]).toEqual([429, 'Full.', 1]);
  });
});
