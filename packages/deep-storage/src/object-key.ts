import { InvalidInputError } from '@isotherm/errors';

/**
 * Checks the key of an object: parts of `[A-Za-z0-9._@=-]` divided by `/`, none of them only dots.
 *
 * @throws InvalidInputError code BAD_OBJECT_KEY
 */
export function checkObjectKey(key: string): string {
  const isSafe = key
    .split('/')
    .every((part) => /^[A-Za-z0-9._@=-]+$/.test(part) && !/^\.+$/.test(part));
  if (isSafe) return key;
  throw new InvalidInputError(
    `Object key ${JSON.stringify(key)} is not allowed. Expected parts of letters, digits and "._@=-" divided by "/".`,
    { code: 'BAD_OBJECT_KEY' },
  );
}

/** Checks a prefix to list by: empty, or a key followed by `/`. @throws InvalidInputError code BAD_OBJECT_KEY */
export function checkObjectPrefix(prefix: string): string {
  if (prefix === '') return prefix;
  if (prefix.endsWith('/')) {
    checkObjectKey(prefix.slice(0, -1));
    return prefix;
  }
  throw new InvalidInputError(
    `Object prefix "${prefix}" is not allowed. Expected an empty text or one that ends in "/".`,
    { code: 'BAD_OBJECT_KEY' },
  );
}
