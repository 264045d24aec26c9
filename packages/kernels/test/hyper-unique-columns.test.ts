/** Loops of distinct counts over columns, as twins and as kernels, against adding texts one by one. */
import { describe, expect, it } from 'vitest';
import type { Batch, HyperUniqueEffects, IntegerArray } from '../src/index.ts';
import {
  addHyperUniqueText,
  encodeHyperUnique,
  foldHyperUnique,
  foldImages,
  hashTexts,
  hyperUniqueMark,
  hyperUniqueRegisterCount,
  mergeSketches,
  raiseByIds,
  raiseByLongs,
  raiseByRows,
  spreadEffects,
  withScratch,
} from '../src/index.ts';
import { type Place, inKernelMemory, inPlace } from './placed-arrays.ts';
import { randomValues } from './random-values.ts';

const random = randomValues(20_261_121);
const rowCount = 700;
const slotCount = 5;

/** Texts of no bytes, of every length around the words of the hash, and beyond ASCII. */
const texts = [
  '',
  ...Array.from({ length: 70 }, (_none, length) => 'x'.repeat(length) + String(length * 7919)),
  'é',
  '日本語の長いテキスト',
  '\u{1f600}'.repeat(40),
];

const batches: [name: string, start: number, count: number, rows: number[] | null][] = [
  ['no rows', 0, 0, null],
  ['one row', 0, 1, null],
  ['the last row', rowCount - 1, 1, null],
  ['rows from an odd start', 13, 37, null],
  ['all rows', 0, rowCount, null],
  ['no selected rows', 0, 0, []],
  ['selected rows', 0, 5, [2, 3, 7, 400, 699]],
  ['repeated rows', 0, 4, [9, 9, 10, 9]],
];
const places: [name: string, place: Place][] = [
  ['in TypeScript', inPlace],
  ['in WebAssembly', inKernelMemory],
];

function randomIds(limit: number): number[] {
  return Array.from({ length: rowCount }, () => random.below(limit));
}

function batchOf([, start, count, rows]: (typeof batches)[number], place: Place): Batch {
  return { start, count, rows: rows === null ? null : place(Uint32Array.from(rows)) };
}

function rowsOf([, start, count, rows]: (typeof batches)[number]): number[] {
  return rows ?? Array.from({ length: count }, (_none, i) => start + i);
}

function bytesOf(list: readonly string[]): { offsets: Int32Array; bytes: Uint8Array } {
  const offsets = new Int32Array(list.length + 1);
  for (const [i, text] of list.entries()) {
    offsets[i + 1] = (offsets[i] ?? 0) + Buffer.byteLength(text);
  }
  return { offsets, bytes: new Uint8Array(Buffer.from(list.join(''))) };
}

const slotOf = Uint32Array.from(randomIds(slotCount));

/** Sketches after adding the text of each row of a batch, where it has one. */
function expected(
  batch: (typeof batches)[number],
  textOf: (row: number) => string | null,
): Uint8Array {
  const registers = new Uint8Array(slotCount * hyperUniqueRegisterCount);
  for (const [i, row] of rowsOf(batch).entries()) {
    const text = textOf(row);
    if (text === null) continue;
    addHyperUniqueText(registers, (slotOf[i] ?? 0) * hyperUniqueRegisterCount, text);
  }
  return registers;
}

/** Sketches after a loop, the loop's arrays having been placed by `place`. */
function sketches(
  place: Place,
  run: (slots: Uint32Array, registers: Uint8Array) => void,
): Uint8Array {
  return withScratch(() => {
    const registers = place(new Uint8Array(slotCount * hyperUniqueRegisterCount));
    run(place(slotOf), registers);
    return registers.slice();
  });
}

const widths: [name: string, make: (length: number) => HyperUniqueEffects][] = [
  ['16 bits', (length) => new Uint16Array(length)],
  ['32 bits', (length) => new Uint32Array(length)],
];
const idArrays = [
  Uint8Array.from(randomIds(texts.length)),
  Uint16Array.from(randomIds(texts.length)),
  Uint32Array.from(randomIds(texts.length)),
];

