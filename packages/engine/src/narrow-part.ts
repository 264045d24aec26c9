/**
 * The part of a key without the values that the filter leaves out. A query that names 2,000 of 500,000
 * ads needs 2,000 ids for them: then their groups by day are few enough for arrays, where those of all
 * ads would have to be hashed.
 *
 *   ids of the part       0 … 499,999       passing   7, 40,001, 499,999
 *   ids of the narrowed   0 … 2             entryOf   7, 40,001, 499,999
 */
import { type Runs, scratchIds } from '@isotherm/kernels';
import { idCount } from './id-runs.ts';
import { type KeyPart, idRows } from './key-part.ts';
import type { FilterPlan } from './plan-filter.ts';

/** Parts with fewer ids have few enough groups as they are. */
const leastIds = 1024;
/** The ids of all segments that pass are fewer than one in this many of the part's. */
const narrowShare = 8;

/** The ids of a column that a plan lets pass; null where it does not limit them by itself. */
export function passingIds(plan: FilterPlan, name: string): Runs | null {
  if (plan.type === 'ids') return plan.name === name ? plan.runs : null;
  if (plan.type !== 'and') return null;
  for (const field of plan.fields) {
    if (field.type === 'ids' && field.name === name) return field.runs;
  }
  return null;
}

/**
 * Narrows a part of texts to the ids that pass, numbered in the order of the part's; gives the part as
 * it is where most of them pass.
 *
 * @param passing for each segment of the part ids of its column, of which only these come with rows
 */
export function narrowPart(part: KeyPart, passing: readonly (Runs | null)[]): KeyPart {
  const { size, values, segments } = part;
  if (size < leastIds || values.type !== 'texts') return part;
  const columns = segments.flatMap(({ column }) => column ?? []);
  const runs = passing.filter((ids) => ids !== null);
  if (columns.length < segments.length || runs.length < segments.length) return part;
  if (runs.reduce((sum, ids) => sum + idCount(ids), 0) * narrowShare > size) return part;
  const places = scratchIds(size);
  const found: number[] = [];
  for (const [index, { remap }] of columns.entries()) {
    forEachId(runs[index], (id) => {
      const entry = remap === null ? id : remap[id];
      if (places[entry] === 0) found.push(entry);
      places[entry] = 1;
    });
  }
  const entryOf = Uint32Array.from(found).sort();
  for (let id = 0; id < entryOf.length; id++) places[entryOf[id]] = id;
  return {
    size: entryOf.length,
    values: { ...values, entryOf },
    segments: columns.map(({ ids, remap, starts }, index) => {
      // Ids that do not pass come with no row, and are given any group.
      const table = scratchIds(remap === null ? size : remap.length);
      forEachId(runs[index], (id) => (table[id] = places[remap === null ? id : remap[id]]));
      return idRows({ ids, remap: table, starts });
    }),
  };
}

function forEachId({ count, starts, ends }: Runs, visit: (id: number) => void): void {
  for (let run = 0; run < count; run++) {
    for (let id = starts[run]; id < ends[run]; id++) visit(id);
  }
}
