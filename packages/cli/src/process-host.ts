/** The real process as a `Host`. */
import { text } from 'node:stream/consumers';
import { isatty } from 'node:tty';
import type { Host, TextOutput } from './host.ts';

const interruptedExitCode = 130;

/** Makes the host of this process and listens for Ctrl-C and SIGTERM from now on. */
export function processHost(): Host {
  return {
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    interrupted: listenForSignals(),
    readStdin: () => text(process.stdin),
  };
}

/** Resolves when all that was written has left the process: on some systems writing to a pipe takes time. */
export async function flushOutputs(): Promise<void> {
  const flush = (stream: NodeJS.WriteStream): Promise<void> =>
    new Promise((resolve) => void stream.write('', () => resolve()));
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
}

function outputOf(stream: NodeJS.WriteStream & { readonly fd: number }): TextOutput {
  // The reader of a pipe may leave early, as `head` does; that is not an error of ours.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  return {
    write: (chunk) => void stream.write(chunk),
    isTerminal: isatty(stream.fd),
    get columns() {
      return isatty(stream.fd) ? stream.columns : 80;
    },
  };
}

function listenForSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(interruptedExitCode);
      controller.abort(signal);
    });
  }
  return controller.signal;
}
