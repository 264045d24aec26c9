/** Merges hyperUnique columns: the sketches of a group are folded into one. */
import { encodeHyperUnique, foldHyperUniqueAt, hyperUniqueRegisterCount } from '@isotherm/kernels';
import type { HyperUniqueColumn } from '../columns.ts';
import type { ColumnInput } from '../input.ts';
import type { MergedOrder } from './order.ts';

/** Folds the images of each group; empty ones are nulls and count for nothing. @throws CorruptSegmentError if an image is damaged */
export function combineSketches(
  runs: readonly (HyperUniqueColumn | null)[],
  { runs: runOf, rows, starts }: MergedOrder,
): ColumnInput {
  const registers = new Uint8Array(hyperUniqueRegisterCount);
  const images: Uint8Array[] = [];
  for (let group = 0; group + 1 < starts.length; group++) {
    const places: number[] = [];
    for (let place = starts[group]; place < starts[group + 1]; place++) {
      const run = runs[runOf[place]];
      if (run !== null && run.offsets[rows[place] + 1] > run.offsets[rows[place]]) {
        places.push(place);
      }
    }
    if (places.length > 1) registers.fill(0);
    let image = new Uint8Array(0);
    for (const place of places) {
      const run = runs[runOf[place]];
      if (run === null) continue;
      const [start, end] = [run.offsets[rows[place]], run.offsets[rows[place] + 1]];
      if (places.length === 1) image = run.bytes.slice(start, end);
      else foldHyperUniqueAt(run.bytes, start, end, registers, 0);
    }
    images.push(places.length > 1 ? encodeHyperUnique(registers, 0) : image);
  }
  return { type: 'hyperUnique', images };
}
