/**
 * How fast this machine reads memory: 64 bytes a turn by SIMD loads in WebAssembly over 512 MiB,
 * which no cache holds, on one thread and on two at once. The bound that scans are held against.
 */
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import openWabt from 'wabt';
import { quantile } from './measure.ts';

const pages = 8192;
const byteCount = pages * 65_536;
const runCount = 9;

const loop = `(module
  (memory (export "memory") ${pages})
  (func (export "sum") (param $end i32) (result i64)
    (local $at i32) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (loop $turn
      (local.set $a (i64x2.add (local.get $a) (v128.load offset=0 (local.get $at))))
      (local.set $b (i64x2.add (local.get $b) (v128.load offset=16 (local.get $at))))
      (local.set $c (i64x2.add (local.get $c) (v128.load offset=32 (local.get $at))))
      (local.set $d (i64x2.add (local.get $d) (v128.load offset=48 (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 64)))
      (br_if $turn (i32.lt_u (local.get $at) (local.get $end))))
    (local.set $a (i64x2.add (i64x2.add (local.get $a) (local.get $b))
                             (i64x2.add (local.get $c) (local.get $d))))
    (i64.add (i64x2.extract_lane 0 (local.get $a)) (i64x2.extract_lane 1 (local.get $a)))))`;

/** Bytes a second. @returns of one thread, and of two together */
export async function measureBandwidth(): Promise<readonly [one: number, two: number]> {
  const one = await together(1);
  return [one, await together(2)];
}

async function together(threadCount: number): Promise<number> {
  const paces = await Promise.all(Array.from({ length: threadCount }, paceOfThread));
  return paces.reduce((sum, pace) => sum + pace, 0);
}

function paceOfThread(): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url));
    worker.once('message', (pace: number) => resolve(pace));
    worker.once('error', reject);
  });
}

async function measureHere(): Promise<number> {
  const wabt = await openWabt();
  const { buffer } = wabt.parseWat('bandwidth.wat', loop, { simd: true }).toBinary({});
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(buffer)), {});
  // The module above exports these.
  const { memory, sum } = instance.exports as unknown as {
    memory: WebAssembly.Memory;
    sum: (end: number) => bigint;
  };
  new Uint32Array(memory.buffer).fill(7);
  const times: number[] = [];
  for (let run = 0; run < runCount; run++) {
    const started = performance.now();
    sum(byteCount);
    times.push(performance.now() - started);
  }
  return byteCount / (quantile(times, 0.5) / 1000);
}

if (!isMainThread) parentPort?.postMessage(await measureHere(), []);
