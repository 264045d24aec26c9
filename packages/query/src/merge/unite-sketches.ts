/**
 * Unites the sketches of several partials in kernel memory, where 16 registers are merged at a time.
 * Groups are taken in blocks, so that it needs 9 MB there however many there are.
 */
import {
  hyperUniqueRegisterCount,
  mergeSketches,
  scratchBytes,
  scratchIds,
  withScratch,
} from '@isotherm/kernels';
import type { Targets } from './merge-states.ts';

/** Groups whose sketches are united at a time. */
const blockGroups = 4096;
/** Sketches that are folded into them at a time. */
const foldedSketches = 256;

/** Sketches on their way into kernel memory, and their groups. */
interface Room {
  readonly sketches: Uint8Array;
  readonly slots: Uint32Array;
}

/**
 * Unites sketches.
 *
 * @param partials per partial the registers of its rows, shape [rows * 2048]
 * @returns registers of all groups, shape [targets.rowCount * 2048]
 */
export function uniteSketches(partials: readonly Uint8Array[], targets: Targets): Uint8Array {
  const { rowCount } = targets;
  const registers = new Uint8Array(rowCount * hyperUniqueRegisterCount);
  withScratch(() => {
    const united = scratchBytes(Math.min(rowCount, blockGroups) * hyperUniqueRegisterCount);
    const room: Room = {
      sketches: scratchBytes(foldedSketches * hyperUniqueRegisterCount),
      slots: scratchIds(foldedSketches),
    };
    for (let first = 0; first < rowCount; first += blockGroups) {
      const end = Math.min(rowCount, first + blockGroups);
      united.fill(0);
      for (const [index, partial] of partials.entries()) {
        const slots = targets.slots[index] ?? new Uint32Array(0);
        foldRows(partial, { slots, first, end }, room, united);
      }
      const block = united.subarray(0, (end - first) * hyperUniqueRegisterCount);
      registers.set(block, first * hyperUniqueRegisterCount);
    }
  });
  return registers;
}

/** Folds the sketches of rows whose group is in [first, end) into `united`, which begins at `first`. */
function foldRows(
  registers: Uint8Array,
  rows: { readonly slots: Uint32Array; readonly first: number; readonly end: number },
  room: Room,
  united: Uint8Array,
): void {
  let count = 0;
  for (let row = 0; row < rows.slots.length; row++) {
    const slot = rows.slots[row] ?? 0;
    if (slot < rows.first || slot >= rows.end) continue;
    const from = row * hyperUniqueRegisterCount;
    const sketch = registers.subarray(from, from + hyperUniqueRegisterCount);
    room.sketches.set(sketch, count * hyperUniqueRegisterCount);
    room.slots[count] = slot - rows.first;
    count += 1;
    if (count < foldedSketches) continue;
    mergeSketches(room.sketches, room.slots, united);
    count = 0;
  }
  mergeSketches(room.sketches, room.slots.subarray(0, count), united);
}