describe.each(places)('%s', (_where, place) => {
  describe.each(widths)('effects of %s', (_width, make) => {
    function effectsOf(list: readonly string[]): HyperUniqueEffects {
      const { offsets, bytes } = bytesOf(list);
      const effects = place(make(list.length));
      expect(hashTexts({ offsets: place(offsets), bytes: place(bytes) }, effects)).toBe(0);
      return effects;
    }

    it.each(batches)('of dictionary entries raise registers: %s', (...given) => {
      for (const ids of idArrays) {
        const found = sketches(place, (slots, registers) => {
          raiseByIds(place(ids), batchOf(given, place), effectsOf(texts), slots, registers);
        });
        expect(found).toEqual(expected(given, (row) => texts[ids[row] ?? 0] ?? null));
      }
    });

    it.each(batches)('of rows raise registers, once spread over them: %s', (...given) => {
      for (const ids of idArrays) {
        const found = sketches(place, (slots, registers) => {
          const rowEffects = place(make(rowCount));
          spreadEffects(place(ids), effectsOf(texts), rowEffects);
          raiseByRows(rowEffects, batchOf(given, place), slots, registers);
        });
        expect(found).toEqual(expected(given, (row) => texts[ids[row] ?? 0] ?? null));
      }
    });
  });

  it('no texts have no effects', () => {
    expect(hashTexts(bytesOf([]), new Uint16Array(0))).toBe(0);
  });

  it('an effect of 0 raises nothing', () => {
    const found = sketches(place, (slots, registers) => {
      const batch = { start: 0, count: 3, rows: null };
      raiseByRows(place(new Uint16Array(3)), batch, slots, registers);
    });
    expect(found).toEqual(new Uint8Array(slotCount * hyperUniqueRegisterCount));
  });

  it('32 bits hold the mark of any text; what 16 bits do not hold is counted', () => {
    // Found by hashing 10^8 numbers.
    const list = ['', '0259292102', '0267308391', '0117557145'];
    const { offsets, bytes } = bytesOf(list);
    const marks = list.map((text) => hyperUniqueMark(Buffer.from(text), 0, text.length));
    expect(marks.map((mark) => mark & 0xff)).toEqual([64, 28, 30, 32]);
    withScratch(() => {
      const column = { offsets: place(offsets), bytes: place(bytes) };
      const effects = place(new Uint32Array(list.length));
      expect(hashTexts(column, effects)).toBe(1);
      expect([...effects]).toEqual(marks);
      expect(hashTexts(column, place(new Uint16Array(list.length)))).toBe(1);
    });
  });

  const longs: [name: string, values: IntegerArray][] = [
    ['uint8', Uint8Array.from(randomIds(256))],
    ['int8', Int8Array.from(randomIds(256))],
    ['uint16', Uint16Array.from(randomIds(65_536))],
    ['int16', Int16Array.from(randomIds(65_536))],
    ['uint32', Uint32Array.from(randomIds(4_294_967_296))],
    ['int32', Int32Array.from(randomIds(4_294_967_296), (value) => value - 2_147_483_648)],
    [
      'int64',
      BigInt64Array.from(randomIds(2 ** 32), (value, row) => {
        const extremes = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n, 10n ** 18n];
        return extremes[row % 50] ?? BigInt(value) * BigInt(row % 2 === 0 ? -3e8 : 5e8);
      }),
    ],
  ];
  const validity = Uint8Array.from({ length: (rowCount + 7) >> 3 }, () => random.below(256));

  it.each(batches)('whole numbers are hashed as their decimal text: %s', (...given) => {
    for (const [, values] of longs) {
      for (const bits of [null, validity]) {
        const found = sketches(place, (slots, registers) => {
          const placed = { values: place(values), validity: bits === null ? null : place(bits) };
          raiseByLongs(placed, batchOf(given, place), slots, registers);
        });
        const isNull = (row: number): boolean =>
          bits !== null && (((bits[row >> 3] ?? 0) >> (row & 7)) & 1) === 0;
        expect(found).toEqual(expected(given, (row) => (isNull(row) ? null : String(values[row]))));
      }
    }
  });

  /** Images of sketches of none to many values; some are nulls, some have a common offset. */
  const images = Array.from({ length: rowCount }, (_none, row) => {
    if (row % 9 === 4) return new Uint8Array(0);
    const sketch = new Uint8Array(hyperUniqueRegisterCount).fill(row % 7 === 3 ? 2 : 0);
    const valueCount = [0, 1, 60, 127, 400, 3000][row % 6] ?? 0;
    for (let i = 0; i < valueCount; i++) addHyperUniqueText(sketch, 0, `${row}-${i}`);
    if (row % 5 === 0) sketch[row] = 20 + (row % 44);
    return encodeHyperUnique(sketch, 0);
  });
  const offsets = new Int32Array(rowCount + 1);
  for (const [row, image] of images.entries()) {
    offsets[row + 1] = (offsets[row] ?? 0) + image.length;
  }
  const bytes = new Uint8Array(Buffer.concat(images));

  it.each(batches)('images are folded: %s', (...given) => {
    const found = sketches(place, (slots, registers) => {
      const column = { offsets: place(offsets), bytes: place(bytes) };
      foldImages(column, batchOf(given, place), slots, registers);
    });
    const one = new Uint8Array(slotCount * hyperUniqueRegisterCount);
    for (const [i, row] of rowsOf(given).entries()) {
      const image = images[row] ?? new Uint8Array(0);
      foldHyperUnique(image, one, (slotOf[i] ?? 0) * hyperUniqueRegisterCount);
    }
    expect(found).toEqual(one);
  });

  const dense = images.findIndex((image) => image.length > 1000);
  const sparse = images.findIndex((image) => image.length > 7 && image.length < 1000);
  const outOfRange = 'A hyperUnique sketch has a register out of range.';
  const damages: [name: string, row: number, at: number, value: number, message: string][] = [
    ['another version', dense, 0, 2, 'is not of version 1'],
    ['a great offset', dense, 1, 65, outOfRange],
    ['a great overflow', dense, 4, 65, outOfRange],
    ['an overflow behind the last register', dense, 5, 8, outOfRange],
    ['a place behind the end', sparse, 7, 4, outOfRange],
    ['a place before the start', sparse, 8, 6, outOfRange],
  ];

  it.each(damages)('an image with %s is refused', (_name, row, at, value, message) => {
    const damaged = bytes.slice();
    const from = offsets[row] ?? 0;
    damaged[from + at] = value;
    if (at === 7) damaged[from + 8] = 7;
    if (at === 8) damaged[from + 7] = 0;
    expect(() =>
      sketches(place, (slots, registers) => {
        const column = { offsets: place(offsets), bytes: place(damaged) };
        foldImages(column, { start: 0, count: row + 1, rows: null }, slots, registers);
      }),
    ).toThrow(message);
  });

  it.each([6, 9, 400])('an image cut to %d bytes is refused', (length) => {
    expect(() =>
      sketches(place, (slots, registers) => {
        const cut = place(Int32Array.of(0, length));
        const image = place((images[dense] ?? new Uint8Array(0)).slice(0, length));
        const batch = { start: 0, count: 1, rows: null };
        foldImages({ offsets: cut, bytes: image }, batch, slots, registers);
      }),
    ).toThrow('hyperUnique sketch');
  });

  it('sketches are merged into those of their slots', () => {
    const list = Array.from({ length: 12 * hyperUniqueRegisterCount }, () => random.below(65));
    const source = Uint8Array.from(list);
    const targets = slotOf.slice(0, 12);
    const found = sketches(place, (_slots, registers) => {
      mergeSketches(place(source), place(targets), registers);
    });
    const one = new Uint8Array(found.length);
    for (const [at, value] of source.entries()) {
      const slot = targets[at >> 11] ?? 0;
      const to = slot * hyperUniqueRegisterCount + (at % hyperUniqueRegisterCount);
      one[to] = Math.max(one[to] ?? 0, value);
    }
    expect(found).toEqual(one);
  });
});
