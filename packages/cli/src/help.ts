/** Help texts: examples first, never wider than 80 columns. */
import type { Command, Option } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import type { Styles } from './host.ts';

const widthColumns = 80;

/** The page of `isotherm --help`. */
export function overviewHelp(commands: readonly Command[], styles: Styles): string {
  const width = Math.max(...commands.map((command) => command.name.length)) + 2;
  return [
    'isotherm: a column-oriented OLAP engine for ads analytics',
    '',
    styles.bold('Examples'),
    '  isotherm quickstart                          data, a cluster, three queries',
    '  isotherm ingest spec.json --data-dir ./data  turn files into segments',
    '  isotherm standalone --data-dir ./data        serve them on port 8888',
    '  isotherm query query.json --table            ask',
    '',
    styles.bold('Commands'),
    ...commands.flatMap((command) => entry(command.name.padEnd(width), command.summary)),
    '',
    'isotherm COMMAND --help explains one. isotherm help exit-codes lists the codes.',
    '',
  ].join('\n');
}

/** The page of `isotherm COMMAND --help`. */
export function commandHelp(command: Command, styles: Styles): string {
  const flags = Object.entries(command.options).map(([name, option]) => ({
    name: `--${name}${option.placeholder === undefined ? '' : ` ${option.placeholder}`}`,
    text: optionText(option),
  }));
  const all = [...flags, { name: '-h, --help', text: 'Show this page.' }];
  const width = Math.max(...all.map((flag) => flag.name.length)) + 2;
  return [
    ...wrap(`isotherm ${command.name}: ${command.summary}`, ''),
    '',
    styles.bold('Examples'),
    ...command.examples.flatMap(({ line, effect }) => [`  ${line}`, ...wrap(effect, '      ')]),
    '',
    styles.bold('Usage'),
    `  ${['isotherm', command.name, ...command.arguments].join(' ')} [options]`,
    '',
    styles.bold('Options'),
    ...all.flatMap((flag) => entry(flag.name.padEnd(width), flag.text)),
    ...(command.notes ?? []).flatMap((note) => ['', ...wrap(note, '')]),
    '',
  ].join('\n');
}

/** The page of `isotherm help exit-codes`. */
export function exitCodesHelp(): string {
  return [
    'Exit codes',
    ...Object.values(exitCodes).map(
      ({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`,
    ),
    '',
  ].join('\n');
}

function optionText(option: Option): string {
  const range = option.max === undefined ? '' : ` ${option.min ?? 0} to ${option.max}.`;
  const fallback = option.default === undefined ? '' : ` Default: ${option.default}.`;
  return `${option.description}${range}${fallback}`;
}

/** A name and its text beside it, wrapped under itself. */
function entry(name: string, text: string): string[] {
  const indent = ' '.repeat(2 + name.length);
  const [first = '', ...rest] = wrap(text, indent);
  return [`  ${name}${first.slice(indent.length)}`, ...rest];
}

function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    const isFull = line.length > indent.length && line.length + 1 + word.length > widthColumns;
    if (isFull) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${word}` : word;
  }
  return [...lines, line];
}
