/** The exports of `assembly/sums.ts`, `ranges.ts`, `slots.ts`, `hash-slots.ts` and `keys.ts`: addresses and counts, see there. */

type Rows = [rows: number, start: number, count: number];
type Column = [values: number, width: number];
type Runs = [
  bounds: number,
  runCount: number,
  from: number,
  to: number,
  slots: number,
  firstSlot: number,
];

/** Kernels that group rows and add them up. */
export interface GroupExports {
  readIds: (width: number, ids: number, ...rest: [...Rows, plus: number, out: number]) => void;
  mapIds: (width: number, ids: number, ...rest: [...Rows, table: number, out: number]) => void;
  addIdKeys: (
    width: number,
    ids: number,
    ...rest: [...Rows, stride: number, plus: number, keys: number]
  ) => void;
  addWideIdKeys: (
    width: number,
    ids: number,
    ...rest: [...Rows, table: number, plus: number, stride: number, keys: number]
  ) => void;
  addMappedKeys: (
    width: number,
    ids: number,
    ...rest: [...Rows, table: number, stride: number, keys: number]
  ) => void;
  joinByteIds: (
    a: number,
    b: number,
    bStride: number,
    c: number,
    cStride: number,
    count: number,
    keys: number,
  ) => void;
  countSlots: (slots: number, count: number, counts: number) => void;
  markSlots: (slots: number, count: number, counts: number) => void;
  assignDenseSlots: (
    keys: number,
    count: number,
    slotOf: number,
    keyOf: number,
    used: number,
    slots: number,
  ) => number;
  assignHashSlots: (
    keys: number,
    count: number,
    buckets: number,
    bits: number,
    keyOf: number,
    used: number,
    slots: number,
  ) => number;
  moveHashSlots: (buckets: number, bits: number, grown: number, grownBits: number) => void;
  pickNumbers: (
    numbers: number,
    stride: number,
    member: number,
    shift: number,
    bits: number,
    slots: number,
    count: number,
    out: number,
  ) => void;
  usedSlots: (lane: number, lanes: number, shift: number, slotCount: number, out: number) => number;
  usedCounts: (counts: number, slotCount: number, out: number) => number;
  splitKeys: (keys: number, count: number, stride: number, size: number, out: number) => void;
  splitWideKeys: (keys: number, count: number, stride: number, size: number, out: number) => void;
  addSums1: (slots: number, ...rest: [...Rows, sums: number, plus: bigint, ...Column]) => void;
  addSums2: (
    slots: number,
    ...rest: [...Rows, sums: number, plus0: bigint, plus1: bigint, ...Column, ...Column]
  ) => void;
  addSums4: (
    slots: number,
    ...rest: [...Rows, sums: number, plus0: bigint, plus3: bigint, ...Column, ...Column, ...Column]
  ) => void;
  addRunSums: (
    values: number,
    width: number,
    ...rest: [...Runs, sums: number, lanes: number]
  ) => void;
  foldSums: (local: number, count: number, table: number, lanes: number, sums: number) => void;
  addRunLengths: (...rest: [...Runs, sums: number, lanes: number, shift: number]) => void;
}
