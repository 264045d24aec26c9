/** Groups over several segments: one set of ids, whatever each segment's own dictionary holds. */
import { kernelMemory } from '@isotherm/kernels';
import type { GroupedPartial, PartialColumn } from '@isotherm/query';
import { parseQuery } from '@isotherm/query';
import type { Segment } from '@isotherm/segment';
import { memorySource, openSegment, writeSegment } from '@isotherm/segment';
import { describe, expect, it } from 'vitest';
import { SharedDictionaries, defaultBatchRows, neededColumns, runSegments } from '../src/index.ts';
import type { MemoryOptions, MemoryValue } from './memory-segment.ts';
import { segmentInput } from './memory-segment.ts';

const dayMs = 86_400_000;
const memory = kernelMemory();
const limitBytes = 2 ** 24;

/** A row without its time. */
type Cells = Readonly<Record<string, MemoryValue>>;

async function segmentOf(types: MemoryOptions['types'], rows: readonly Cells[]): Promise<Segment> {
  const timed = rows.map((row, i) => ({ ...row, __time: i * dayMs }));
  const { bytes } = writeSegment(segmentInput({ types, rows: timed }));
  return openSegment(memorySource(bytes), { memory });
}

const clicks = [
  { type: 'count', name: 'rows' },
  { type: 'longSum', name: 'clicks', fieldName: 'clicks' },
];

async function groups(
  segments: readonly Segment[],
  dictionaries: SharedDictionaries,
  json: object,
): Promise<GroupedPartial> {
  const query = parseQuery(
    {
      dataSource: 'ads',
      intervals: ['1970-01-01/1980-01-01'],
      granularity: 'all',
      queryType: 'groupBy',
      aggregations: clicks,
      ...json,
    },
    { queryId: 'test', timeoutMs: 1000 },
  );
  const { intervals } = query;
  for (const segment of segments) await segment.load(neededColumns(query, segment, intervals));
  const [partial, ...others] = runSegments({
    query,
    segments: segments.map((segment, i) => ({ segmentId: String(i), segment, intervals })),
    batchRows: defaultBatchRows,
    checkpoint: () => undefined,
    dictionaries,
  });
  if (partial?.kind !== 'grouped' || others.length > 0) throw new Error('no groups');
  return partial;
}

/** Rows as text, sorted: dimensions, then states. */
function rowsOf({ rowCount, dimensions, states }: GroupedPartial): string[] {
  const cell = (column: PartialColumn, row: number): string => {
    if (column.type === 'string') return String(column.dictionary.textAt(column.ids[row]));
    if (column.type !== 'long') throw new Error(column.type);
    return column.nulls?.[row] === 1 ? 'null' : String(column.values[row]);
  };
  return Array.from({ length: rowCount }, (_none, row) =>
    [...dimensions, ...states].map((column) => cell(column, row)).join(' '),
  ).sort();
}

const text: MemoryOptions['types'] = { ad: 'string', clicks: 'long' };
const ads = (...names: (string | null)[]): Cells[] =>
  names.map((ad, i) => ({ ad, clicks: BigInt(i + 1) }));

