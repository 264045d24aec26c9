/**
 * The values of all runs of a job. Each run's values are added when it comes; once all are there they
 * are ranked, and a table for each run and dimension brings its ranks into the job's.
 */
import type { DimensionSchema } from '@isotherm/segment';
import { type DimensionIds, makeDimension } from '../incremental-index.ts';
import { NumberDictionary } from '../rows/number-dictionary.ts';
import { type NumberRanks, rankNumbers, rankTexts, type TextRanks } from '../rows/ranks.ts';
import { isListId, listNumber } from '../rows/text-column.ts';
import type { RunHeader, RunValues } from './run.ts';

/** Values of a job's dimension by rank. */
export type JobRanks =
  | { readonly type: 'text'; readonly ranks: TextRanks }
  | { readonly type: 'number'; readonly schema: DimensionSchema; readonly ranks: NumberRanks };

/** Ranks of a job's dimensions and times. */
export interface RankedValues {
  /** In the order of the job's dimensions. */
  readonly dimensions: readonly JobRanks[];
  readonly times: NumberRanks;
}

/** By rank in the run: first ids, then ranks of the job. */
interface RunTables {
  readonly dimensions: ReadonlyMap<string, Uint32Array>;
  readonly times: Uint32Array;
}

/** State with a lifetime: one job. */
export class JobValues {
  readonly #dimensions = new Map<string, DimensionIds>();
  readonly #times = new NumberDictionary();
  readonly #runs: RunTables[] = [];

  /** Adds the values of a run; runs are numbered in the order in which they are added. */
  add({ dimensions, values, times }: RunHeader): void {
    const tables = dimensions.map((schema, place): [string, Uint32Array] => {
      let known = this.#dimensions.get(schema.name);
      if (known === undefined) {
        known = makeDimension(schema);
        this.#dimensions.set(schema.name, known);
      }
      return [schema.name, idsOf(values[place], known)];
    });
    const timeIds = new Uint32Array(times.length);
    for (let rank = 1; rank < times.length; rank++) timeIds[rank] = this.#times.idOf(times[rank]);
    this.#runs.push({ dimensions: new Map(tables), times: timeIds });
  }

  /** Ranks all values and turns the tables of runs into ranks. To be called once, when all runs are there. */
  rank(dimensions: readonly DimensionSchema[]): RankedValues {
    const times = rankNumbers(this.#times);
    for (const run of this.#runs) replace(run.times, (id) => times.ofId[id]);
    const ranked = dimensions.map((schema): JobRanks => {
      const dimension = this.#dimensions.get(schema.name) ?? makeDimension(schema);
      this.#dimensions.delete(schema.name);
      const tables = this.#runs
        .map((run) => run.dimensions.get(schema.name))
        .filter((table) => table !== undefined);
      if (dimension.type === 'number') {
        const ranks = rankNumbers(dimension.dictionary);
        for (const table of tables) replace(table, (id) => ranks.ofId[id]);
        return { type: 'number', schema, ranks };
      }
      const ranks = rankTexts(dimension.column);
      const { ofText, ofList } = ranks;
      for (const table of tables) {
        replace(table, (id) => (isListId(id) ? ofList[listNumber(id)] : ofText[id]));
      }
      return { type: 'text', ranks };
    });
    return { dimensions: ranked, times };
  }

  /** Ranks in the job by rank in a run; null for a dimension that the run does not have. */
  tableOf(run: number, dimension: string): Uint32Array | null {
    return this.#runs[run]?.dimensions.get(dimension) ?? null;
  }

  /** The same for times. */
  timeTableOf(run: number): Uint32Array {
    return this.#runs[run]?.times ?? new Uint32Array();
  }
}

function idsOf(values: RunValues, dimension: DimensionIds): Uint32Array {
  const ids = new Uint32Array(values.size);
  if (values.type === 'number') {
    if (dimension.type !== 'number') return ids;
    for (let rank = 1; rank < ids.length; rank++) {
      const wide = values.wide.get(rank);
      ids[rank] =
        wide === undefined
          ? dimension.dictionary.idOf(values.values[rank])
          : dimension.dictionary.idOfWide(wide);
    }
    return ids;
  }
  if (dimension.type !== 'text') return ids;
  const { column } = dimension;
  const ofText = column.dictionary.encodeTexts(values.texts);
  if (values.values === null) return ofText;
  for (let rank = 1; rank < ids.length; rank++) {
    ids[rank] = column.idOfIds(values.values[rank].map((text) => ofText[text]));
  }
  return ids;
}

function replace(table: Uint32Array, rankOf: (id: number) => number): void {
  for (let at = 0; at < table.length; at++) table[at] = rankOf(table[at]);
}
