/** The exports of `assembly/text-table.ts`: addresses and counts, see there. */

/** Kernels over dictionaries of distinct texts. */
export interface TextTableExports {
  assignTextIds: (
    offsets: number,
    bytes: number,
    first: number,
    end: number,
    buckets: number,
    bucketMask: number,
    hashes: number,
    tableOffsets: number,
    tableBytes: number,
    count: number,
    ids: number,
  ) => number;
  placeTexts: (ids: number, count: number, offsets: number, places: number) => number;
  copyTexts: (
    ids: number,
    count: number,
    offsets: number,
    bytes: number,
    places: number,
    out: number,
  ) => void;
}
