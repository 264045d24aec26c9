import { describe, expect, it } from 'vitest';
import {
  addHyperUniqueText,
  encodeHyperUnique,
  estimateHyperUnique,
  foldHyperUnique,
  foldHyperUniqueAt,
  hyperUniqueRegisterCount,
  mergeSketches,
} from '../src/index.ts';
import { randomValues } from './random-values.ts';

const qualities =
  'automotive business entertainment health mezzanine news premium technology travel';

function sketchOf(values: Iterable<string>): Uint8Array {
  const registers = new Uint8Array(hyperUniqueRegisterCount);
  for (const value of values) addHyperUniqueText(registers, 0, value);
  return registers;
}

function numbered(start: number, end: number): string[] {
  return Array.from({ length: end - start }, (_unused, index) => `user-${start + index}`);
}

function emptySketch(): Uint8Array {
  return new Uint8Array(hyperUniqueRegisterCount);
}

describe("estimates equal Druid's to the last digit", () => {
  const cases: [string, string[], number][] = [
    ['no value', [], 0],
    ['one value', ['business'], 1.0002442201269182],
    ['two values', ['business', 'news'], 2.000977198748901],
    ['the nine qualities of the `testing` table', qualities.split(' '), 9.019833517963864],
    ['a value added twice', ['news', 'news'], 1.0002442201269182],
  ];
  it.each(cases)('%s', (_name, values, estimate) => {
    expect(estimateHyperUnique(sketchOf(values), 0)).toBe(estimate);
  });

  it.each([500, 5_000, 50_000, 500_000])(
    'stays within a twentieth of %d distinct values',
    (count) => {
      const estimate = estimateHyperUnique(sketchOf(numbered(0, count)), 0);
      expect(Math.abs(estimate / count - 1)).toBeLessThan(0.05);
    },
  );

  it('hashes text beyond ASCII as UTF-8, and a lone surrogate as a question mark', () => {
    const lone = sketchOf(['a\ud800b']);
    expect(lone).toEqual(sketchOf(['a?b']));
    expect(sketchOf(['é'])).not.toEqual(sketchOf(['e']));
    expect(sketchOf(['日本語', '\u{1f600}'.repeat(300)])).not.toEqual(sketchOf(['日本語']));
  });

  it("counts the byte of a register that ran over as Druid's bit masks do", () => {
    const registers = emptySketch();
    registers[4] = 3;
    registers[5] = 16;
    const wrongZeros = 2046 + 2; // both nibbles pass for empty: 03 & F0 and 10 & 0F
    expect(estimateHyperUnique(registers, 0)).toBe(2048 * Math.log(2048 / wrongZeros));
    registers[5] = 17;
    expect(estimateHyperUnique(registers, 0)).toBe(2048 * Math.log(2048 / 2047));
  });
});

describe('the harmonic sum', () => {
  /** As Druid adds it: the two registers of a byte, then byte after byte, in doubles. */
  function sumByBytes(registers: Uint8Array): number {
    let sum = 0;
    for (let at = 0; at < registers.length; at += 2) {
      sum += 1 / 2 ** (registers[at] ?? 0) + 1 / 2 ** (registers[at + 1] ?? 0);
    }
    return sum;
  }

  it('of a histogram is the sum of the registers in their order, to the last bit', () => {
    const random = randomValues(7_000_001);
    const alpha = 0.7213 / (1 + 1.079 / hyperUniqueRegisterCount);
    for (let round = 0; round < 300; round++) {
      const least = 2 + random.below(20);
      const registers = emptySketch().map(() => least + random.below(random.below(15) + 1));
      // Rarely a register runs over, also beyond what the histogram adds without rounding.
      if (round % 3 === 0) registers[random.below(2048)] = 30 + random.below(35);
      const raw =
        (alpha * hyperUniqueRegisterCount * hyperUniqueRegisterCount) / sumByBytes(registers);
      if (raw <= 2.5 * hyperUniqueRegisterCount || raw > 2 ** 64 / 30) continue;
      expect(estimateHyperUnique(registers, 0)).toBe(raw);
    }
  });

  it('is exact at its edge: every term is a multiple of 2^-42 and the sum at most 2^11', () => {
    const registers = emptySketch();
    registers[2047] = 42;
    const sum = 2047 + 2 ** -42;
    expect(sum - 2047).toBe(2 ** -42);
    expect(sumByBytes(registers)).toBe(sum);
  });
});

