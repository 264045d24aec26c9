/** The input of a numeric aggregator over all segments of a run: one source that reads the segment bound last. */
import { isInKernelMemory, splitLanes } from '@isotherm/kernels';
import type { Segment } from '@isotherm/segment';
import type { NumberSource, NumberUse } from './number-source.ts';
import { blankSource, numberSource } from './number-source.ts';
import { roomForNumbers } from './scratch.ts';

/** A source over several segments. `wide`, `drops`, `valuesPerRow` and `magnitude` hold for all of them. */
export interface RunSource extends NumberSource {
  readonly areIntegersInKernelMemory: boolean;
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
    get integers() {
      return current.integers;
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
