/**
 * Finds the files of an input source. Paths that are not absolute start at the spec's own folder. Files
 * are taken in the order of their names, so that a job reads the same way on every machine.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { didYouMean, InvalidInputError } from '@isotherm/errors';
import type { InputSource } from '../spec/ingestion-spec.ts';

/** A file to read, pinned by size and time of change; `name` is how messages call it. */
export interface InputFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/**
 * @param folder  absolute; where relative paths start
 * @throws InvalidInputError code FILE_NOT_FOUND or NO_INPUT_FILES
 */
export async function findInputFiles(
  source: Extract<InputSource, { type: 'local' }>,
  folder: string,
): Promise<InputFile[]> {
  if (source.baseDir === null) {
    return Promise.all(source.files.map((file) => describeFile(resolve(folder, file), file)));
  }
  const base = resolve(folder, source.baseDir);
  const paths = await listFiles(base, source.baseDir);
  const matches = globPattern(source.filter);
  const found = paths.filter((path) => matches.test(basename(path))).sort();
  if (found.length === 0) {
    const names = paths.map((path) => basename(path));
    throw new InvalidInputError(
      `No file in "${source.baseDir}" matches "${source.filter}". The folder holds ${names.length} files.${didYouMean(source.filter, names)}`,
      { code: 'NO_INPUT_FILES' },
    );
  }
  return Promise.all(
    found.map((path) => describeFile(path, relative(base, path).split(sep).join('/'))),
  );
}

/** @throws InvalidInputError code INPUT_CHANGED if the file is not the one that was found */
export async function checkUnchanged(file: InputFile): Promise<void> {
  const now = await describeFile(file.path, file.name);
  if (now.bytes === file.bytes && now.modifiedMs === file.modifiedMs) return;
  throw new InvalidInputError(
    `Input file "${file.name}" was changed while it was read. Nothing was published. Run the job again.`,
    { code: 'INPUT_CHANGED' },
  );
}

async function describeFile(path: string, name: string): Promise<InputFile> {
  const found = await stat(path).catch((cause: unknown) => {
    throw fileFault(name, cause);
  });
  if (!found.isFile()) {
    throw new InvalidInputError(
      found.isDirectory()
        ? `Input "${name}" is a folder. Expected a file; name the folder as "baseDir" with a "filter".`
        : `Input "${name}" is a pipe or a device. Expected a file, whose size is known. Write it to a file first.`,
      { code: 'FILE_NOT_FOUND' },
    );
  }
  return { name, path, bytes: found.size, modifiedMs: found.mtimeMs };
}

/** Turns a fault of the file system into a sentence. */
export function fileFault(name: string, cause: unknown): InvalidInputError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const text =
    code === 'ENOENT'
      ? `Input file "${name}" does not exist. Check the path; relative paths start at the spec's folder.`
      : code === 'EACCES'
        ? `Input file "${name}" may not be read: permission is denied.`
        : `Input file "${name}" cannot be read (${code}).`;
  return new InvalidInputError(text, {
    code: code === 'ENOENT' ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
    cause,
  });
}

async function listFiles(base: string, name: string): Promise<string[]> {
  const entries = await readdir(base, { recursive: true, withFileTypes: true }).catch(
    (cause: unknown) => {
      throw new InvalidInputError(
        `Folder "${name}" of "baseDir" cannot be read. Check the path; relative paths start at the spec's folder.`,
        { code: 'FILE_NOT_FOUND', cause },
      );
    },
  );
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** `*` and `?` as in a shell; everything else stands for itself. */
function globPattern(filter: string): RegExp {
  const escaped = filter.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}