describe('merging', () => {
  it('gives the same whichever way the values were split, and in either order', () => {
    const whole = sketchOf(numbered(0, 3000));
    const left = sketchOf(numbered(0, 1700));
    const right = sketchOf(numbered(1200, 3000));
    const target = new Uint8Array(3 * hyperUniqueRegisterCount);
    target.set(left, hyperUniqueRegisterCount);
    mergeSketches(right, Uint32Array.of(1), target);
    expect(target.slice(hyperUniqueRegisterCount, 2 * hyperUniqueRegisterCount)).toEqual(whole);
    mergeSketches(left, Uint32Array.of(0), right);
    expect(right).toEqual(whole);
    expect(target.slice(0, hyperUniqueRegisterCount)).toEqual(emptySketch());
    expect(target.slice(2 * hyperUniqueRegisterCount)).toEqual(emptySketch());
  });
});

describe("images are Druid's version 1", () => {
  it('an empty sketch is its header alone', () => {
    expect(encodeHyperUnique(emptySketch(), 0)).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 0, 0));
  });

  it('one value takes ten bytes: `AQAAAQAAAAJ4MA==` is Druid\'s image of "travel"', () => {
    const images = qualities
      .split(' ')
      .map((value) => Buffer.from(encodeHyperUnique(sketchOf([value]), 0)).toString('base64'));
    expect(images).toContain('AQAAAQAAAAJ4MA==');
  });

  it('two registers in one byte leave three zeros at the end', () => {
    const registers = emptySketch();
    registers[0] = 1;
    registers[1] = 2;
    expect(encodeHyperUnique(registers, 0)).toEqual(
      Uint8Array.of(1, 0, 0, 2, 0, 0, 0, 0, 7, 0x12, 0, 0, 0),
    );
  });

  it('the register that runs over stands in the header and not among the nibbles', () => {
    const registers = emptySketch();
    registers[300] = 21;
    expect(encodeHyperUnique(registers, 0)).toEqual(Uint8Array.of(1, 0, 0, 0, 21, 1, 44));
  });

  it.each([0, 1, 60, 127, 128, 129, 500, 2000, 20_000, 200_000, 1_000_000])(
    'a sketch of %d values comes back from its image, at an odd place in a larger buffer',
    (count) => {
      const registers = sketchOf(numbered(0, count));
      const image = encodeHyperUnique(registers, 0);
      const larger = new Uint8Array(image.length + 9).fill(0xee);
      larger.set(image, 3);
      const target = emptySketch();
      foldHyperUniqueAt(larger, 3, 3 + image.length, target, 0);
      // Registers that ran over twice are cut; for these values none did.
      expect(target).toEqual(registers);
      expect(encodeHyperUnique(target, 0)).toEqual(image);
    },
  );

  it('folding an empty image changes nothing: it is a null', () => {
    const registers = sketchOf(['a']);
    foldHyperUnique(new Uint8Array(0), registers, 0);
    expect(registers).toEqual(sketchOf(['a']));
  });

  const sparse = Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 0, 7, 0x10);
  const damaged: [string, Uint8Array, string][] = [
    [
      'a cut header',
      sparse.slice(0, 6),
      "A hyperUnique sketch of 6 bytes is not of version 1. Expected Druid's HyperLogLogCollector image.",
    ],
    [
      'another version',
      sparse.with(0, 2),
      "A hyperUnique sketch of 10 bytes is not of version 1. Expected Druid's HyperLogLogCollector image.",
    ],
    [
      'a cut body',
      sparse.slice(0, 9),
      'A hyperUnique sketch has 2 bytes after its header. Expected 1024, or at most 384 in threes.',
    ],
    [
      'a place behind the end',
      sparse.with(7, 4).with(8, 7),
      'A hyperUnique sketch has a register out of range.',
    ],
    [
      'a place before the start',
      sparse.with(8, 6),
      'A hyperUnique sketch has a register out of range.',
    ],
    ['a great offset', sparse.with(1, 65), 'A hyperUnique sketch has a register out of range.'],
  ];
  it.each(damaged)('%s is refused', (_name, image, message) => {
    expect(() => foldHyperUnique(image, emptySketch(), 0)).toThrow(message);
  });
});
