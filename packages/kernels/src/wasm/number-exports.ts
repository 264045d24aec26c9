/** The exports of `assembly/numbers.ts`: addresses and counts, see there. */

type Rows = [rows: number, start: number, count: number];

/** Kernels that read numbers as doubles and keep sums and extremes of them. */
export interface NumberExports {
  readNumbers: (width: number, values: number, ...rest: [...Rows, out: number]) => void;
  readLanes: (values: number, ...rest: [...Rows, high: number, low: number]) => void;
  lookUpNumbers: (ids: number, count: number, table: number, out: number) => void;
  dropNulls: (
    validity: number,
    ...rest: [...Rows, slots: number, outRows: number, outSlots: number]
  ) => number;
  dropUnknownIds: (
    ids: number,
    slots: number,
    count: number,
    known: number,
    outIds: number,
    outSlots: number,
  ) => number;
  addNumbers: (values: number, count: number, slots: number, sums: number) => void;
  addDoubles: (values: number, count: number, slots: number, sums: number, errors: number) => void;
  keepLeast: (values: number, count: number, slots: number, least: number) => void;
  keepGreatest: (values: number, count: number, slots: number, greatest: number) => void;
  keepExtremeLanes: (
    sign: number,
    high: number,
    low: number,
    count: number,
    slots: number,
    keptHigh: number,
    keptLow: number,
  ) => void;
}
