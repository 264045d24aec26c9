/** The exports of `assembly/row-tests.ts`, `row-lists.ts` and `text-search.ts`: addresses and counts, see there. */

type Rows = [rows: number, start: number, count: number];
/** Where the bits go, and what becomes of those that are there. */
type Bits = [bits: number, how: number];

/** Kernels that test rows, list them, and search dictionaries. */
export interface RowExports {
  testIdSet: (width: number, ids: number, ...rest: [...Rows, set: number, ...Bits]) => void;
  testRun: (
    width: number,
    values: number,
    ...rest: [...Rows, low: number, last: number, ...Bits]
  ) => void;
  testBetween: (
    width: number,
    values: number,
    ...rest: [...Rows, low: number, high: number, outside: number, flip: number, ...Bits]
  ) => void;
  testSorted: (
    width: number,
    values: number,
    ...rest: [...Rows, sorted: number, length: number, flip: number, ...Bits]
  ) => void;
  testValidity: (validity: number, ...rest: [...Rows, wanted: number, ...Bits]) => void;
  selectRows: (bits: number, ...rest: [...Rows, out: number]) => number;
  takeRanges: (
    starts: number,
    ends: number,
    rangeCount: number,
    cursor: number,
    room: number,
    width: number,
    ids: number,
    low: number,
    last: number,
    out: number,
  ) => number;
  markPostings: (
    offsets: number,
    steps: number,
    starts: number,
    ends: number,
    runCount: number,
    bits: number,
  ) => void;
  findTexts: (
    dictionaryOffsets: number,
    dictionaryBytes: number,
    first: number,
    size: number,
    samples: number,
    skip: number,
    offsets: number,
    bytes: number,
    count: number,
    starts: number,
    ends: number,
  ) => number;
}