describe('groups over several segments', () => {
  it('are one where dictionaries overlap, nulls and empty texts apart', async () => {
    const dictionaries = new SharedDictionaries({ memory, limitBytes });
    const segments = [
      await segmentOf(text, ads('a', 'b', 'c', null)),
      await segmentOf(text, ads('b', 'd', '', null)),
      await segmentOf(text, ads('', 'e', 'a')),
    ];
    const answer = await groups(segments, dictionaries, { dimensions: ['ad'] });
    expect(rowsOf(answer)).toEqual([
      ' 2 4',
      'a 2 4',
      'b 2 3',
      'c 1 3',
      'd 1 2',
      'e 1 2',
      'null 2 8',
    ]);
  });

  it('of several dimensions are one where many rows of a segment share its own ids', async () => {
    const dictionaries = new SharedDictionaries({ memory, limitBytes });
    const types: MemoryOptions['types'] = {
      ad: 'string',
      country: 'string',
      device: 'string',
      clicks: 'long',
    };
    const values = [
      { ad: ['b', 'd', null], country: ['DE', 'FR'], device: ['tv', 'web'] },
      { ad: [null, 'c', 'a', 'd'], country: ['AT', 'FR', 'DE'], device: ['app', 'tv', 'web'] },
      { ad: ['a'], country: ['FR'], device: ['web', 'app', 'car'] },
    ];
    const rows = values.map(({ ad, country, device }, segment) =>
      Array.from({ length: 1500 }, (_none, i) => ({
        ad: ad[(i * 7) % ad.length] ?? null,
        country: country[(i >> 2) % country.length] ?? null,
        device: device[(i >> 5) % device.length] ?? null,
        clicks: BigInt((i % 11) + segment),
      })),
    );
    const segments = await Promise.all(rows.map((each) => segmentOf(types, each)));
    for (const dimensions of [['ad', 'country', 'device'], ['device', 'ad'], ['country']]) {
      for (const filter of [null, { type: 'selector', dimension: 'country', value: 'FR' }]) {
        const answer = await groups(segments, dictionaries, { dimensions, filter });
        const expected = new Map<string, [rows: number, clicks: bigint]>();
        for (const row of rows.flat()) {
          if (filter !== null && row.country !== filter.value) continue;
          const { ad, country, device } = row;
          const texts: Record<string, string | null> = { ad, country, device };
          const key = dimensions.map((name) => String(texts[name])).join(' ');
          const [count, clicks] = expected.get(key) ?? [0, 0n];
          expected.set(key, [count + 1, clicks + row.clicks]);
        }
        const texts = Array.from(expected, ([key, states]) => [key, ...states].join(' '));
        expect(rowsOf(answer)).toEqual(texts.sort());
      }
    }
  });

  it('hold only the texts that groups use', async () => {
    const dictionaries = new SharedDictionaries({ memory, limitBytes });
    const segments = [await segmentOf(text, ads('a', 'b', 'c')), await segmentOf(text, ads('c'))];
    const filter = { type: 'in', dimension: 'ad', values: ['b', 'c'] };
    const { dimensions } = await groups(segments, dictionaries, { dimensions: ['ad'], filter });
    const [column] = dimensions;
    const texts = column?.type === 'string' ? column.dictionary.texts() : [];
    expect([texts.length, new Set(texts)]).toEqual([2, new Set(['b', 'c'])]);
  });

  it('take each value of a list, and rows without values as null', async () => {
    const types: MemoryOptions['types'] = { tags: 'strings', clicks: 'long' };
    const dictionaries = new SharedDictionaries({ memory, limitBytes });
    const segments = [
      await segmentOf(types, [
        { tags: ['x', 'y'], clicks: 1n },
        { tags: [], clicks: 2n },
      ]),
      await segmentOf(types, [
        { tags: ['y', null], clicks: 4n },
        { tags: ['z', 'x', 'y'], clicks: 8n },
      ]),
    ];
    const answer = await groups(segments, dictionaries, { dimensions: ['tags'] });
    expect(rowsOf(answer)).toEqual(['null 2 6', 'x 2 9', 'y 3 13', 'z 1 8']);
  });

  it('are null where a segment lacks the dimension, and go without a metric that one lacks', async () => {
    const dictionaries = new SharedDictionaries({ memory, limitBytes });
    const segments = [
      await segmentOf(text, ads('a', 'b')),
      await segmentOf({ clicks: 'long' }, [{ clicks: 5n }]),
      await segmentOf({ ad: 'string' }, [{ ad: 'a' }, { ad: 'c' }]),
    ];
    const answer = await groups(segments, dictionaries, { dimensions: ['ad'] });
    expect(rowsOf(answer)).toEqual(['a 2 1', 'b 1 2', 'c 1 null', 'null 1 5']);
  });

  it('join columns of one name and several types by what they are asked for as', async () => {
    const dictionaries = new SharedDictionaries({ memory, limitBytes });
    const segments = [
      await segmentOf({ code: 'string', clicks: 'long' }, [{ code: '7', clicks: 1n }]),
      await segmentOf({ code: 'long', clicks: 'long' }, [
        { code: 7n, clicks: 2n },
        { code: null, clicks: 3n },
      ]),
      await segmentOf({ code: 'long', clicks: 'long' }, [{ code: 2n ** 60n, clicks: 4n }]),
    ];
    const answer = await groups(segments, dictionaries, { dimensions: ['code'] });
    expect(rowsOf(answer)).toEqual([`${2n ** 60n} 1 4`, '7 2 3', 'null 1 3']);
  });

  it('are the same one segment at a time, where shared texts would pass their limit', async () => {
    const segments = [
      await segmentOf(text, ads('a', 'b', null)),
      await segmentOf(text, ads('b', 'c')),
    ];
    const roomy = new SharedDictionaries({ memory, limitBytes });
    const narrow = new SharedDictionaries({ memory, limitBytes: 64 });
    const [shared, apart] = [
      await groups(segments, roomy, { dimensions: ['ad'] }),
      await groups(segments, narrow, { dimensions: ['ad'] }),
    ];
    expect(rowsOf(apart)).toEqual(rowsOf(shared));
  });

  it('sum without wrapping where segments together pass 64 bits', async () => {
    const dictionaries = new SharedDictionaries({ memory, limitBytes });
    const huge = await segmentOf(text, [{ ad: 'a', clicks: 2n ** 62n }]);
    const less = await segmentOf(text, [{ ad: 'a', clicks: -(2n ** 62n) }]);
    await expect(groups([huge, huge], dictionaries, { dimensions: ['ad'] })).rejects.toThrow(
      'The sum "clicks" does not fit a 64-bit integer.',
    );
    const back = await groups([huge, less, huge], dictionaries, { dimensions: ['ad'] });
    expect(rowsOf(back)).toEqual([`a 3 ${2n ** 62n}`]);
  });
});

