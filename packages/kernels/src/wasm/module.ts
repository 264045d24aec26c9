/**
 * The compiled kernels and the memory they work in: one of each a thread, made on first use.
 * `scripts/bootstrap.sh` compiles `assembly/` to `build/kernels.wasm`.
 */
import { readFileSync } from 'node:fs';
import { StoreError } from '@isotherm/errors';
import type { CheckExports } from './check-exports.ts';
import type { GroupExports } from './group-exports.ts';
import type { GreatestExports } from './greatest-exports.ts';
import type { HyperUniqueExports } from './hyper-unique-exports.ts';
import { KernelMemory } from './kernel-memory.ts';
import type { NumberExports } from './number-exports.ts';
import type { RowExports } from './row-exports.ts';
import type { TextTableExports } from './text-table-exports.ts';

/** The exports of `assembly/index.ts`: addresses and counts, see there. */
export interface KernelExports
  extends
    GroupExports,
    HyperUniqueExports,
    NumberExports,
    RowExports,
    TextTableExports,
    GreatestExports,
    CheckExports {}

const wasmFile = new URL('../../build/kernels.wasm', import.meta.url);

interface KernelModule {
  readonly memory: KernelMemory;
  readonly kernels: KernelExports;
}

let loaded: KernelModule | null = null;

/**
 * The kernels of this thread.
 *
 * @throws StoreError code KERNELS_MISSING if they were not compiled
 */
function kernelModule(): KernelModule {
  loaded ??= loadModule();
  return loaded;
}

/** The memory of this thread's kernels. @throws StoreError code KERNELS_MISSING */
export function kernelMemory(): KernelMemory {
  return kernelModule().memory;
}

/** Makes sure that the kernels can be used, before threads are started that need them. @throws StoreError code KERNELS_MISSING */
export function requireKernels(): void {
  kernelModule();
}

/** The kernels if they can work on all of these arrays, else null: then their twins must. */
export function kernelsFor(...arrays: readonly ArrayBufferView[]): KernelExports | null {
  if (loaded === null) return null;
  const { memory, kernels } = loaded;
  for (const array of arrays) if (!memory.holds(array)) return null;
  return kernels;
}

/** Whether kernels can work on an array. */
export function isInKernelMemory(array: ArrayBufferView): boolean {
  return loaded !== null && loaded.memory.holds(array);
}

/** Address of the rows of a batch, 0 for consecutive ones. */
export function addressOf(rows: Uint32Array | null): number {
  return rows === null ? 0 : rows.byteOffset;
}

function loadModule(): KernelModule {
  let bytes: Buffer<ArrayBuffer>;
  try {
    bytes = readFileSync(wasmFile);
  } catch (cause) {
    throw new StoreError(
      'The compiled kernels (packages/kernels/build/kernels.wasm) cannot be read. ' +
        'Run "npm run bootstrap", which compiles them.',
      { code: 'KERNELS_MISSING', cause },
    );
  }
  const memory = new KernelMemory();
  const imports = { env: { memory: memory.memory, abort: unreachable } };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  // Compiled from assembly/index.ts, whose exports the interface lists; a test calls each.
  return { memory, kernels: instance.exports as unknown as KernelExports };
}

/** Imported by modules that allocate; ours has no call of it. */
function unreachable(): never {
  throw new StoreError('A kernel aborted.');
}
