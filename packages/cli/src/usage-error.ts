import { InvalidInputError } from '@isotherm/errors';

/** Makes the error for a wrong command line: exit code 2. */
export function usageError(message: string): InvalidInputError {
  return new InvalidInputError(message, { code: 'USAGE' });
}
