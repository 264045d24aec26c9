/** How answers become tables, and figures become texts. */
import { describe, expect, it } from 'vitest';
import { byteText, countText, durationText } from '../src/figures.ts';
import { resultRecords } from '../src/result-records.ts';
import { recordTable } from '../src/text-table.ts';

const timestamp = '2026-06-01T00:00:00.000Z';

const answers: [name: string, answer: unknown, records: unknown[]][] = [
  ['timeseries', [{ timestamp, result: { clicks: 3 } }], [{ timestamp, clicks: 3 }]],
  [
    'topN',
    [
      {
        timestamp,
        result: [
          { ad: 'a', clicks: 3 },
          { ad: 'b', clicks: 1 },
        ],
      },
    ],
    [
      { timestamp, ad: 'a', clicks: 3 },
      { timestamp, ad: 'b', clicks: 1 },
    ],
  ],
  ['groupBy', [{ version: 'v1', timestamp, event: { ad: 'a' } }], [{ timestamp, ad: 'a' }]],
  ['groupBy as arrays', [['a', 1]], [{ 'column 1': 'a', 'column 2': 1 }]],
  ['scan as lists', [{ segmentId: 's', columns: ['ad'], events: [['a']] }], [{ ad: 'a' }]],
  ['scan as objects', [{ segmentId: 's', columns: ['ad'], events: [{ ad: 'a' }] }], [{ ad: 'a' }]],
  ['timeBoundary', [{ timestamp, result: { minTime: 'x' } }], [{ timestamp, minTime: 'x' }]],
  [
    'segmentMetadata',
    [{ id: 's', columns: { ad: { type: 'STRING', cardinality: 2, size: 0, hasNulls: false } } }],
    [{ column: 'ad', type: 'STRING', cardinality: 2, size: 0, hasNulls: false }],
  ],
  ['an empty answer', [], []],
];

describe('an answer', () => {
  it.each(answers)('of %s is flattened', (_name, answer, records) => {
    expect(resultRecords(answer)).toEqual(records);
  });

  it('becomes a table with numbers to the right and nulls as a dash', () => {
    const records = [
      { ad: 'a', clicks: 3, ctr: null },
      { ad: '広告', clicks: 12, ctr: 0.5 },
    ];
    expect(recordTable(records)).toBe(
      ['ad    clicks  ctr', '────  ──────  ───', 'a          3    –', '広告      12  0.5', ''].join(
        '\n',
      ),
    );
  });

  it('puts columns that do not fit beside the others below them', () => {
    const records = [
      { timestamp: '2026-06-01', campaign: 'c-17', clicks: 3 },
      { timestamp: '2026-06-02', campaign: 'c-4', clicks: 12 },
    ];
    expect(recordTable(records, 19)).toBe(
      [
        'timestamp',
        '──────────',
        '2026-06-01',
        '2026-06-02',
        '',
        'campaign  clicks',
        '────────  ──────',
        'c-17           3',
        'c-4           12',
        '',
      ].join('\n'),
    );
    expect(recordTable(records, 28)).toBe(recordTable(records));
  });

  it('cannot steer the terminal with what is in the data', () => {
    expect(recordTable([{ ad: '\u001b[2Jx\ny' }])).toBe('ad\n───────\n�[2Jx�y\n');
  });
});

it('writes figures for people', () => {
  expect([countText(1_234_567), byteText(0), byteText(1536), byteText(52_428_800)]).toEqual([
    '1,234,567',
    '0 B',
    '1.5 KiB',
    '50 MiB',
  ]);
  expect([0.4, 999, 1500, 59_400, 83_500].map(durationText)).toEqual([
    '0 ms',
    '999 ms',
    '1.5 s',
    '59 s',
    '1 min 24 s',
  ]);
});
