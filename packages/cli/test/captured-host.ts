/** A host for tests: given texts go in, what a command wrote comes out. */
import { main } from '../src/main.ts';
import type { Host, TextOutput } from '../src/host.ts';

/** What a command left. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Circumstances of a call; everything has a harmless default. */
export interface Circumstances {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly isTerminal?: boolean;
  readonly interrupted?: AbortSignal;
}

/** Runs `isotherm …words` in this process. */
export async function run(words: readonly string[], given: Circumstances = {}): Promise<Outcome> {
  const { host, outcome } = captured(given);
  const exitCode = await main(words, host);
  return { exitCode, ...outcome };
}

/** A host whose outputs are kept in `outcome`. */
export function captured(given: Circumstances = {}): {
  host: Host;
  outcome: { stdout: string; stderr: string };
} {
  const outcome = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr'): TextOutput => ({
    write: (text) => void (outcome[name] += text),
    isTerminal: given.isTerminal ?? false,
    columns: 80,
  });
  const host: Host = {
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: given.env ?? {},
    cwd: given.cwd ?? '/nowhere',
    interrupted: given.interrupted ?? new AbortController().signal,
    readStdin: () => Promise.resolve(given.stdin ?? ''),
  };
  return { host, outcome };
}
