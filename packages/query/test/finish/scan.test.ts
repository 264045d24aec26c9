/** Scan and timeBoundary answers, whole texts. */
import { describe, expect, it } from 'vitest';
import type { PartialColumn, ScanPartial, TimeBoundaryPartial } from '../../src/index.ts';
import { TextDictionary, finishQuery, writeResult } from '../../src/index.ts';
import { answerOf, april, longs, query, texts, visible } from '../make-query.ts';

function scanned(
  segmentId: string,
  times: number[],
  columns: Record<string, PartialColumn>,
): ScanPartial {
  return {
    kind: 'scan',
    rowCount: times.length,
    segmentId,
    columns: Object.entries(columns).map(([name, column]) => ({ name, column })),
    times: Float64Array.from(times),
    scannedRows: times.length,
  };
}

const first = () => scanned('s1', [1, 3, 5], { __time: longs(1, 3, 5), d: texts('a', 'b', 'a') });
const second = () => scanned('s2', [2, 3], { __time: longs(2, 3), d: texts('x', null) });
const signature = '"rowSignature":[{"name":"__time","type":"LONG"},{"name":"d","type":"STRING"}]';

describe('a scan', () => {
  it('gives the rows of each segment under its id', () => {
    expect(answerOf(query('scan'), [first(), second()])).toBe(
      `[{"segmentId":"s1","columns":["__time","d"],"events":[{"__time":1,"d":"a"},{"__time":3,"d":"b"},{"__time":5,"d":"a"}],${signature}},` +
        `{"segmentId":"s2","columns":["__time","d"],"events":[{"__time":2,"d":"x"},{"__time":3,"d":null}],${signature}}]`,
    );
  });

  it('cuts by offset, limit and batch over all segments', () => {
    const parsed = query('scan', {
      resultFormat: 'compactedList',
      offset: 1,
      limit: 3,
      batchSize: 1,
    });
    const batch = (id: string, event: string) =>
      `{"segmentId":"${id}","columns":["__time","d"],"events":[${event}],${signature}}`;
    expect(answerOf(parsed, [first(), second()])).toBe(
      `[${batch('s1', '[3,"b"]')},${batch('s1', '[5,"a"]')},${batch('s2', '[2,"x"]')}]`,
    );
  });

  const orders: [order: string, parts: Record<string, unknown>, events: string][] = [
    ['ascending', { limit: 4 }, '[1,"a"],[2,"x"],[3,"b"],[3,null]'],
    ['ascending', { limit: 2, offset: 2 }, '[3,"b"],[3,null]'],
  ];
  it.each(orders)('mixes segments by time when ordered %s with %j', (order, parts, events) => {
    const parsed = query('scan', { order, resultFormat: 'compactedList', ...parts });
    expect(answerOf(parsed, [first(), second()])).toBe(
      `[{"segmentId":null,"columns":["__time","d"],"events":[${events}],${signature}}]`,
    );
  });

  it('ordered without a limit gives each row a batch of its own, as Druid does', () => {
    const parsed = query('scan', { order: 'descending', resultFormat: 'compactedList' });
    const downwards = scanned('s1', [5, 1], { __time: longs(5, 1), d: texts('a', 'b') });
    expect(answerOf(parsed, [downwards])).toBe(
      `[{"segmentId":"s1","columns":["__time","d"],"events":[[5,"a"]],${signature}},` +
        `{"segmentId":"s1","columns":["__time","d"],"events":[[1,"b"]],${signature}}]`,
    );
  });

  it('shows several values as a list, one as itself, none as null', () => {
    const tags: PartialColumn = {
      type: 'strings',
      dictionary: TextDictionary.fromTexts(['p', 'q"']),
      offsets: Uint32Array.of(0, 2, 3, 3),
      ids: Uint32Array.of(0, 1, 1),
    };
    const parsed = query('scan', { resultFormat: 'compactedList' });
    expect(answerOf(parsed, [scanned('s', [1, 2, 3], { tags })])).toContain(
      '"events":[[["p","q\\""]],["q\\""],[null]]',
    );
  });

  it('gives a column that is not there nulls and no type', () => {
    const parsed = query('scan', { columns: ['__time', 'nope'] });
    const complete = scanned('s', [1], { __time: longs(1), nope: texts(null) });
    const columns = complete.columns.map((each) =>
      each.name === 'nope' ? { ...each, typeName: null } : each,
    );
    const text =
      '[{"segmentId":"s","columns":["__time","nope"],"events":[{"__time":1,"nope":null}],"rowSignature":[{"name":"__time","type":"LONG"},{"name":"nope"}]}]';
    expect(answerOf(parsed, [{ ...complete, columns }])).toBe(text);
    expect(answerOf(parsed, [scanned('s', [1], { __time: longs(1) })])).toBe(text);
  });

  it('shows a sketch, which comes as text, under its own type', () => {
    const partial = scanned('s', [1], { u: texts('AQAAAQAAAAJ4MA==') });
    const columns = partial.columns.map((each) => ({ ...each, typeName: 'COMPLEX<hyperUnique>' }));
    expect(answerOf(query('scan'), [{ ...partial, columns }])).toContain(
      '"rowSignature":[{"name":"u","type":"COMPLEX<hyperUnique>"}]',
    );
  });

  it('without a match is an empty list', () => {
    expect(answerOf(query('scan'), [scanned('s', [], { d: texts() })])).toBe('[]');
  });
});

describe('writeResult', () => {
  it('gives chunks of about 64 KB that are one JSON text together', () => {
    const parsed = query('scan', { resultFormat: 'compactedList', batchSize: 100 });
    const values = Array.from({ length: 20_000 }, (_, index) => index);
    const partial = scanned('s', values, { v: longs(...values) });
    const chunks = [...writeResult(parsed, finishQuery(parsed, [partial], visible))];
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.slice(0, -1).every(({ length }) => length >= 65_536 && length < 80_000)).toBe(
      true,
    );
    // The form is that of a scan; only the values are looked at.
    const batches = JSON.parse(chunks.join('')) as { events: number[][] }[];
    expect(batches.flatMap(({ events }) => events.flat())).toEqual(values);
  });
});

describe('a timeBoundary', () => {
  const partials: TimeBoundaryPartial[] = [
    { kind: 'timeBoundary', minMs: april(3), maxMs: april(9), scannedRows: 1 },
    { kind: 'timeBoundary', minMs: null, maxMs: null, scannedRows: 1 },
    { kind: 'timeBoundary', minMs: april(2), maxMs: april(4), scannedRows: 1 },
  ];
  const cases: [bound: string | null, text: string][] = [
    [
      null,
      '[{"timestamp":"2011-04-02T00:00:00.000Z","result":{"maxTime":"2011-04-09T00:00:00.000Z","minTime":"2011-04-02T00:00:00.000Z"}}]',
    ],
    [
      'maxTime',
      '[{"timestamp":"2011-04-09T00:00:00.000Z","result":{"maxTime":"2011-04-09T00:00:00.000Z"}}]',
    ],
    [
      'MINTIME',
      '[{"timestamp":"2011-04-02T00:00:00.000Z","result":{"minTime":"2011-04-02T00:00:00.000Z"}}]',
    ],
  ];
  it.each(cases)('with bound %s', (bound, text) => {
    expect(answerOf(query('timeBoundary', { bound }), partials)).toBe(text);
  });

  it('without data is an empty list', () => {
    expect(answerOf(query('timeBoundary'), partials.slice(1, 2))).toBe('[]');
  });
});
