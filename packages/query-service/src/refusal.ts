/**
 * What HTTP answers to an error: status, headers, body in Druid's shape. Refusals that belong to HTTP
 * and not to a query have a status of their own.
 */
import { InvalidInputError, InvariantError, IsothermError, NotFoundError } from '@isotherm/errors';
import { type DruidErrorBody, druidErrorBody } from '@isotherm/query';

/** An error with what answers it. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: DruidErrorBody;
  readonly error: IsothermError;

  constructor(
    error: IsothermError,
    http: {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: Partial<DruidErrorBody>;
    },
  ) {
    super(error.message);
    this.status = http.status;
    this.headers = http.headers ?? {};
    this.body = { ...druidErrorBody(error), ...http.body };
    this.error = error;
  }
}

/** What any error is answered by. Errors that nobody foresaw lose their text. */
export function asRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  const error =
    thrown instanceof IsothermError
      ? thrown
      : new InvariantError(
          'An unexpected error stopped the request. The log of the query service has it.',
          { cause: thrown },
        );
  const { status, retryAfterSeconds } = error;
  return retryAfterSeconds === null
    ? new Refusal(error, { status })
    : new Refusal(error, {
        status,
        headers: { 'Retry-After': String(Math.ceil(retryAfterSeconds)) },
      });
}

/** Druid has no old name for what is wrong with HTTP itself. */
const invalidRequest = { error: 'druidException', errorCode: 'invalidInput' };
const forbidden = { error: 'druidException', errorCode: 'forbidden', category: 'FORBIDDEN' };

/** 413: the body is larger than it may be. */
export function bodyTooLarge(maxBytes: number): Refusal {
  const error = new InvalidInputError(
    `The request body is larger than ${maxBytes} bytes. Send fewer values, or several queries.`,
    { code: 'BODY_TOO_LARGE', details: { maxBytes } },
  );
  return new Refusal(error, { status: 413, body: invalidRequest });
}

/** 415: the body is something else than plain JSON. */
export function notJson(what: string): Refusal {
  const error = new InvalidInputError(`${what} Send JSON with "Content-Type: application/json".`, {
    code: 'UNSUPPORTED_MEDIA_TYPE',
  });
  return new Refusal(error, { status: 415, body: invalidRequest });
}

/** 405: the path exists, the method does not. */
export function methodNotAllowed(
  method: string,
  path: string,
  allowed: readonly string[],
): Refusal {
  const error = new InvalidInputError(
    `${method} does not work on "${path}". Use ${allowed.join(' or ')}.`,
    { code: 'METHOD_NOT_ALLOWED' },
  );
  return new Refusal(error, {
    status: 405,
    headers: { Allow: allowed.join(', ') },
    body: invalidRequest,
  });
}

/** 403: a web page of another site was made to ask for this machine. */
export function hostNotAllowed(host: string): Refusal {
  const error = new InvalidInputError(
    `Host "${host}" is not one that this service answers to. Use 127.0.0.1 or localhost, or add it to "allowedHosts".`,
    { code: 'HOST_NOT_ALLOWED' },
  );
  return new Refusal(error, { status: 403, body: forbidden });
}

/** 400: the address of the request cannot be read. */
export function badUrl(): Refusal {
  const error = new InvalidInputError(
    'The address of the request cannot be read. Check its percent signs.',
    { code: 'INVALID_URL' },
  );
  return new Refusal(error, { status: 400, body: invalidRequest });
}

/** 404: no such path. */
export function unknownPath(path: string, hint: string): Refusal {
  const error = new NotFoundError(`Path "${path}" does not exist.${hint}`, {
    code: 'UNKNOWN_PATH',
  });
  return new Refusal(error, { status: 404 });
}
