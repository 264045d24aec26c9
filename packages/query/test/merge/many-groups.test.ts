/** Merging as many groups as take the ways through kernel memory, dense keys and hashed ones. */
import { describe, expect, it } from 'vitest';
import type { GroupedPartial } from '../../src/index.ts';
import { TextDictionary, mergePartials } from '../../src/index.ts';
import { grouped, longs, query, sums, texts } from '../make-query.ts';

const parsed = query('groupBy', {
  granularity: 'day',
  dimensions: ['a', 'b'],
  aggregations: [
    { type: 'longSum', name: 'n', fieldName: 'n' },
    { type: 'doubleSum', name: 'd', fieldName: 'd' },
  ],
});

interface Group {
  readonly time: number;
  readonly a: string | null;
  readonly b: string | null;
  readonly n: bigint | null;
}

/** Group `index` of a set of `aCount` by `bCount` values and three days; each value comes up in turn. */
function groupAt(index: number, aCount: number, bCount: number): Group {
  const a = index % aCount;
  return {
    time: (index % 3) * 86_400_000,
    a: a === 1 ? null : `é${a}`,
    b: `b${Math.floor(index / aCount) % bCount}`,
    n: index % 11 === 0 ? null : BigInt(index) * 4_294_967_311n,
  };
}

function partialOf(groups: readonly Group[]): GroupedPartial {
  return grouped(
    groups.map(({ time }) => time),
    [column(groups.map(({ a }) => a)), column(groups.map(({ b }) => b))],
    [longs(...groups.map(({ n }) => n)), sums(...groups.map(({ n }) => Number(n ?? 0n)))],
  );
}

function column(values: readonly (string | null)[]) {
  const entries = [...new Set(values)];
  const idOf = new Map(entries.map((entry, id) => [entry, id]));
  const ids = Uint32Array.from(values, (value) => idOf.get(value) ?? 0);
  return { type: 'string', dictionary: TextDictionary.fromTexts(entries), ids } as const;
}

/** Sums by the text of the whole key, the plainest way. */
function expectedSums(groups: readonly Group[]): Map<string, bigint | null> {
  const found = new Map<string, bigint | null>();
  for (const { time, a, b, n } of groups) {
    const key = JSON.stringify([time, a, b]);
    const before = found.get(key) ?? null;
    found.set(key, n === null ? before : (before ?? 0n) + n);
  }
  return found;
}

function sumsOf(partial: GroupedPartial): Map<string, bigint | null> {
  const [a, b] = partial.dimensions;
  const [n, d] = partial.states;
  if (a?.type !== 'string' || b?.type !== 'string' || n?.type !== 'long') throw new Error('types');
  if (d?.type !== 'doubleSum') throw new Error('types');
  const found = new Map<string, bigint | null>();
  for (let row = 0; row < partial.rowCount; row++) {
    const [first, second] = [
      a.dictionary.textAt(a.ids[row] ?? 0),
      b.dictionary.textAt(b.ids[row] ?? 0),
    ];
    const sum = n.nulls?.[row] === 1 ? null : (n.values[row] ?? 0n);
    found.set(JSON.stringify([partial.times[row], first, second]), sum);
    expect(d.values[row]).toBe(Number(sum ?? 0n));
  }
  expect(found.size).toBe(partial.rowCount);
  return found;
}

describe('merging', () => {
  const shapes: [name: string, rowCount: number, aCount: number, bCount: number][] = [
    ['few keys, by an array of them', 300, 10, 10],
    ['far more possible keys than rows, by a hash of them', 900, 300, 300],
    ['many groups through kernel memory', 20_000, 5_000, 40],
    ['more possible keys than 32 bits hold', 50_000, 50_000, 1],
  ];
  it.each(shapes)('%s', (_name, rowCount, aCount, bCount) => {
    const groups = Array.from({ length: rowCount }, (_, index) => groupAt(index, aCount, bCount));
    // Of the second column as many values as rows, so that sizes multiply beyond 32 bits.
    const wide = bCount === 1 ? groups.map((group, at) => ({ ...group, b: `b${at}` })) : groups;
    const [first, second, third] = [
      wide.filter((_, at) => at % 5 < 3),
      wide.filter((_, at) => at % 5 > 1),
      wide.filter((_, at) => at % 7 === 0),
    ];
    const unique = [first, second, third].map((part) => {
      const bySums = new Map(
        part.map((group) => [JSON.stringify([group.time, group.a, group.b]), group]),
      );
      return [...bySums.values()];
    });
    const [merged] = mergePartials(parsed, unique.map(partialOf));
    if (merged?.kind !== 'grouped') throw new Error('nothing was merged');
    expect(sumsOf(merged)).toEqual(expectedSums(unique.flat()));
  });

  it('partials without a common group puts one behind the other', () => {
    const parts = [
      grouped([0, 0], [texts('a', 'b'), texts('x', 'x')], [longs(1, null), sums(1, null)]),
      grouped([0], [texts('a'), texts(null)], [longs(2 ** 40), sums(0.5)]),
      grouped([86_400_000], [texts('a'), texts('x')], [longs(4), sums(2)]),
    ];
    const [merged] = mergePartials(parsed, parts);
    expect(merged).toMatchObject({
      rowCount: 4,
      times: Float64Array.of(0, 0, 0, 86_400_000),
      states: [longs(1, null, 2 ** 40, 4), sums(1, null, 0.5, 2)],
      scannedRows: 4,
    });
  });

  it('leaves the partials that it was given as they were', () => {
    const part = (n: number) => grouped([0], [texts('a'), texts('x')], [longs(n), sums(n)]);
    const parts = [part(1), part(2)];
    mergePartials(parsed, parts);
    expect(parts).toEqual([part(1), part(2)]);
  });
});
