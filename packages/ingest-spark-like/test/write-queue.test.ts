import { afterEach, describe, expect, it } from 'vitest';
import type { ColumnInput, SegmentInput, SegmentSchema } from '@isotherm/segment';
import { WriteQueue } from '../src/write-queue.ts';

const open: WriteQueue[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((queue) => queue.close()));
});

function queueOf(threads: number): WriteQueue {
  const queue = new WriteQueue(threads, 0);
  open.push(queue);
  return queue;
}

const columns: readonly (readonly [string, ColumnInput])[] = [
  ['country', { type: 'string', dictionary: [null, 'DE', 'FR'], ids: Uint32Array.of(0, 1, 2) }],
  [
    'tags',
    {
      type: 'strings',
      dictionary: ['a', 'b'],
      offsets: Uint32Array.of(0, 2, 2, 3),
      ids: Uint32Array.of(0, 1, 1),
    },
  ],
  [
    'clicks',
    { type: 'long', values: BigInt64Array.of(1n, 0n, -3n), nulls: Uint8Array.of(0, 1, 0) },
  ],
  ['price', { type: 'double', values: Float64Array.of(0.5, 1.5, 2.5), nulls: null }],
  ['users', { type: 'hyperUnique', images: [1, 2, 3].map(() => new Uint8Array()) }],
];

const schema: SegmentSchema = {
  dataSource: 'ads',
  namespace: 'default',
  interval: { start: 0, end: 1000 },
  dimensions: [
    { name: 'country', type: 'string', multiValueHandling: 'SORTED_ARRAY' },
    { name: 'tags', type: 'string', multiValueHandling: 'SORTED_ARRAY' },
  ],
  metrics: [
    { name: 'clicks', type: 'long', aggregator: { type: 'longSum' } },
    { name: 'price', type: 'double', aggregator: { type: 'doubleSum' } },
    { name: 'users', type: 'hyperUnique', aggregator: { type: 'hyperUnique' } },
  ],
  sortOrder: [],
  rollup: true,
  queryGranularity: null,
  timestampSpec: null,
};

/** A fresh one each time, because the queue takes its arrays. */
function input(changes: ReadonlyMap<string, ColumnInput> = new Map()): SegmentInput {
  return {
    schema,
    rowCount: 3,
    time: Float64Array.of(1, 2, 3),
    columns: new Map([...structuredClone(columns), ...changes]),
  };
}

async function digests(threads: number, files: number): Promise<(string | undefined)[]> {
  const queue = queueOf(threads);
  const found: string[] = [];
  for (let file = 0; file < files; file++) {
    await queue.add(input(), {}, async ({ sha256 }) => {
      found[file] = sha256;
    });
  }
  await queue.drain();
  return found;
}

describe('the queue of segments to be written', () => {
  it('writes the same bytes with none, one and two threads', async () => {
    const inline = await digests(0, 6);
    expect(new Set(inline).size).toBe(1);
    expect(await digests(1, 6)).toEqual(inline);
    expect(await digests(2, 6)).toEqual(inline);
  });

  it.each([0, 1])('tells what is wrong with the input, with %i threads', async (threads) => {
    const queue = queueOf(threads);
    const half: ColumnInput = {
      type: 'string',
      dictionary: ['\ud800'],
      ids: new Uint32Array(3),
    };
    const write = async (): Promise<void> => {
      await queue.add(input(new Map([['country', half]])), {}, async () => {});
      await queue.drain();
    };
    await expect(write()).rejects.toMatchObject({
      kind: 'InvalidInputError',
      code: 'INVALID_INPUT',
      message:
        'Column "country" has a text with half a surrogate pair. Expected Unicode text; replace such characters before ingestion.',
    });
  });

  it.each([0, 1])('tells that a file could not be stored, with %i threads', async (threads) => {
    const queue = queueOf(threads);
    const write = async (): Promise<void> => {
      await queue.add(input(), {}, () => Promise.reject(new Error('The disk is full.')));
      await queue.drain();
    };
    await expect(write()).rejects.toThrow('The disk is full.');
  });
});
