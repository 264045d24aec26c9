/** What can be checked of the code's form is checked here: levels, docs, names, dead exports, links. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  assembler,
  declaredExports,
  filesBelow,
  foundation,
  levels,
  root,
  sourceFiles,
} from './source-tree.ts';

const files = sourceFiles();

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string>>;
}

function manifestOf(packageName: string): Manifest {
  return JSON.parse(
    readFileSync(join(root, 'packages', packageName, 'package.json'), 'utf8'),
  ) as Manifest;
}

function tracked(): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root });
  return String(listed)
    .split('\n')
    .filter((path) => path !== '' && existsSync(join(root, path)));
}

describe('packages', () => {
  it('import only from lower levels; peers never import each other', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .map((specifier) => /^@isotherm\/([^/]+)$/.exec(specifier)?.[1])
        .filter((target) => target !== undefined && !mayImport(file.packageName, target))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('name every package that they import, and no other, among their dependencies', () => {
    const wrong = Object.keys(levels).flatMap((packageName) => {
      const own = files.filter((file) => file.packageName === packageName);
      const used = new Set(own.flatMap((file) => file.imports).map(packageOf));
      for (const builtin of ['', ...used].filter((name) => name.startsWith('node:') || name === ''))
        used.delete(builtin);
      const named = new Set(Object.keys(manifestOf(packageName).dependencies ?? {}));
      return [
        ...[...used]
          .filter((name) => !named.has(name))
          .map((name) => `${packageName} lacks ${name}`),
        ...[...named]
          .filter((name) => !used.has(name))
          .map((name) => `${packageName} names ${name} without importing it`),
      ];
    });
    expect(wrong).toEqual([]);
  });

  it('refer in tsconfig.json to the packages that they depend on', () => {
    for (const packageName of Object.keys(levels)) {
      const folder = join(root, 'packages', packageName);
      const config = JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8')) as {
        references: { path: string }[];
      };
      const referred = config.references.map((reference) => reference.path.replace('../', ''));
      const depended = Object.keys(manifestOf(packageName).dependencies ?? {})
        .filter((name) => name.startsWith('@isotherm/'))
        .map((name) => name.replace('@isotherm/', ''));
      expect([packageName, referred.sort()]).toEqual([packageName, depended.sort()]);
    }
  });

  it('have a README of one page that gives a reason for every third-party dependency', () => {
    const wrong = Object.keys(levels).flatMap((packageName) => {
      const path = join(root, 'packages', packageName, 'README.md');
      if (!existsSync(path)) return [`${packageName} has no README.md`];
      const text = readFileSync(path, 'utf8');
      const foreign = Object.keys(manifestOf(packageName).dependencies ?? {}).filter(
        (name) => !name.startsWith('@isotherm/'),
      );
      return foreign
        .filter((name) => !text.includes(name))
        .map((name) => `${packageName}/README.md does not speak of ${name}`);
    });
    expect(wrong).toEqual([]);
  });
});

describe('sources', () => {
  it('document every export', () => {
    const wrong = files.flatMap((file) => {
      const lines = file.text.split('\n');
      return declaredExports(file.text)
        .filter(({ line }) => !(lines[line - 1] ?? '').trimEnd().endsWith('*/'))
        .map(({ name, line }) => `${file.path}:${line + 1} ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  it('export nothing that nobody imports', () => {
    const tests = [...filesBelow(join(root, 'packages')), ...filesBelow(join(root, 'test'))]
      .filter((path) => path.endsWith('.ts') && /[\\/]test[\\/]/.test(path))
      .map((path) => readFileSync(path, 'utf8'));
    const dead = files.flatMap((file) =>
      declaredExports(file.text)
        .filter(({ name }) => name !== 'main')
        .filter(({ name }) => {
          const word = new RegExp(`\\b${name.replaceAll('$', String.raw`\$`)}\\b`, 'g');
          // A type stands in the signature of something else that is exported beside it.
          if (isType(name, file.text) && (file.text.match(word)?.length ?? 0) > 1) return false;
          const elsewhere = files.some((other) => other !== file && word.test(other.text));
          return !elsewhere && !tests.some((text) => word.test(text));
        })
        .map(({ name }) => `${file.path} ${name}`),
    );
    expect(dead).toEqual([]);
  });

  it('are named for what they hold', () => {
    const banned =
      /(^|\/)(data|info|common|misc)(\.ts|\/)|(^|[-/])(utils?|helpers?|manager|processor)(\.ts|\/|-)/;
    const wrong = files
      .map((file) => file.path)
      .filter((path) => banned.test(path.replace(/.*?\/src\//, '')) || /[A-Z_]/.test(path));
    expect(wrong).toEqual([]);
  });

  it('read the environment, open real sockets and make real clocks only in the edges', () => {
    const edge = /\/(main|quickstart)\.ts$|^packages\/platform\/src\/node|^packages\/cli\/src\//;
    const wrong = files
      .filter((file) => !edge.test(file.path))
      .filter((file) =>
        /process\.env|from 'node:net'|Date\.now\(\)|Math\.random\(\)/.test(file.text),
      )
      .map((file) => file.path);
    expect(wrong).toEqual([]);
  });

  it('leave no mark of unfinished work', () => {
    const marks = new RegExp(String.raw`\b(TO${'DO'}|FIX${'ME'}|XX${'X'})\b`);
    expect(files.filter((file) => marks.test(file.text)).map((file) => file.path)).toEqual([]);
  });

  it('are as small as they can be: the largest files and functions, to look at', () => {
    const sized = files
      .map((file) => `${file.text.split('\n').length} lines ${file.path}`)
      .sort((a, b) => Number.parseInt(b) - Number.parseInt(a));
    const long = files
      .flatMap((file) => functionLengths(file.text).map((item) => `${item} ${file.path}`))
      .sort((a, b) => Number.parseInt(b) - Number.parseInt(a));
    console.log([...sized.slice(0, 10), ...long.slice(0, 10)].join('\n'));
    expect(sized.length).toBeGreaterThan(0);
  });
});

/**
 * From the route to the loop over batches of column values. Each file leads to the next one by an
 * import, or by the name of a call where a wire or a thread lies between them.
 */
const queryPath: readonly { file: string; leadsBy: string }[] = [
  { file: 'query-service/src/query-handler.ts', leadsBy: 'broker.query' },
  { file: 'broker/src/run-query.ts', leadsBy: './scatter.ts' },
  { file: 'broker/src/scatter.ts', leadsBy: 'historical.run' },
  { file: 'historical/src/run-segments.ts', leadsBy: 'pool.run' },
  { file: 'historical/src/segment-worker.ts', leadsBy: '@isotherm/engine' },
  { file: 'engine/src/run-segments.ts', leadsBy: './group-by.ts' },
  { file: 'engine/src/group-by.ts', leadsBy: './group-rows.ts' },
];

describe('a query', () => {
  it('goes from the HTTP route to the column loop through at most seven files', () => {
    console.log(queryPath.map(({ file, leadsBy }) => `${file} → ${leadsBy}`).join('\n'));
    const textOf = (file: string): string =>
      files.find(({ path }) => path === `packages/${file}`)?.text ?? '';
    expect(textOf('query-service/src/routes.ts')).toContain('./query-handler.ts');
    expect(textOf('engine/src/group-rows.ts')).toContain('@isotherm/kernels');
    expect(queryPath.filter(({ file, leadsBy }) => !textOf(file).includes(leadsBy))).toEqual([]);
    expect(queryPath.length).toBeLessThanOrEqual(7);
  });
});

describe('the checkout', () => {
  it('has only README links that lead somewhere', () => {
    const wrong = tracked()
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) => {
        const text = readFileSync(join(root, path), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
        return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
          .map((match) => match[1] ?? '')
          .filter((target) => !/^[a-z]+:/.test(target))
          .filter((target) => !existsSync(join(root, dirname(path), target)))
          .map((target) => `${path}: ${target}`);
      });
    expect(wrong).toEqual([]);
  });

  it('carries no path of the machine it was written on and no registry host', () => {
    const banned = new RegExp(['/work', '/main|regis', 'try\\.npmjs|/ro', 'ot/'].join(''));
    const wrong = tracked()
      .filter((path) => !/\.(arrow|bin|png|gz|parquet)$/.test(path))
      .filter((path) => banned.test(readFileSync(join(root, path), 'utf8')));
    expect(wrong).toEqual([]);
  });
});

function mayImport(from: string, to: string): boolean {
  const [own, other] = [levels[from], levels[to]];
  if (own === undefined || other === undefined) return false;
  if (to === foundation) return from !== foundation;
  return other < own || (from === assembler && own === other);
}

function isType(name: string, text: string): boolean {
  return new RegExp(String.raw`^export (?:type|interface) ${name}\b`, 'm').test(text);
}

function packageOf(specifier: string): string {
  if (/^\.|^node:|\.ts$/.test(specifier)) return '';
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** `N lines name` for every top-level function or method, by indentation. */
function functionLengths(text: string): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const match = /^(\s*)(?:export )?(?:async )?function\*? ?(\w+)/.exec(line);
    if (match === null) return [];
    const end = lines.findIndex((other, at) => at > index && other === `${match[1]}}`);
    return end < 0 ? [] : [`${end - index + 1} lines ${match[2]}`];
  });
}
