/** Rows that hold lists, repeated: each value of a part of the key is an element of its own. */
import type { Batch } from '@isotherm/kernels';
import { explodeRows, explodedCount, lookUpIds } from '@isotherm/kernels';
import type { KeyLists, KeyRows } from './key-part.ts';
import { emptyBatch } from './scratch.ts';

/** Repeats rows for the values of every part with lists; gives the ids of those parts. */
export function makeExplode(
  parts: readonly Pick<KeyRows, 'lists'>[],
): (batch: Batch) => { readonly batch: Batch; readonly listIds: Map<number, Uint32Array> } {
  const lists = parts.flatMap((part, index) =>
    part.lists === null ? [] : [{ index, ...part.lists }],
  );
  const listIds = new Map<number, Uint32Array>();
  if (lists.length === 0) return (batch) => ({ batch, listIds });
  return (given) => {
    let batch = given;
    listIds.clear();
    for (const list of lists) {
      const exploded = explodeList(list, batch);
      for (const [index, ids] of listIds) {
        const repeated = new Uint32Array(exploded.batch.count);
        lookUpIds(exploded.from, exploded.batch.count, ids, repeated);
        listIds.set(index, repeated);
      }
      listIds.set(list.index, exploded.ids);
      batch = exploded.batch;
    }
    return { batch, listIds };
  };
}

function explodeList(
  list: KeyLists,
  batch: Batch,
): { readonly batch: Batch; readonly from: Uint32Array; readonly ids: Uint32Array } {
  const { offsets, ids: values } = list.column;
  const count = explodedCount(offsets, batch);
  const rows = new Uint32Array(count);
  const from = new Uint32Array(count);
  const ids = new Uint32Array(count);
  explodeRows(offsets, values, batch, list.emptyId, { rows, from, ids });
  if (list.remap !== null) lookUpIds(ids, count, list.remap, ids);
  return { batch: { ...emptyBatch(), count, rows }, from, ids };
}
