/**
 * Errors by whose fault they are. `code` is stable API and safe to branch on; the message is for
 * people and may change: *noun "value" what is wrong. What was expected. What to do.* Messages
 * never carry cell data or secrets.
 *
 * | class | status | fault |
 * |---|---|---|
 * | InvalidQueryError | 400 | the query |
 * | InvalidInputError | 400 | a spec, a configuration, an input file, a flag |
 * | ResourceLimitError | 400 | the query, which needs more than it may use |
 * | NotFoundError | 404 | a name that does not exist |
 * | ConflictError | 409 | another job holds what this one needs |
 * | CapacityError | 429 | load; retry later |
 * | UnavailableError | 503 | a node or segment that is missing; retry later |
 * | TimeoutError | 504 | the time limit of the query |
 * | CancelledError | 500 | the caller, who gave up |
 * | CorruptSegmentError | 500 | bytes that do not hold what they promise |
 * | StoreError | 500 | deep storage or the metadata store |
 * | InvariantError | 500 | a bug; user input can never reach it |
 */

/** What every error of ours carries beside its message. */
export interface ErrorOptions {
  /** Stable code in capitals, such as `UNKNOWN_COLUMN`. */
  readonly code?: string;
  /** Facts for programs: names and counts, never cell data. Must survive JSON. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Seconds after which a retry makes sense; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** The root of all errors that this project throws on purpose. */
export class IsothermError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  /** HTTP status that answers a request which ends in this error. */
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | null;

  constructor(kind: ErrorKind, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const byKind: ErrorDefaults = defaults[kind];
    this.kind = kind;
    this.name = kind;
    this.code = options.code ?? byKind.code;
    this.status = byKind.status;
    this.details = options.details ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds ?? byKind.retryAfterSeconds ?? null;
  }
}

type ErrorDefaults = { code: string; status: number; retryAfterSeconds?: number };

const defaults = {
  InvalidQueryError: { code: 'INVALID_QUERY', status: 400 },
  InvalidInputError: { code: 'INVALID_INPUT', status: 400 },
  ResourceLimitError: { code: 'RESOURCE_LIMIT', status: 400 },
  NotFoundError: { code: 'NOT_FOUND', status: 404 },
  ConflictError: { code: 'CONFLICT', status: 409 },
  CapacityError: { code: 'QUERY_CAPACITY_EXCEEDED', status: 429, retryAfterSeconds: 1 },
  UnavailableError: { code: 'UNAVAILABLE', status: 503, retryAfterSeconds: 1 },
  TimeoutError: { code: 'QUERY_TIMEOUT', status: 504 },
  CancelledError: { code: 'QUERY_CANCELLED', status: 500 },
  CorruptSegmentError: { code: 'CORRUPT_SEGMENT', status: 500 },
  StoreError: { code: 'STORE_ERROR', status: 500 },
  InvariantError: { code: 'INVARIANT', status: 500 },
} satisfies Record<string, ErrorDefaults>;

/** The name of an error class; travels between nodes. */
export type ErrorKind = keyof typeof defaults;

/** The query is wrong: 400. */
export class InvalidQueryError extends IsothermError {
  constructor(message: string, options?: ErrorOptions) {
    super('InvalidQueryError', message, options);
  }
}

/** A spec, configuration, flag or input file is wrong: 400. */
export class InvalidInputError extends IsothermError {
  constructor(message: string, options?: ErrorOptions) {
    super('InvalidInputError', message, options);
  }
}

/** The query needs more memory, rows or groups than it may use: 400. */
export class ResourceLimitError extends IsothermError {
  constructor(message: string, options?: ErrorOptions) {
    super('ResourceLimitError', message, options);
  }
}

/** A datasource, segment, file or path does not exist: 404. */
export class NotFoundError extends IsothermError {
  constructor(message: string, options?: ErrorOptions) {
    super('NotFoundError', message, options);
  }
}

/** Another job holds what this one needs: 409. */
export class ConflictError extends IsothermError {
  constructor(message: string, options?: ErrorOptions) {
    super('ConflictError', message, options);
  }
}

/** Too much is running already; the request was refused at once: 429. */
export class CapacityError extends IsothermError {
  constructor(message: string, options?: ErrorOptions) {
    super('CapacityError', message, options);
  }
}

/** A node or a segment is missing; names what: 503, retryable. */
export class UnavailableError extends IsothermError {
  constructor(message: string, options?: ErrorOptions) {
    super('UnavailableError', message, options);
  }
}

/** The time limit passed: 504. */
export class TimeoutError extends IsothermError {
  constructor(message: string, options?: ErrorOptions) {
    super('TimeoutError', message, options);
  }
}

/** The caller cancelled: 500, as Druid answers. */
export class CancelledError extends IsothermError {
  constructor(message: string, options?: ErrorOptions) {
    super('CancelledError', message, options);
  }
}

/** Bytes of a segment are not what their checksum or length promises: 500. */
export class CorruptSegmentError extends IsothermError {
  constructor(message: string, options?: ErrorOptions) {
    super('CorruptSegmentError', message, options);
  }
}

/** Deep storage or the metadata store failed: 500. */
export class StoreError extends IsothermError {
  constructor(message: string, options?: ErrorOptions) {
    super('StoreError', message, options);
  }
}

/** A state that correct code never reaches: 500. */
export class InvariantError extends IsothermError {
  constructor(message: string, options?: ErrorOptions) {
    super('InvariantError', message, options);
  }
}

/** The plain form of an error in a frame between nodes. */
export interface ErrorJson {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | null;
}

/** Turns any thrown value into its plain form; an unknown one becomes an InvariantError without its text. */
export function errorToJson(error: unknown): ErrorJson {
  if (!(error instanceof IsothermError)) {
    return errorToJson(
      new InvariantError('An unexpected error stopped the request. The log of the node has it.'),
    );
  }
  const { kind, message, code, details, retryAfterSeconds } = error;
  return { kind, message, code, details, retryAfterSeconds };
}

/** Restores an error that `errorToJson` wrote on another node. */
export function errorFromJson(json: ErrorJson): IsothermError {
  const kind = json.kind in defaults ? json.kind : 'InvariantError';
  return new IsothermError(kind, json.message, {
    code: json.code,
    details: json.details,
    ...(json.retryAfterSeconds === null ? {} : { retryAfterSeconds: json.retryAfterSeconds }),
  });
}
