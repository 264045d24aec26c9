/** What a command gets from the process it runs in; tests give it texts and read back what it wrote. */

/** One of the two output streams. */
export interface TextOutput {
  write(text: string): void;
  /** True when a person watches: only then are bars drawn and colours used. */
  readonly isTerminal: boolean;
  /** Width of the terminal in characters; 80 where there is none. */
  readonly columns: number;
}

/** The outside of a command. */
export interface Host {
  /** Results only. */
  readonly stdout: TextOutput;
  /** Progress, notes and errors. */
  readonly stderr: TextOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path that relative paths on the command line start from. */
  readonly cwd: string;
  /** Aborts at the first Ctrl-C or SIGTERM; the second one ends the process. */
  readonly interrupted: AbortSignal;
  /** All of standard input. */
  readStdin(): Promise<string>;
}

/** How wide a table may be; null where nobody watches, so that programs find every row on one line. */
export function widthOf(output: TextOutput): number | null {
  return output.isTerminal ? output.columns : null;
}

/** A writer of bold and faint text; both leave the text as it is where colour is not wanted. */
export interface Styles {
  bold(text: string): string;
  faint(text: string): string;
}

/** Styles for an output: none when it is not a terminal or NO_COLOR is set (no-color.org). */
export function stylesFor(output: TextOutput, env: Host['env']): Styles {
  const plain = !output.isTerminal || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const wrap =
    (start: number, end: number) =>
    (text: string): string =>
      plain ? text : `\u001b[${start}m${text}\u001b[${end}m`;
  return { bold: wrap(1, 22), faint: wrap(2, 22) };
}
