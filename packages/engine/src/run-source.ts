/** The input of a numeric aggregator over all segments of a run: one source that reads the segment bound last. */
import { isInKernelMemory, splitLanes } from '@isotherm/kernels';
import type { Segment } from '@isotherm/segment';
import type { NumberSource, NumberUse } from './number-source.ts';
import { blankSource, numberSource } from './number-source.ts';
import { roomForNumbers } from './scratch.ts';

/** A source over several segments. `wide`, `drops`, `valuesPerRow` and `magnitude` hold for all of them. */
export interface RunSource extends NumberSource {
  readonly areIntegersInKernelMemory: boolean;
  /** No sum of some of the rows, each taken once, is greater; null if a value may be negative. */
  readonly greatestSum: number | null;
  /** Reads another segment, by its place in the run, from the next batch on. */
  bind(segment: number): void;
}

/**
 * A source for a column.
 *
 * @param segments their columns of that name have one type
 * @returns null if the column is missing in all of them
 * @throws InvalidQueryError for a column of sketches
 */
export function runSource(
  name: string,
  use: NumberUse,
  segments: readonly Segment[],
): RunSource | null {
  const sources = segments.flatMap((segment) => numberSource(name, use, segment) ?? []);
  if (sources.length === 0) return null;
  let current: NumberSource = sources[0];
  const wide = sources.some((source) => source.wide);
  const run: RunSource = {
    ...blankSource(),
    wide,
    drops: sources.some((source) => source.drops),
    valuesPerRow: sources.reduce((most, source) => Math.max(most, source.valuesPerRow), 1),
    magnitude: sources.reduce((most, source) => Math.max(most, source.magnitude), 0),
    areIntegersInKernelMemory: sources.every(
      ({ integers }) => integers !== undefined && isInKernelMemory(integers),
    ),
    greatestSum: greatestSum(name, segments),
    get integers() {
      return current.integers;
    },
    dropNulls(batch, slots) {
      return current.dropNulls?.(batch, slots) ?? { batch, slots };
    },
    bind(segment) {
      current = sources[segment];
    },
    read(batch, slots) {
      current.read(batch, slots);
      const { count } = current;
      run.count = count;
      run.slots = current.slots;
      run.values = current.values;
      if (current.wide) {
        run.high = current.high;
        run.low = current.low;
      } else if (wide) {
        run.high = roomForNumbers(run.high, count);
        run.low = roomForNumbers(run.low, count);
        splitLanes(current.values, count, run.high, run.low);
      }
    },
  };
  return run;
}

/** The sum of all values as statistics have it, rounded up a little. */
function greatestSum(name: string, segments: readonly Segment[]): number | null {
  let all = 0;
  for (const segment of segments) {
    const { min, sum } = segment.statistics(name) ?? { min: null, sum: null };
    // Without a single value both are null, and there is nothing to add.
    if (min === null && sum === null) continue;
    if (typeof min !== 'bigint' || typeof sum !== 'bigint' || min < 0n) return null;
    all += Number(sum) * (1 + 2 ** -50);
  }
  return Math.ceil(all);
}
