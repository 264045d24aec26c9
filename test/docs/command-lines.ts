/** Finds what documents tell people to type: shell blocks, and command lines of `isotherm`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tidy/source-tree.ts';

/** One fenced block of a document. */
export interface Block {
  /** Path of the document from the root. */
  readonly file: string;
  /** What stands behind the backticks, such as `sh`. */
  readonly language: string;
  readonly text: string;
}

/** All fenced blocks of a document, without the indent that they have inside lists. */
export function blocksOf(file: string): Block[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^( *)```(\S*)\n(.*?)^ *```$/gms)].map(
    ([, indent = '', language = '', body = '']) => ({
      file,
      language,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** Every call of `isotherm` in a document as words: in shell blocks, in examples of help, in code spans. */
export function isothermCalls(file: string): string[][] {
  const blocks = blocksOf(file);
  const shell = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text);
  const help = blocks
    .filter(({ language }) => language === 'text')
    .flatMap(({ text }) => [...text.matchAll(/^ {2}(isotherm .*?)(?: {2,}.*)?$/gm)])
    .map(([, line = '']) => line)
    .filter((line) => !line.includes('[options]'));
  const prose = readFileSync(join(root, file), 'utf8').replaceAll(/^ *```.*?^ *```$/gms, '');
  const spans = [...prose.matchAll(/`(isotherm [^`]+)`/g)].map(([, line = '']) => line);
  return [...shell, ...help, ...spans].flatMap(callsIn);
}

/** Calls in shell text: continued lines are joined, pipes and the rest of the shell cut off. */
function callsIn(text: string): string[][] {
  return text
    .replaceAll(/\\\n/g, ' ')
    .replaceAll(/(?:^| )#.*$/gm, '')
    .replaceAll(/\$\([^)]*\)/g, 'FILE')
    .split(/[\n|;&]+/)
    .map((part) => part.replaceAll(/[<>] *\S+/g, '').trim())
    .map((part) => /^(?:npx |node_modules\/\.bin\/)?isotherm (.+)$/.exec(part)?.[1])
    .filter((words) => words !== undefined)
    .map((words) => words.split(/ +/));
}
