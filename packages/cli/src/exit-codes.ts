/** Exit codes: stable, so that scripts can branch on them. */
import { IsothermError } from '@isotherm/errors';

/** Every exit code with its meaning, as `isotherm help exit-codes` prints them. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done' },
  internal: { code: 1, meaning: 'a bug of ours; the message says where' },
  usage: { code: 2, meaning: 'the command line or the query is wrong' },
  config: { code: 3, meaning: 'a spec, an input file, a setting or a configuration is wrong' },
  badRows: { code: 4, meaning: 'more malformed rows than allowed; nothing was published' },
  deepStorage: { code: 5, meaning: 'deep storage failed, or a segment file is damaged' },
  metadata: { code: 6, meaning: 'the metadata store failed' },
  conflict: { code: 7, meaning: 'another job, process or port holder is in the way' },
  resources: { code: 8, meaning: 'disk or memory ran out' },
  auth: { code: 9, meaning: 'the server refused the credentials' },
  unavailable: { code: 10, meaning: 'an answer is partial, late or not available; retry' },
  interrupted: { code: 130, meaning: 'stopped by Ctrl-C' },
} as const;

/** Codes of errors that say more than their kind does. */
const byErrorCode: Readonly<Record<string, number>> = {
  USAGE: exitCodes.usage.code,
  TOO_MANY_BAD_ROWS: exitCodes.badRows.code,
  DISK_FULL: exitCodes.resources.code,
  ADDRESS_IN_USE: exitCodes.conflict.code,
};

/** Codes of the operating system in errors that nobody wrapped. */
const bySystemCode: Readonly<Record<string, number>> = {
  ENOSPC: exitCodes.resources.code,
  EDQUOT: exitCodes.resources.code,
  ENOMEM: exitCodes.resources.code,
  EADDRINUSE: exitCodes.conflict.code,
  ENOENT: exitCodes.config.code,
  EACCES: exitCodes.config.code,
  EISDIR: exitCodes.config.code,
};

/** Picks the exit code for whatever a command threw; the cause counts where the error itself says little. */
export function exitCodeOf(error: unknown): number {
  const system = systemCodeOf(error);
  if (!(error instanceof IsothermError)) {
    return (system === null ? undefined : bySystemCode[system]) ?? exitCodes.internal.code;
  }
  const named = byErrorCode[error.code];
  if (named !== undefined) return named;
  if (system === 'ENOSPC' || system === 'EDQUOT') return exitCodes.resources.code;
  return byKind(error);
}

/** The exit code for an HTTP status that is not 200. */
export function exitCodeOfStatus(status: number): number {
  if (status === 401 || status === 403) return exitCodes.auth.code;
  if (status === 429 || status === 503 || status === 504) return exitCodes.unavailable.code;
  if (status >= 400 && status < 500) return exitCodes.usage.code;
  return exitCodes.internal.code;
}

function byKind(error: IsothermError): number {
  switch (error.kind) {
    case 'InvalidInputError':
    case 'NotFoundError':
      return exitCodes.config.code;
    case 'InvalidQueryError':
      return exitCodes.usage.code;
    case 'ConflictError':
      return exitCodes.conflict.code;
    case 'ResourceLimitError':
      return exitCodes.resources.code;
    case 'UnavailableError':
    case 'TimeoutError':
    case 'CapacityError':
      return exitCodes.unavailable.code;
    case 'StoreError':
      return error.code.startsWith('METADATA_')
        ? exitCodes.metadata.code
        : exitCodes.deepStorage.code;
    case 'CorruptSegmentError':
      return exitCodes.deepStorage.code;
    case 'CancelledError':
      return exitCodes.interrupted.code;
    case 'InvariantError':
      return exitCodes.internal.code;
    default:
      return error.kind satisfies never;
  }
}

/** `code` of the error or of the nearest cause that has one of the operating system's. */
function systemCodeOf(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; depth++) {
    const code = 'code' in at ? at.code : undefined;
    if (typeof code === 'string' && code in bySystemCode) return code;
    at = at.cause;
  }
  return null;
}
