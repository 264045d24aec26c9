/**
 * Runs the command as its users do, as processes: `isotherm ingest` to its end, `isotherm standalone`
 * until it says that it is ready.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../tidy/source-tree.ts';

const command = join(root, 'packages/cli/bin/isotherm.mjs');

/** What a finished command left. */
export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `isotherm …` to its end. */
export async function isotherm(...args: string[]): Promise<Finished> {
  const child = start(args);
  const output = collect(child);
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exitCode, ...output };
}

/** Runs `isotherm …` and throws with its output unless it exits 0. */
export async function isothermOk(...args: string[]): Promise<Finished> {
  const finished = await isotherm(...args);
  if (finished.exitCode !== 0) {
    throw new Error(
      `isotherm ${args.join(' ')} exited with ${finished.exitCode}\n${finished.stderr}\n${finished.stdout}`,
    );
  }
  return finished;
}

/** A serving process. */
export interface Serving {
  /** What it printed after `ready `. */
  readonly address: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts `isotherm …` and waits for its line `ready ADDRESS`. */
export async function serve(...args: string[]): Promise<Serving> {
  const child = start(args);
  const output = collect(child);
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const ready = /^ready (\S+)$/m.exec(output.stdout)?.[1];
      if (ready !== undefined) resolve(ready);
    });
    child.once('close', (code) => {
      reject(new Error(`isotherm ${args.join(' ')} ended with ${code}\n${output.stderr}`));
    });
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await closed;
  };
  return { address, process: child, stop };
}

/** Makes a folder for one test file; the returned function removes it. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'isotherm-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  return output;
}
