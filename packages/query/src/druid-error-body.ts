/**
 * Errors as Druid's clients expect them: the keys of its old form (`error`, `errorMessage`,
 * `errorClass`, `host`) and of its new one (`errorCode`, `persona`, `category`) in one body, which is
 * safe for all of them.
 */
import type { ErrorKind } from '@isotherm/errors';
import { InvariantError, IsothermError } from '@isotherm/errors';

/** The body of an error answer. */
export interface DruidErrorBody {
  /** Druid's old error text, which clients compare: `Query timeout` and the like. */
  readonly error: string;
  readonly errorCode: string;
  readonly persona: 'USER' | 'OPERATOR' | 'DEVELOPER';
  readonly category: string;
  readonly errorMessage: string;
  readonly errorClass: string | null;
  readonly host: string | null;
  /** Our own stable code. */
  readonly code: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

type Legacy = Pick<DruidErrorBody, 'error' | 'persona' | 'category' | 'errorClass'>;

const byKind: Readonly<Record<ErrorKind, Legacy>> = {
  InvalidQueryError: legacy('Json parse failed', 'USER', 'INVALID_INPUT'),
  InvalidInputError: legacy('Json parse failed', 'USER', 'INVALID_INPUT'),
  ResourceLimitError: legacy('Resource limit exceeded', 'USER', 'CAPACITY_EXCEEDED'),
  NotFoundError: legacy('druidException', 'USER', 'NOT_FOUND'),
  ConflictError: legacy('druidException', 'USER', 'CONFLICT'),
  CapacityError: legacy('Query capacity exceeded', 'OPERATOR', 'CAPACITY_EXCEEDED'),
  UnavailableError: legacy('druidException', 'OPERATOR', 'SERVICE_UNAVAILABLE'),
  TimeoutError: legacy('Query timeout', 'OPERATOR', 'TIMEOUT'),
  CancelledError: legacy('Query cancelled', 'USER', 'CANCELED'),
  CorruptSegmentError: legacy('Unknown exception', 'OPERATOR', 'RUNTIME_FAILURE'),
  StoreError: legacy('Unknown exception', 'OPERATOR', 'RUNTIME_FAILURE'),
  InvariantError: legacy('Unknown exception', 'DEVELOPER', 'DEFENSIVE'),
};

/** Codes whose old text differs from that of their kind. */
const byCode: Readonly<Record<string, string>> = {
  INVALID_CONTEXT: 'Query context parse failed',
};

/**
 * Makes the body of an error answer. What is no error of ours tells nothing of itself.
 *
 * @param host `host:port` of the node that failed
 */
export function druidErrorBody(error: unknown, host: string | null = null): DruidErrorBody {
  if (!(error instanceof IsothermError)) {
    return druidErrorBody(
      new InvariantError('An unexpected error stopped the request. The log of the node has it.'),
      host,
    );
  }
  const texts = byKind[error.kind];
  const isQuery = error.kind === 'InvalidQueryError' && !(error.code in byCode);
  const body: DruidErrorBody = {
    error: byCode[error.code] ?? texts.error,
    errorCode: texts.error === 'druidException' ? camelCase(error.code) : 'legacyQueryException',
    persona: texts.persona,
    category: texts.category,
    errorMessage: isQuery ? `Invalid native query: ${error.message}` : error.message,
    errorClass: texts.errorClass,
    host,
    code: error.code,
  };
  return Object.keys(error.details).length === 0 ? body : { ...body, details: error.details };
}

/** `errorClass` stays null: Java's class names would be lies here, and Druid leaves it out too. */
function legacy(error: string, persona: Legacy['persona'], category: string): Legacy {
  return { error, persona, category, errorClass: null };
}

/** SEGMENTS_UNAVAILABLE becomes segmentsUnavailable, as Druid spells its codes. */
function camelCase(code: string): string {
  return code.toLowerCase().replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
