/** The exports of `assembly/hyper-unique.ts`: addresses, counts and widths in bytes, see there. */
export interface HyperUniqueExports {
  hashTexts: (
    offsets: number,
    bytes: number,
    count: number,
    effectWidth: number,
    effects: number,
  ) => number;
  raiseByIds: (
    width: number,
    ids: number,
    ...rest: [...Rows, effectWidth: number, effects: number, ...Sketches]
  ) => void;
  raiseByLongs: (
    width: number,
    values: number,
    validity: number,
    ...rest: [...Rows, ...Sketches]
  ) => void;
  raiseByRows: (effectWidth: number, effects: number, ...rest: [...Rows, ...Sketches]) => void;
  spreadEffects: (
    width: number,
    ids: number,
    count: number,
    effectWidth: number,
    effects: number,
    rowEffects: number,
  ) => void;
  foldImages: (offsets: number, bytes: number, ...rest: [...Rows, ...Sketches]) => number;
  mergeSketches: (source: number, count: number, ...sketches: Sketches) => void;
}

type Rows = [rows: number, start: number, count: number];
type Sketches = [slots: number, registers: number];
