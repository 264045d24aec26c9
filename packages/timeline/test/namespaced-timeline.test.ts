import type { Interval, SegmentDescriptor } from '@isotherm/timeline';
import { NamespacedTimeline } from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';

interface Piece {
  readonly namespace?: string;
  readonly at: [start: number, end: number];
  readonly version: number;
  readonly partition?: number;
  readonly of?: number;
}

function segment({
  namespace = 'default',
  at,
  version,
  partition = 0,
  of = 1,
}: Piece): SegmentDescriptor {
  const interval = { start: at[0], end: at[1] };
  return {
    id: { dataSource: 'ads', namespace, interval, version, partition },
    partitionCount: of,
    rowCount: 0,
    bytes: 0,
    memoryBytes: 0,
    sha256: '',
    key: '',
    dimensions: [],
    metrics: [],
    timeRange: null,
    jobId: 'job',
  };
}

/** `namespace version.partition start-end …` of each entry. */
function lookup(pieces: Piece[], ...intervals: [number, number][]): string[] {
  const asked = intervals.map(([start, end]) => ({ start, end }));
  return NamespacedTimeline.of(pieces.map(segment))
    .lookup(asked)
    .map(({ descriptor: { id }, intervals: parts }) => {
      const name = id.namespace === 'default' ? '' : `${id.namespace} `;
      const spans = parts.map(({ start, end }) => `${start}-${end}`);
      return `${name}${id.version}.${id.partition} ${spans.join(' ')}`;
    });
}

const cases: [name: string, pieces: Piece[], asked: [number, number][], expected: string[]][] = [
  ['nothing answers in an empty timeline', [], [[0, 100]], []],
  [
    'a segment answers for what is asked of it',
    [{ at: [0, 100], version: 1 }],
    [[10, 20]],
    ['1.0 10-20'],
  ],
  ['intervals are half-open', [{ at: [0, 10], version: 1 }], [[10, 20]], []],
  ['an empty interval asks for nothing', [{ at: [0, 10], version: 1 }], [[5, 5]], []],
  [
    'a newer version hides the older one where it lies over it',
    [
      { at: [0, 100], version: 1 },
      { at: [40, 60], version: 2 },
    ],
    [[0, 100]],
    ['1.0 0-40 60-100', '2.0 40-60'],
  ],
  [
    'an incomplete newer version hides nothing and shows nowhere',
    [
      { at: [0, 100], version: 1 },
      { at: [0, 100], version: 2, partition: 0, of: 2 },
    ],
    [[0, 100]],
    ['1.0 0-100'],
  ],
  [
    'a complete set answers with all partitions',
    [
      { at: [0, 100], version: 2, partition: 1, of: 2 },
      { at: [0, 100], version: 2, partition: 0, of: 2 },
    ],
    [[0, 100]],
    ['2.0 0-100', '2.1 0-100'],
  ],
  [
    'namespaces do not hide each other',
    [
      { at: [0, 100], version: 1, namespace: 'b' },
      { at: [0, 100], version: 2, namespace: 'a' },
    ],
    [[0, 100]],
    ['a 2.0 0-100', 'b 1.0 0-100'],
  ],
  [
    'overlapping questions are asked once',
    [{ at: [0, 100], version: 1 }],
    [
      [50, 70],
      [0, 60],
      [80, 90],
    ],
    ['1.0 0-70 80-90'],
  ],
  [
    'order is by start, namespace, version, partition',
    [
      { at: [10, 20], version: 1 },
      { at: [0, 10], version: 2 },
      { at: [0, 10], version: 1, namespace: 'a' },
    ],
    [[0, 100]],
    ['a 1.0 0-10', '2.0 0-10', '1.0 10-20'],
  ],
];

describe('lookup', () => {
  it.each(cases)('%s', (_name, pieces, asked, expected) => {
    expect(lookup(pieces, ...asked)).toEqual(expected);
  });
});

describe('a timeline', () => {
  it('knows its span, and is empty when nothing is complete', () => {
    const half = NamespacedTimeline.of([segment({ at: [0, 9], version: 1, of: 2 })]);
    expect([half.isEmpty, half.span, half.segments.length]).toEqual([true, null, 1]);
    const timeline = NamespacedTimeline.of([
      segment({ at: [50, 60], version: 1 }),
      segment({ at: [10, 20], version: 1, namespace: 'b' }),
    ]);
    expect([timeline.isEmpty, timeline.span]).toEqual([false, { start: 10, end: 60 }]);
  });

  it('names what is overshadowed, incomplete sets included', () => {
    const pieces: Piece[] = [
      { at: [0, 50], version: 1 },
      { at: [40, 60], version: 1 },
      { at: [10, 20], version: 2, of: 2 },
      { at: [0, 50], version: 3 },
      { at: [0, 50], version: 4, of: 2 },
      { at: [0, 50], version: 1, namespace: 'b' },
    ];
    const hidden = NamespacedTimeline.of(pieces.map(segment)).overshadowed();
    expect(hidden.map(({ id }) => [id.version, id.interval.start])).toEqual([
      [2, 10],
      [1, 0],
    ]);
  });
});

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

