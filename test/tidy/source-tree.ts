/**
 * The checkout's sources as text: packages with their levels, files, imports and exports, read by
 * plain patterns (TypeScript 7 has no programming interface). Good enough because the formatter
 * fixes how imports and exports are written.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root folder of the checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Level of each package: a package may import only from lower ones (docs/decisions/0001 for level 0). */
export const levels: Readonly<Record<string, number>> = {
  errors: 0,
  platform: 0,
  kernels: 0,
  timeline: 0,
  segment: 1,
  query: 1,
  'deep-storage': 1,
  metadata: 1,
  engine: 2,
  rpc: 2,
  'ingest-spark-like': 3,
  historical: 3,
  broker: 3,
  coordinator: 3,
  'query-service': 4,
  cli: 4,
};

/** `errors` is below everything, the other packages of level 0 included. */
export const foundation = 'errors';

/** The one package of level 4 that puts all roles into one process, and so may import its peers. */
export const assembler = 'cli';

/** One TypeScript file of a package's `src` folder. */
export interface SourceFile {
  /** Folder name of the package. */
  readonly packageName: string;
  /** Path from the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Module specifiers it imports, dynamic and type-only ones included. */
  readonly imports: readonly string[];
}

/** All files of all packages' `src`, by path. */
export function sourceFiles(): SourceFile[] {
  return Object.keys(levels).flatMap((packageName) =>
    filesBelow(join(root, 'packages', packageName, 'src'))
      .filter((path) => /\.(ts|tsx)$/.test(path))
      .map((path) => {
        const text = readFileSync(path, 'utf8');
        return { packageName, path: relative(root, path), text, imports: importsOf(text) };
      }),
  );
}

/** Absolute paths of all files below a folder, in order; none when it is absent. */
export function filesBelow(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules' && entry.name !== '.git')
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const found = code.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'|new URL\(\s*'([^']+\.ts)'/g,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
}

/** Names exported by a file with the line of each declaration, re-exports left out. */
export function declaredExports(text: string): { name: string; line: number }[] {
  return text.split('\n').flatMap((line, index) => {
    const name =
      /^export (?:default )?(?:async )?(?:abstract )?(?:function\*?|class|const|let|interface|type) ([A-Za-z0-9_$]+)/.exec(
        line,
      )?.[1];
    return name === undefined ? [] : [{ name, line: index }];
  });
}
