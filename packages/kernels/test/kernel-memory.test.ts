/** The memory that kernels work in: what is taken, given back, and what happens when it is full. */
import { describe, expect, it } from 'vitest';
import {
  kernelMemory,
  limitScratch,
  releaseScratch,
  scratchIds,
  scratchLongs,
  scratchNumbers,
  withScratch,
} from '../src/index.ts';
import { FreeSpace } from '../src/wasm/free-space.ts';
import { KernelMemory } from '../src/wasm/kernel-memory.ts';
import { randomValues } from './random-values.ts';

describe('free space', () => {
  it('joins what is given back with its neighbours on both sides', () => {
    const free = new FreeSpace();
    free.give(100, 300);
    const [a, b, c] = [free.take(100), free.take(100), free.take(100)];
    expect([a, b, c, free.take(1)]).toEqual([100, 200, 300, null]);
    free.give(100, 100);
    free.give(300, 100);
    expect(free.take(200)).toBe(null);
    free.give(200, 100);
    expect(free.take(300)).toBe(100);
  });

  it.each([
    [100, 1],
    [150, 10],
    [90, 11],
  ])('refuses %d, %d, which overlaps free bytes', (start, bytes) => {
    const free = new FreeSpace();
    free.give(100, 100);
    expect(() => free.give(start, bytes)).toThrow(
      `${bytes} bytes at ${start} were given back twice.`,
    );
  });
});

describe('kernel memory', () => {
  it('never lets two live arrays share a byte, whatever is taken and freed', () => {
    const random = randomValues(20_260_302);
    const memory = new KernelMemory();
    const live: { array: Uint8Array; mark: number }[] = [];
    let broken = 0;
    for (let step = 0; step < 2000; step++) {
      const [taken] =
        live.length === 0 || random.below(2) === 0 ? [] : live.splice(random.below(live.length), 1);
      if (taken !== undefined) {
        broken += taken.array.every((byte) => byte === taken.mark) ? 0 : 1;
        memory.free(taken.array);
        continue;
      }
      const array = memory.allocate(random.below(3) === 0 ? 0 : random.below(4000));
      if (array === null || array.byteOffset % 64 !== 0) broken += 1;
      else live.push({ array: array.fill(step & 255), mark: step & 255 });
    }
    for (const { array } of live) memory.free(array);
    expect([broken, memory.usedBytes]).toEqual([0, 0]);
  });

  it('keeps arrays from before it grew', () => {
    const memory = new KernelMemory();
    const early = memory.allocate(10);
    early?.fill(7);
    const late = memory.allocate(100_000_000);
    expect([early, late].map((array) => array !== null && memory.holds(array))).toEqual([
      true,
      true,
    ]);
    expect([...(early ?? [])]).toEqual(Array.from({ length: 10 }, () => 7));
  });

  it('gives null when it is full, and room again after something was freed', () => {
    const memory = new KernelMemory(4);
    const first = memory.allocate(100_000);
    expect(memory.allocate(100_000)).toBe(null);
    if (first !== null) memory.free(first);
    expect(memory.allocate(100_000)?.length).toBe(100_000);
  });

  it('refuses to free what it did not give, or twice', () => {
    const memory = new KernelMemory();
    const array = memory.allocate(8);
    if (array === null) throw new Error('full');
    memory.free(array);
    expect(() => memory.free(array)).toThrow('No allocation starts at 65536.');
    expect(() => memory.free(new Uint8Array(8))).toThrow('No allocation starts at 0.');
  });
});

describe('scratch arrays', () => {
  it('are freed early when they are given back, and count against the limit of the run until then', () => {
    const before = kernelMemory().usedBytes;
    withScratch(() => {
      limitScratch(1000);
      const first = scratchLongs(100);
      releaseScratch(first);
      expect(kernelMemory().usedBytes).toBe(before);
      const second = scratchIds(250);
      expect(() => scratchIds(1)).toThrow(
        'The groups of this query need at least 1 MiB of memory on a node, and a run may take 1 MiB. ' +
          'Group by fewer dimensions, filter to fewer rows, or ask for a shorter interval.',
      );
      releaseScratch(second);
      expect(scratchIds(250).length).toBe(250);
    });
    expect(kernelMemory().usedBytes).toBe(before);
  });

  it('are zero, lie in kernel memory within a run, and are freed when it throws', () => {
    const before = kernelMemory().usedBytes;
    expect(() =>
      withScratch(() => {
        scratchIds(100).fill(1);
        withScratch(() => scratchNumbers(100).fill(1));
        const again = scratchNumbers(100);
        expect([kernelMemory().holds(again), again.every((value) => value === 0)]).toEqual([
          true,
          true,
        ]);
        throw new Error('stopped');
      }),
    ).toThrow('stopped');
    expect(kernelMemory().usedBytes).toBe(before);
    expect(kernelMemory().holds(scratchIds(100))).toBe(false);
  });
});
