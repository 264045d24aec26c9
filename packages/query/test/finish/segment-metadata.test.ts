/** SegmentMetadata answers and the rules of merging. */
import { describe, expect, it } from 'vitest';
import type { ColumnAnalysis, SegmentMetadataPartial } from '../../src/index.ts';
import { answerOf, april, query } from '../make-query.ts';

function column(parts: Partial<ColumnAnalysis>): ColumnAnalysis {
  return {
    typeSignature: 'STRING',
    type: 'STRING',
    hasMultipleValues: false,
    hasNulls: false,
    size: 100,
    cardinality: 3,
    minValue: 'b',
    maxValue: 'd',
    errorMessage: null,
    ...parts,
  };
}

const april1 = 'ads_2011-04-01T00:00:00.000Z_2011-04-02T00:00:00.000Z_3';
const april2 = 'ads_2011-04-02T00:00:00.000Z_2011-04-03T00:00:00.000Z_2_1';

function segment(id: string, parts: Partial<SegmentMetadataPartial>): SegmentMetadataPartial {
  return {
    kind: 'segmentMetadata',
    segmentId: id,
    interval: { start: april(1), end: april(2) },
    columns: { d: column({}) },
    bytes: 1_000,
    rowCount: 10,
    aggregators: { n: { type: 'longSum', name: 'n', fieldName: 'n' } },
    timestampSpec: { column: 't', format: 'iso' },
    queryGranularity: { type: 'none' },
    rollup: true,
    scannedRows: 0,
    ...parts,
  };
}

const everything = [
  'cardinality',
  'size',
  'interval',
  'aggregators',
  'minmax',
  'timestampSpec',
  'queryGranularity',
  'rollup',
];
const answer = (parts: Record<string, unknown>, partials: SegmentMetadataPartial[]): unknown =>
  JSON.parse(answerOf(query('segmentMetadata', parts), partials));

describe('a segmentMetadata', () => {
  it('gives what was asked for; the rest is null or 0', () => {
    expect(answer({ analysisTypes: [] }, [segment('s1', {})])).toEqual([
      {
        id: 's1',
        intervals: null,
        columns: { d: column({ size: 0, cardinality: 0, minValue: null, maxValue: null }) },
        size: 0,
        numRows: 10,
        aggregators: null,
        timestampSpec: null,
        queryGranularity: null,
        rollup: null,
      },
    ]);
  });

  it.each([
    [{ type: 'period', period: 'PT1H', timeZone: 'UTC', origin: null }, 'HOUR'],
    [{ type: 'period', period: 'P1D', timeZone: 'Europe/Berlin', origin: null }, 'itself'],
    [{ type: 'none' }, 'itself'],
  ])('writes the query granularity %j as %s', (queryGranularity, text) => {
    const expected = text === 'itself' ? queryGranularity : text;
    const analyses = answer({ analysisTypes: ['queryGranularity'] }, [
      segment('s1', { queryGranularity }),
    ]);
    expect(analyses).toMatchObject([{ queryGranularity: expected }]);
  });

  it('keeps segments apart unless merged', () => {
    const ids = answer({}, [segment('s1', {}), segment('s2', {})]);
    expect(ids).toMatchObject([{ id: 's1' }, { id: 's2' }]);
    expect(answer({ merge: true }, [segment('s1', {})])).toMatchObject([{ id: 's1' }]);
  });

  it('merged: sizes and rows add up, cardinality is the greatest, what differs is null', () => {
    const other = segment(april2, {
      interval: { start: april(2), end: april(4) },
      columns: {
        d: column({ hasNulls: true, cardinality: 7, minValue: 'a', maxValue: 'c' }),
        e: column({ type: 'LONG', typeSignature: 'LONG', cardinality: null }),
      },
      rollup: false,
    });
    const parts = { merge: true, analysisTypes: everything };
    expect(answer(parts, [segment(april1, {}), other])).toEqual([
      {
        id: 'ads_2011-04-02T00:00:00.000Z_2011-04-03T00:00:00.000Z_merged_1',
        intervals: ['2011-04-01T00:00:00.000Z/2011-04-04T00:00:00.000Z'],
        columns: {
          d: column({ hasNulls: true, cardinality: 7, minValue: 'a', maxValue: 'd', size: 200 }),
          e: column({ type: 'LONG', typeSignature: 'LONG', cardinality: null }),
        },
        size: 2_000,
        numRows: 20,
        aggregators: { n: { type: 'longSum', name: 'n', fieldName: 'n' } },
        timestampSpec: { column: 't', format: 'iso' },
        queryGranularity: { type: 'none' },
        rollup: null,
      },
    ]);
  });

  it('says of a column whose type differs that it cannot be merged', () => {
    const other = segment(april2, {
      columns: { d: column({ type: 'LONG', typeSignature: 'LONG' }) },
    });
    expect(answer({ merge: true }, [segment(april1, {}), other])).toMatchObject([
      {
        columns: {
          d: { type: 'STRING', errorMessage: 'error:cannot_merge_diff_types: [STRING] and [LONG]' },
        },
      },
    ]);
  });

  const conflict = () =>
    segment(april2, {
      aggregators: {
        n: { type: 'longMax', name: 'n', fieldName: 'n' },
        m: { type: 'count', name: 'm' },
      },
    });
  const merges: [lenient: boolean, aggregators: unknown][] = [
    [false, null],
    [true, { n: null, m: { type: 'count', name: 'm' } }],
  ];
  it.each(merges)('merges aggregators that conflict, lenient %s', (lenient, aggregators) => {
    const parts = { merge: true, analysisTypes: everything, lenientAggregatorMerge: lenient };
    expect(answer(parts, [segment(april1, {}), conflict()])).toMatchObject([{ aggregators }]);
  });

  it('names the columns that toInclude lists', () => {
    const toInclude = { type: 'list', columns: ['e'] };
    expect(answer({ toInclude }, [segment(april1, {})])).toMatchObject([{ columns: {} }]);
  });
});
