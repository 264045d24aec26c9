import type { ErrorKind } from '@isotherm/errors';
import {
  CancelledError,
  CapacityError,
  ConflictError,
  CorruptSegmentError,
  InvalidInputError,
  InvalidQueryError,
  InvariantError,
  IsothermError,
  NotFoundError,
  ResourceLimitError,
  StoreError,
  TimeoutError,
  UnavailableError,
  errorFromJson,
  errorToJson,
} from '@isotherm/errors';
import { describe, expect, it } from 'vitest';

type ErrorClass = new (message: string) => IsothermError;

const kinds: [
  make: ErrorClass,
  kind: ErrorKind,
  code: string,
  status: number,
  retry: number | null,
][] = [
  [InvalidQueryError, 'InvalidQueryError', 'INVALID_QUERY', 400, null],
  [InvalidInputError, 'InvalidInputError', 'INVALID_INPUT', 400, null],
  [ResourceLimitError, 'ResourceLimitError', 'RESOURCE_LIMIT', 400, null],
  [NotFoundError, 'NotFoundError', 'NOT_FOUND', 404, null],
  [ConflictError, 'ConflictError', 'CONFLICT', 409, null],
  [CapacityError, 'CapacityError', 'QUERY_CAPACITY_EXCEEDED', 429, 1],
  [UnavailableError, 'UnavailableError', 'UNAVAILABLE', 503, 1],
  [TimeoutError, 'TimeoutError', 'QUERY_TIMEOUT', 504, null],
  [CancelledError, 'CancelledError', 'QUERY_CANCELLED', 500, null],
  [CorruptSegmentError, 'CorruptSegmentError', 'CORRUPT_SEGMENT', 500, null],
  [StoreError, 'StoreError', 'STORE_ERROR', 500, null],
  [InvariantError, 'InvariantError', 'INVARIANT', 500, null],
];

describe('an error', () => {
  it.each(kinds)(
    'of class %o is %s with code %s and status %i',
    (Make, kind, code, status, retry) => {
      const error = new Make('It went wrong.');
      expect(error).toBeInstanceOf(IsothermError);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({
        kind,
        name: kind,
        code,
        status,
        details: {},
        retryAfterSeconds: retry,
        message: 'It went wrong.',
      });
    },
  );

  it('keeps its own code, details, retry time and cause', () => {
    const cause = new Error('socket');
    const details = { segments: ['a'] };
    const error = new UnavailableError('Gone.', {
      code: 'SEGMENTS_UNAVAILABLE',
      details,
      retryAfterSeconds: 7,
      cause,
    });
    expect(error).toMatchObject({
      code: 'SEGMENTS_UNAVAILABLE',
      details,
      retryAfterSeconds: 7,
      cause,
    });
  });
});

describe('between nodes', () => {
  it.each(kinds)('an error of class %o arrives as it left', (Make) => {
    const error = new Make('It went wrong.');
    // The way through a frame.
    const json = JSON.parse(JSON.stringify(errorToJson(error)));
    const restored = errorFromJson(json);
    expect(restored).toMatchObject({
      kind: error.kind,
      name: error.name,
      message: 'It went wrong.',
      code: error.code,
      status: error.status,
      details: error.details,
      retryAfterSeconds: error.retryAfterSeconds,
    });
  });

  it('an unknown error loses its text, which may hold secrets', () => {
    expect(errorToJson(new TypeError('password is hunter2'))).toEqual({
      kind: 'InvariantError',
      message: 'An unexpected error stopped the request. The log of the node has it.',
      code: 'INVARIANT',
      details: {},
      retryAfterSeconds: null,
    });
  });

  it('a kind that a newer node invented becomes an InvariantError with its code', () => {
    const json = {
      kind: 'FancyError' as ErrorKind,
      message: 'x',
      code: 'FANCY',
      details: {},
      retryAfterSeconds: null,
    };
    expect(errorFromJson(json)).toMatchObject({
      kind: 'InvariantError',
      code: 'FANCY',
      status: 500,
    });
  });
});
