/** Sketches of few values, encoded from marks: the same images as from registers. */
import { describe, expect, it } from 'vitest';
import {
  encodeHyperUnique,
  encodeHyperUniqueMarks,
  hyperUniqueRegisterCount,
  maxHyperUniqueMarks,
} from '../src/index.ts';
import { randomValues } from './random-values.ts';

function imageOfRegisters(marks: readonly number[]): Uint8Array {
  const registers = new Uint8Array(hyperUniqueRegisterCount);
  for (const mark of marks) {
    registers[mark >>> 8] = Math.max(registers[mark >>> 8] ?? 0, mark & 0xff);
  }
  return encodeHyperUnique(registers, 0);
}

const cases: [name: string, marks: number[]][] = [
  ['one value', [(5 << 8) | 3]],
  ['the first and the last register', [1, (2047 << 8) | 64]],
  ['two registers of one byte', [(4 << 8) | 2, (5 << 8) | 3]],
  ['one register twice', [(4 << 8) | 2, (4 << 8) | 9, (4 << 8) | 1]],
  ['a position that runs over', [(4 << 8) | 16, (5 << 8) | 3]],
  ['two positions that run over', [(9 << 8) | 40, (5 << 8) | 17]],
  ['two equal positions that run over', [(9 << 8) | 40, (5 << 8) | 40]],
];

describe('an image from marks equals the one from registers', () => {
  it.each(cases)('for %s', (_name, marks) => {
    const padded = Uint32Array.from([7, ...marks, 7]);
    const image = encodeHyperUniqueMarks(padded, 1, marks.length + 1);
    expect(image).toEqual(imageOfRegisters(marks));
    expect([padded[0], padded.at(-1)]).toEqual([7, 7]);
  });

  it('for random marks, and again from what sorting left', () => {
    const seed = 20_261_121;
    const random = randomValues(seed);
    for (let round = 0; round < 2000; round++) {
      const count = 1 + random.below(maxHyperUniqueMarks);
      const registerCount = 1 + random.below(hyperUniqueRegisterCount);
      const marks = Array.from({ length: count }, () => {
        const register = random.below(registerCount);
        return (register << 8) | (1 + random.below(1 + random.below(24)));
      });
      const sorted = Uint32Array.from(marks);
      const expected = imageOfRegisters(marks);
      const first = encodeHyperUniqueMarks(sorted, 0, count);
      const second = encodeHyperUniqueMarks(sorted, 0, count);
      expect([seed, round, first, second]).toEqual([seed, round, expected, expected]);
    }
  });
});
