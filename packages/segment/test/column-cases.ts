/** The tables that every reader must read: all column kinds, each empty, constant, sorted, random, extreme, with nulls. */
import { type PlainColumn, type PlainTable, seededNumbers } from './tables.ts';

const seed = 20150912;
const sketchOfOne = '01000001000000000710';

/** Rows of a column filled by a function of the row. */
function rows<T>(count: number, valueAt: (row: number) => T): T[] {
  return Array.from({ length: count }, (_unused, row) => valueAt(row));
}

function tableOf(columns: Readonly<Record<string, PlainColumn>>, time?: number[]): PlainTable {
  const [first] = Object.values(columns);
  return { time: time ?? rows(first?.values.length ?? 0, () => 1_000), columns };
}

function padded(value: number): string {
  return `value-${String(value).padStart(8, '0')}`;
}

/** A table of 10,000 rows (three zones) that has everything at once. */
export function randomTable(): PlainTable {
  const next = seededNumbers(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  const count = 10_000;
  return {
    time: rows(count, () => below(40) * 3_600_000 - 5_000_000_000),
    columns: {
      clustered: { type: 'string', values: rows(count, (row) => padded(row >> 4)) },
      scattered: {
        type: 'string',
        values: rows(count, () => (next() < 0.1 ? null : padded(below(300)))),
      },
      few: { type: 'string', values: rows(count, () => padded(below(5))) },
      tags: {
        type: 'strings',
        values: rows(count, () => rows(below(4), () => (next() < 0.1 ? null : padded(below(200))))),
      },
      small: { type: 'long', values: rows(count, () => BigInt(below(200))) },
      signed: { type: 'long', values: rows(count, () => BigInt(below(60_000) - 30_000)) },
      large: {
        type: 'long',
        values: rows(count, () => (next() < 0.1 ? null : BigInt(below(2 ** 32)) * 9_999_999n)),
      },
      double: { type: 'double', values: rows(count, () => (next() < 0.1 ? null : next() - 0.5)) },
      float: { type: 'float', values: rows(count, () => next() * 1e30) },
      sketch: {
        type: 'hyperUnique',
        values: rows(count, () => (next() < 0.2 ? null : sketchOfOne)),
      },
    },
  };
}

/** Name and table of each case. */
export const columnCases: readonly (readonly [name: string, table: PlainTable])[] = [
  ['no columns and no rows', tableOf({})],
  [
    'every kind without rows',
    tableOf({
      a: { type: 'string', values: [] },
      b: { type: 'strings', values: [] },
      c: { type: 'long', values: [] },
      d: { type: 'double', values: [] },
      e: { type: 'float', values: [] },
      f: { type: 'hyperUnique', values: [] },
    }),
  ],
  [
    'every kind with one row',
    tableOf({
      a: { type: 'string', values: ['x'] },
      b: { type: 'strings', values: [['x', 'y', 'x']] },
      c: { type: 'long', values: [-5n] },
      d: { type: 'double', values: [0.1] },
      e: { type: 'float', values: [0.1] },
      f: { type: 'hyperUnique', values: [sketchOfOne] },
    }),
  ],
  [
    'every kind with nulls alone',
    tableOf({
      a: { type: 'string', values: [null, null, null] },
      b: { type: 'strings', values: [[null], [], [null, null]] },
      c: { type: 'long', values: [null, null, null] },
      d: { type: 'double', values: [null, null, null] },
      e: { type: 'float', values: [null, null, null] },
      f: { type: 'hyperUnique', values: [null, null, null] },
    }),
  ],
  [
    'constant columns of many rows',
    tableOf({
      a: { type: 'string', values: rows(5_000, () => 'same') },
      c: { type: 'long', values: rows(5_000, () => 7n) },
      d: { type: 'double', values: rows(5_000, () => -1.5) },
    }),
  ],
  [
    'sorted columns',
    tableOf(
      {
        a: { type: 'string', values: rows(9_000, (row) => padded(row >> 1)) },
        c: { type: 'long', values: rows(9_000, (row) => BigInt(row)) },
        d: { type: 'double', values: rows(9_000, (row) => row / 3) },
      },
      rows(9_000, (row) => row * 1_000),
    ),
  ],
  ['random columns of every kind', randomTable()],
  [
    'longs at the edges of every width',
    tableOf({
      int8: { type: 'long', values: [-128n, 127n, 0n] },
      uint8: { type: 'long', values: [0n, 255n, 1n] },
      int16: { type: 'long', values: [-129n, 32_767n, 0n] },
      uint16: { type: 'long', values: [256n, 65_535n, 0n] },
      int32: { type: 'long', values: [-(2n ** 31n), 2n ** 31n - 1n, 0n] },
      uint32: { type: 'long', values: [0n, 2n ** 32n - 1n, 65_536n] },
      overUint32: { type: 'long', values: [0n, 2n ** 32n, 1n] },
      underInt32: { type: 'long', values: [-(2n ** 31n) - 1n, 0n, 1n] },
      int64: { type: 'long', values: [-(2n ** 63n), 2n ** 63n - 1n, null] },
    }),
  ],
  [
    'doubles at their edges',
    tableOf({
      special: { type: 'double', values: [NaN, Infinity, -Infinity, -0, 0] },
      extreme: {
        type: 'double',
        values: [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53 + 2, null],
      },
      overflow: { type: 'float', values: [1e300, -1e300, 1e-300, NaN, null] },
    }),
  ],
  [
    'an empty text beside null',
    tableOf({
      both: { type: 'string', values: ['', null, 'a', '', null] },
      onlyEmpty: { type: 'string', values: ['', '', '', '', ''] },
      lists: { type: 'strings', values: [[''], [null], [], ['', null], ['a']] },
    }),
  ],
  [
    'text beyond the basic plane, in the order of code points',
    tableOf({
      text: {
        type: 'string',
        values: ['\u{1f600}', '\uff5e', 'é', 'z', '\u{10ffff}', '日本', null, '\0', '\ue000'],
      },
    }),
  ],
  [
    '256 entries take ids of 8 bits, 257 of 16',
    tableOf({
      a: { type: 'string', values: rows(600, (row) => padded(row % 256)) },
      b: { type: 'string', values: rows(600, (row) => padded(row % 257)) },
    }),
  ],
  [
    '65,536 entries take ids of 16 bits, 70,000 of 32',
    tableOf({
      a: { type: 'string', values: rows(70_000, (row) => padded(row % 65_536)) },
      b: { type: 'string', values: rows(70_000, (row) => padded((row * 7) % 70_000)) },
    }),
  ],
  [
    'times before 1970, far ahead, and more of them than 16 bits number',
    tableOf(
      { a: { type: 'string', values: rows(66_000, () => 'x') } },
      rows(66_000, (row) =>
        row === 0 ? -62_135_596_800_000 : row === 1 ? 253_402_300_799_999 : row,
      ),
    ),
  ],
];
