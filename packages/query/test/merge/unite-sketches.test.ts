/** Uniting sketches of more groups than one block, and more rows than are folded at a time. */
import { hyperUniqueRegisterCount } from '@isotherm/kernels';
import { expect, it } from 'vitest';
import { uniteSketches } from '../../src/merge/unite-sketches.ts';

/** A sketch with one register set, by the row. */
function sketches(rows: number, positionOf: (row: number) => number): Uint8Array {
  const registers = new Uint8Array(rows * hyperUniqueRegisterCount);
  for (let row = 0; row < rows; row++) {
    registers[row * hyperUniqueRegisterCount + (row % hyperUniqueRegisterCount)] = positionOf(row);
  }
  return registers;
}

it('keeps the greatest of each register in each of 5,000 groups', () => {
  const rowCount = 5000;
  const rows = 6000;
  const partials = [sketches(rows, (row) => row % 60), sketches(rows, (row) => (row * 7) % 61)];
  const slots = [
    Uint32Array.from({ length: rows }, (_none, row) => row % rowCount),
    Uint32Array.from({ length: rows }, (_none, row) => (row * 11) % rowCount),
  ];
  const united = uniteSketches(partials, { slots, rowCount });
  const expected = new Uint8Array(rowCount * hyperUniqueRegisterCount);
  for (const [index, partial] of partials.entries()) {
    for (let row = 0; row < rows; row++) {
      const register = row % hyperUniqueRegisterCount;
      const at = (slots[index]?.[row] ?? 0) * hyperUniqueRegisterCount + register;
      const position = partial[row * hyperUniqueRegisterCount + register] ?? 0;
      expected[at] = Math.max(expected[at] ?? 0, position);
    }
  }
  expect(Buffer.compare(united, expected)).toBe(0);
});

it('of no groups there are none', () => {
  expect(uniteSketches([], { slots: [], rowCount: 0 })).toEqual(new Uint8Array(0));
});