describe('shared dictionaries', () => {
  it('give their memory back when all segments are gone', async () => {
    const dictionaries = new SharedDictionaries({ memory, limitBytes });
    const segments = [
      await segmentOf(text, ads('a', 'b', 'c')),
      await segmentOf(text, ads('c', 'd')),
    ];
    const before = memory.usedBytes;
    for (const segment of segments) await segment.load(['ad', 'clicks', '__time']);
    const loaded = memory.usedBytes;
    expect(loaded).toBeGreaterThan(before);
    await groups(segments, dictionaries, { dimensions: ['ad'] });
    expect(dictionaries.byteLength).toBeGreaterThan(0);
    for (const segment of segments) {
      dictionaries.forget(segment);
      segment.unload();
    }
    expect([dictionaries.byteLength, memory.usedBytes]).toEqual([0, before]);
  });

  it('stay in proportion to what is loaded, and right, while segments come and go', async () => {
    const dictionaries = new SharedDictionaries({ memory, limitBytes });
    const names = (from: number) => Array.from({ length: 500 }, (_none, i) => `ad ${from + i}`);
    const stays = await segmentOf(text, ads(...names(0)));
    let largest = 0;
    for (let round = 1; round <= 12; round++) {
      const passes = await segmentOf(text, ads(...names(round * 450)));
      const answer = await groups([stays, passes], dictionaries, { dimensions: ['ad'] });
      expect(answer.rowCount).toBe(round === 1 ? 950 : 1000);
      largest = Math.max(largest, dictionaries.byteLength);
      dictionaries.forget(passes);
      passes.unload();
    }
    // 5,900 texts in all, of which at most 1,000 are loaded at a time.
    expect(largest).toBeLessThan(200_000);
    expect((await groups([stays, stays], dictionaries, { dimensions: ['ad'] })).rowCount).toBe(500);
  });
});
