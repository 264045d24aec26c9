/** Rules for paths on a `Disk`: relative, `/` between parts, and nothing that could leave the root. */
import { InvalidInputError } from '@isotherm/errors';

/** Folder at the root of a disk where files are written before they get their name. Not listed. */
export const temporaryFolder = '.tmp';

/**
 * Splits a path into its parts; `''` is the root itself and has none.
 *
 * @throws InvalidInputError code BAD_PATH for an absolute path, an empty, `.` or `..` part, a
 *   backslash, a NUL or the folder of temporary files
 */
export function pathParts(path: string): string[] {
  if (path === '') return [];
  const parts = path.split('/');
  const bad = parts.find((part) => part === '' || part === '.' || part === '..');
  if (bad !== undefined || path.includes('\0') || path.includes('\\')) {
    throw badPath(path, 'Expected a relative path of names divided by "/", without "." and "..".');
  }
  if (parts[0] === temporaryFolder) {
    throw badPath(path, `"${temporaryFolder}" is kept for files that are being written.`);
  }
  return parts;
}

/** Like `pathParts` for a file, which must have a name. @throws InvalidInputError code BAD_PATH */
export function filePathParts(path: string): string[] {
  const parts = pathParts(path);
  if (parts.length === 0) throw badPath(path, 'Expected the path of a file.');
  return parts;
}

/** Makes the error for a path that is refused; unprintable characters are escaped. */
export function badPath(path: string, expected: string): InvalidInputError {
  return new InvalidInputError(
    `Path ${JSON.stringify(path)} is not allowed on a disk. ${expected}`,
    {
      code: 'BAD_PATH',
    },
  );
}

/** Folders of a file path from the outermost to its own, as paths; `a/b/c` gives `a`, `a/b`. */
export function foldersOf(parts: readonly string[]): string[] {
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
