/** Post-aggregators and finalisation. */
import { addHyperUniqueText, hyperUniqueRegisterCount } from '@isotherm/kernels';
import { describe, expect, it } from 'vitest';
import type { PartialColumn } from '../../src/index.ts';
import { answerOf, grouped, longs, query, sums } from '../make-query.ts';

const field = (fieldName: string) => ({ type: 'fieldAccess', fieldName });
const constant = (value: number) => ({ type: 'constant', value });

describe('arithmetic', () => {
  const cases: [fn: string, fields: unknown[], text: string][] = [
    ['+', [field('a'), field('b'), constant(0.5)], '7.5'],
    ['-', [field('a'), field('b')], '3.0'],
    ['*', [field('a'), constant(1e10)], '5.0E10'],
    ['/', [field('a'), field('b')], '2.5'],
    ['/', [field('a'), constant(0)], '0.0'],
    ['quotient', [field('a'), constant(0)], '"Infinity"'],
    ['quotient', [constant(0), constant(0)], '"NaN"'],
    ['pow', [field('a'), field('b')], '25.0'],
    ['+', [field('a'), field('none')], 'null'],
    ['/', [field('none'), constant(0)], 'null'],
    ['+', [{ type: 'arithmetic', fn: '*', fields: [field('a'), field('b')] }, constant(1)], '11.0'],
  ];
  it.each(cases)('%s of %j is %s', (fn, fields, text) => {
    const parsed = query('timeseries', {
      aggregations: [
        { type: 'longSum', name: 'a', fieldName: 'a' },
        { type: 'doubleSum', name: 'b', fieldName: 'b' },
        { type: 'longSum', name: 'none', fieldName: 'c' },
      ],
      postAggregations: [{ type: 'arithmetic', name: 'p', fn, fields }],
    });
    const partial = grouped([0], [], [longs(5), sums(2), longs(null)]);
    expect(answerOf(parsed, [partial])).toContain(`"p":${text}}`);
  });
});

describe('constants and fields', () => {
  it('keep the type of what they name', () => {
    const parsed = query('timeseries', {
      aggregations: [{ type: 'longSum', name: 'a', fieldName: 'a' }],
      postAggregations: [
        { type: 'constant', name: 'whole', value: 3 },
        { type: 'constant', name: 'half', value: '0.5' },
        { type: 'fieldAccess', name: 'same', fieldName: 'a' },
        { type: 'finalizingFieldAccess', name: 'before', fieldName: 'half' },
      ],
    });
    expect(answerOf(parsed, [grouped([0], [], [longs(2n ** 60n)])])).toContain(
      '"result":{"a":1152921504606846976,"whole":3,"half":0.5,"same":1152921504606846976,"before":0.5}',
    );
  });
});

describe('hyperUnique', () => {
  const sketch = (): PartialColumn => {
    const registers = new Uint8Array(hyperUniqueRegisterCount);
    for (const text of ['a', 'b', 'c']) addHyperUniqueText(registers, 0, text);
    return { type: 'hyperUnique', registers };
  };
  const answer = (round: boolean, context: Record<string, unknown>) =>
    answerOf(
      query('timeseries', {
        aggregations: [{ type: 'hyperUnique', name: 'u', fieldName: 'u', round }],
        postAggregations: [
          { type: 'hyperUniqueCardinality', name: 'c', fieldName: 'u' },
          { type: 'arithmetic', name: 'p', fn: '+', fields: [field('u'), constant(1)] },
        ],
        context,
      }),
      [grouped([0], [], [sketch()])],
    );

  it('is an estimate as a double, or a long when rounded', () => {
    const estimate = '3.0021994137521975';
    const sum = '"p":4.002199413752198}';
    expect(answer(false, {})).toContain(`"result":{"u":${estimate},"c":${estimate},${sum}`);
    expect(answer(true, {})).toContain(`"result":{"u":3,"c":3,${sum}`);
  });

  it("is base64 of Druid's own image when not finalised", () => {
    expect(answer(false, { finalize: false })).toMatch(
      /"result":\{"u":"AQAA[A-Za-z0-9+/]+=*","c":3/,
    );
  });
});