describe(`random timelines agree with a model that looks at every millisecond (seed ${seed})`, () => {
  const random = randomOf(seed);
  const whole = (limit: number): number => Math.floor(random() * limit);
  const timeMs = 30;

  it('in 3000 cases', () => {
    for (let round = 0; round < 3000; round++) {
      const segments = randomSegments(whole, timeMs);
      const asked = Array.from({ length: 1 + whole(3) }, () => {
        const start = whole(timeMs);
        return { start, end: start + whole(timeMs - start + 1) };
      });
      const timeline = NamespacedTimeline.of(segments);
      const cells = timeline
        .lookup(asked)
        .flatMap(({ descriptor, intervals }) =>
          intervals.flatMap((span) =>
            millisecondsOf(span).map((ms) => `${ms} ${nameOf(descriptor)}`),
          ),
        );
      expect({ round, cells: cells.sort() }).toEqual({
        round,
        cells: modelCells(segments, asked).sort(),
      });
      const hidden = timeline.overshadowed().map(nameOf).sort();
      expect({ round, hidden }).toEqual({
        round,
        hidden: modelHidden(segments).map(nameOf).sort(),
      });
    }
  });
});

it('A hundred thousand segments are built within a second or so and asked at once', () => {
  const segments = Array.from({ length: 100_000 }, (_, index) =>
    segment({ at: [index, index + 3], version: index % 7 }),
  );
  const startMs = performance.now();
  const timeline = NamespacedTimeline.of(segments);
  for (let round = 0; round < 1000; round++)
    timeline.lookup([{ start: round * 90, end: round * 90 + 10 }]);
  expect(performance.now() - startMs).toBeLessThan(5000);
});

/** Sets never overlap within one version, as a job publishes them; some lack a partition. */
function randomSegments(whole: (limit: number) => number, timeMs: number): SegmentDescriptor[] {
  const segments: SegmentDescriptor[] = [];
  for (let version = 1; version <= 1 + whole(6); version++) {
    const namespace = whole(3) === 0 ? 'b' : 'default';
    for (let start = whole(10); start < timeMs;) {
      const end = Math.min(start + 1 + whole(12), timeMs);
      const of = 1 + whole(3);
      const missing = whole(4) === 0 ? whole(of) : -1;
      for (let partition = 0; partition < of; partition++) {
        if (partition !== missing)
          segments.push(segment({ namespace, at: [start, end], version, partition, of }));
      }
      start = end + whole(8);
    }
  }
  return segments;
}

/** Per millisecond and namespace, the newest complete set that covers it. */
function modelOwner(segments: readonly SegmentDescriptor[], namespace: string, ms: number): number {
  const versions = segments
    .filter(
      ({ id }) => id.namespace === namespace && id.interval.start <= ms && ms < id.interval.end,
    )
    .filter((one) => {
      const set = segments.filter(
        ({ id }) =>
          id.namespace === namespace &&
          id.version === one.id.version &&
          id.interval.start === one.id.interval.start,
      );
      return set.length === one.partitionCount;
    })
    .map(({ id }) => id.version);
  return Math.max(0, ...versions);
}

function modelCells(segments: readonly SegmentDescriptor[], asked: readonly Interval[]): string[] {
  const times = new Set(asked.flatMap(millisecondsOf));
  return [...times].flatMap((ms) =>
    ['default', 'b'].flatMap((namespace) => {
      const owner = modelOwner(segments, namespace, ms);
      return segments
        .filter(({ id }) => id.namespace === namespace && id.version === owner)
        .filter(({ id }) => id.interval.start <= ms && ms < id.interval.end)
        .map((one) => `${ms} ${nameOf(one)}`);
    }),
  );
}

function modelHidden(segments: readonly SegmentDescriptor[]): SegmentDescriptor[] {
  return segments.filter(({ id }) =>
    millisecondsOf(id.interval).every((ms) => modelOwner(segments, id.namespace, ms) > id.version),
  );
}

function millisecondsOf({ start, end }: Interval): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

function nameOf({ id }: SegmentDescriptor): string {
  return `${id.namespace} ${id.version}.${id.partition} ${id.interval.start}-${id.interval.end}`;
}

function randomOf(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
