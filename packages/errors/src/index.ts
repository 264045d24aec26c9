export {
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
} from './errors.ts';
export type { ErrorJson, ErrorKind, ErrorOptions } from './errors.ts';
export { didYouMean, nearestName } from './suggest.ts';
export { JsonFields, kindOf } from './json-fields.ts';
export type { FaultFactory } from './json-fields.ts';
