/** Which fault ends in which exit code. */
import {
  CancelledError,
  CapacityError,
  ConflictError,
  CorruptSegmentError,
  InvalidInputError,
  InvalidQueryError,
  InvariantError,
  NotFoundError,
  ResourceLimitError,
  StoreError,
  TimeoutError,
  UnavailableError,
} from '@isotherm/errors';
import { expect, it } from 'vitest';
import { exitCodeOf, exitCodeOfStatus } from '../src/exit-codes.ts';

const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });

const faults: [name: string, error: unknown, exitCode: number][] = [
  ['a bug', new InvariantError('x'), 1],
  ['an unknown error', new TypeError('x'), 1],
  ['something thrown that is no error', 'x', 1],
  ['a wrong command line', new InvalidInputError('x', { code: 'USAGE' }), 2],
  ['a wrong query', new InvalidQueryError('x'), 2],
  ['a wrong spec', new InvalidInputError('x'), 3],
  ['a missing file', new NotFoundError('x'), 3],
  ['too many malformed rows', new InvalidInputError('x', { code: 'TOO_MANY_BAD_ROWS' }), 4],
  ['failing deep storage', new StoreError('x'), 5],
  ['a damaged segment', new CorruptSegmentError('x'), 5],
  ['a failing metadata store', new StoreError('x', { code: 'METADATA_FAILED' }), 6],
  ['another job in the way', new ConflictError('x', { code: 'INTERVAL_LOCKED' }), 7],
  ['a port in use', Object.assign(new Error('x'), { code: 'EADDRINUSE' }), 7],
  ['a full disk', full, 8],
  ['a full disk below deep storage', new StoreError('x', { cause: full }), 8],
  ['a query that needs too much', new ResourceLimitError('x'), 8],
  ['a missing node', new UnavailableError('x'), 10],
  ['a time limit', new TimeoutError('x'), 10],
  ['an overloaded server', new CapacityError('x'), 10],
  ['a caller who gave up', new CancelledError('x'), 130],
];
it.each(faults)('%s', (_name, error, exitCode) => {
  expect(exitCodeOf(error)).toBe(exitCode);
});

const statuses: [status: number, exitCode: number][] = [
  [400, 2],
  [401, 9],
  [403, 9],
  [404, 2],
  [429, 10],
  [500, 1],
  [503, 10],
  [504, 10],
];
it.each(statuses)('an HTTP status of %i is exit code %i', (status, exitCode) => {
  expect(exitCodeOfStatus(status)).toBe(exitCode);
});
