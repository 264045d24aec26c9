/**
 * Merges text columns: the union of the runs' dictionaries, and for each run a map from its ids to
 * the union's. Ids of a sorted union are ranks, so rows compare by them.
 */
import { compareCodePoints } from '@isotherm/kernels';
import type { MultiStringColumn, StringColumn, StringDictionary } from '../columns.ts';
import type { ColumnInput } from '../input.ts';
import type { MergedOrder } from './order.ts';

/** A text column of one run; null where the run has no such column, which reads as null everywhere. */
export type TextRun = StringColumn | MultiStringColumn | null;

/** A text dimension of all runs. */
interface MergedText {
  /** Rank of each row, one array a run. */
  readonly ranks: readonly Float64Array[];
  /** Builds the output column: the value of each group's first row. */
  gather(order: MergedOrder): ColumnInput;
}

/** Merges the dictionaries and ranks the rows of all runs. */
export function mergeText(runs: readonly TextRun[], rowCounts: readonly number[]): MergedText {
  const union = uniteDictionaries(runs, rowCounts);
  return runs.some((run) => run?.type === 'strings')
    ? mergeLists(runs, rowCounts, union)
    : mergeSingles(runs, rowCounts, union);
}

interface Union {
  readonly entries: (string | null)[];
  /** Id in the union of each entry of a run's dictionary; a run without the column has null alone. */
  readonly maps: Uint32Array[];
}

function uniteDictionaries(runs: readonly TextRun[], rowCounts: readonly number[]): Union {
  const seen = new Map<string | null, number>();
  const places = runs.map((run, index) => {
    const entries = run === null ? nullEntries(rowCounts[index]) : entriesOf(run.dictionary);
    return Uint32Array.from(entries, (entry) => {
      const place = seen.get(entry) ?? seen.size;
      if (place === seen.size) seen.set(entry, place);
      return place;
    });
  });
  const entries = [...seen.keys()].sort(compareNullable);
  const rank = new Uint32Array(entries.length);
  for (const [id, entry] of entries.entries()) rank[seen.get(entry) ?? 0] = id;
  return { entries, maps: places.map((map) => map.map((place) => rank[place])) };
}

function nullEntries(rowCount: number): null[] {
  return rowCount === 0 ? [] : [null];
}

function entriesOf(dictionary: StringDictionary): (string | null)[] {
  return Array.from({ length: dictionary.size }, (_unused, id) => dictionary.valueAt(id));
}

function compareNullable(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compareCodePoints(a, b);
}

function mergeSingles(
  runs: readonly TextRun[],
  rowCounts: readonly number[],
  { entries, maps }: Union,
): MergedText {
  const ranks = runs.map((run, index) => {
    const out = new Float64Array(rowCounts[index]);
    const map = maps[index];
    if (run === null) out.fill(map[0] ?? 0);
    else for (let row = 0; row < out.length; row++) out[row] = map[run.ids[row]];
    return out;
  });
  return {
    ranks,
    gather(order) {
      const ids = new Uint32Array(order.starts.length - 1);
      for (let group = 0; group < ids.length; group++) {
        const place = order.starts[group];
        ids[group] = ranks[order.runs[place]][order.rows[place]];
      }
      return { type: 'string', dictionary: entries, ids };
    },
  };
}

/**
 * Ranks whole lists: distinct ones are collected, sorted entry by entry and numbered. A null of a run
 * with one value a row becomes an empty list, which is how a column with lists writes it.
 */
function mergeLists(
  runs: readonly TextRun[],
  rowCounts: readonly number[],
  union: Union,
): MergedText {
  const { entries, maps } = withoutUnusedNull(runs, union);
  const lists = new Map<string, { readonly ids: Uint32Array; rank: number }>();
  const places = runs.map((run, index) =>
    Array.from({ length: rowCounts[index] }, (_unused, row) => {
      const ids = listAt(run, row, maps[index]);
      const key = ids.join();
      let list = lists.get(key);
      if (list === undefined) {
        list = { ids, rank: 0 };
        lists.set(key, list);
      }
      return list;
    }),
  );
  const sorted = [...lists.values()].sort((a, b) => compareLists(a.ids, b.ids));
  for (const [rank, list] of sorted.entries()) list.rank = rank;
  return {
    ranks: places.map((run) => Float64Array.from(run, (list) => list.rank)),
    gather(order) {
      const offsets = new Uint32Array(order.starts.length);
      const chosen = Array.from({ length: offsets.length - 1 }, (_unused, group) => {
        const place = order.starts[group];
        const { ids } = places[order.runs[place]][order.rows[place]];
        offsets[group + 1] = offsets[group] + ids.length;
        return ids;
      });
      const ids = new Uint32Array(offsets[offsets.length - 1]);
      for (const [group, list] of chosen.entries()) ids.set(list, offsets[group]);
      return { type: 'strings', dictionary: entries, offsets, ids };
    },
  };
}

/** Drops null from the union when no list holds it: nulls that stand alone have become empty lists. */
function withoutUnusedNull(runs: readonly TextRun[], union: Union): Union {
  const isUsed = runs.some((run) => run?.type === 'strings' && run.dictionary.hasNull);
  if (isUsed || union.entries[0] !== null) return union;
  return {
    entries: union.entries.slice(1),
    // The id of null wraps around; nothing looks it up.
    maps: union.maps.map((map) => map.map((id) => id - 1)),
  };
}

function listAt(run: TextRun, row: number, map: Uint32Array): Uint32Array {
  if (run === null) return new Uint32Array(0);
  if (run.type === 'string') {
    const id = run.ids[row];
    return id === 0 && run.dictionary.hasNull ? new Uint32Array(0) : Uint32Array.of(map[id]);
  }
  const start = run.offsets[row];
  return Uint32Array.from(
    { length: run.offsets[row + 1] - start },
    (_unused, item) => map[run.ids[start + item]],
  );
}

function compareLists(a: Uint32Array, b: Uint32Array): number {
  const shared = Math.min(a.length, b.length);
  for (let item = 0; item < shared; item++) if (a[item] !== b[item]) return a[item] - b[item];
  return a.length - b.length;
}
