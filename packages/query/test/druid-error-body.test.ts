/** Error bodies as Druid's clients read them. */
import {
  CapacityError,
  InvalidQueryError,
  InvariantError,
  ResourceLimitError,
  TimeoutError,
  UnavailableError,
} from '@isotherm/errors';
import { describe, expect, it } from 'vitest';
import type { DruidErrorBody } from '../src/index.ts';
import { druidErrorBody } from '../src/index.ts';

const bodies: [error: unknown, body: Partial<DruidErrorBody>][] = [
  [
    new InvalidQueryError('"a" is wrong.', { code: 'UNKNOWN_FIELD' }),
    {
      error: 'Json parse failed',
      errorCode: 'legacyQueryException',
      persona: 'USER',
      category: 'INVALID_INPUT',
      errorMessage: 'Invalid native query: "a" is wrong.',
      code: 'UNKNOWN_FIELD',
    },
  ],
  [
    new InvalidQueryError('x', { code: 'INVALID_CONTEXT' }),
    { error: 'Query context parse failed', errorMessage: 'x' },
  ],
  [new TimeoutError('x'), { error: 'Query timeout', category: 'TIMEOUT' }],
  [new CapacityError('x'), { error: 'Query capacity exceeded', category: 'CAPACITY_EXCEEDED' }],
  [new ResourceLimitError('x'), { error: 'Resource limit exceeded', code: 'RESOURCE_LIMIT' }],
  [
    new UnavailableError('x', { code: 'SEGMENTS_UNAVAILABLE', details: { segments: ['s'] } }),
    {
      error: 'druidException',
      errorCode: 'segmentsUnavailable',
      category: 'SERVICE_UNAVAILABLE',
      details: { segments: ['s'] },
    },
  ],
  [new InvariantError('x'), { error: 'Unknown exception', category: 'DEFENSIVE' }],
  [
    new Error('the password is 1234'),
    {
      error: 'Unknown exception',
      errorMessage: 'An unexpected error stopped the request. The log of the node has it.',
    },
  ],
];

describe('druidErrorBody', () => {
  it.each(bodies)('of %s', (error, body) => {
    expect(druidErrorBody(error, '127.0.0.1:8082')).toMatchObject({
      errorClass: null,
      host: '127.0.0.1:8082',
      ...body,
    });
  });
});
