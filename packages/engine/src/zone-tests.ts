/** Zone maps: what is known of a condition on all rows of a batch from the extremes of their zones. */
import type { Segment, ZoneMap } from '@isotherm/segment';
import type { FilterPlan } from './plan-filter.ts';

/** What a batch of consecutive rows is known to do. */
type ZoneVerdict = 'none' | 'all' | 'some';

/** Says whether none or all of the rows start … start + count - 1 satisfy a condition. */
export type ZoneTest = (start: number, count: number) => ZoneVerdict;

/** The zone test of a condition; null where zones cannot tell. */
export function zoneTest(plan: FilterPlan, segment: Segment): ZoneTest | null {
  const span = spanOf(plan);
  if (span === null || (plan.type !== 'numbers' && plan.type !== 'ids')) return null;
  const zones = segment.zones(plan.name);
  if (zones === null) return null;
  const isWanted = plan.type === 'ids' || plan.wanted;
  const hasNulls = plan.type === 'numbers' && plan.column.validity !== null;
  const nullsHold = plan.type === 'numbers' && hasNulls && plan.nullHolds;
  // Extremes say nothing of nulls, and not-a-number makes them infinite.
  const verdicts = {
    apart: isWanted ? (nullsHold ? 'some' : 'none') : hasNulls ? 'some' : 'all',
    inside: !span.isWhole || hasNulls ? 'some' : isWanted ? 'all' : 'none',
  } as const;
  return (start, count) => {
    const place = placeOf(zones, span, start, count);
    return place === 'across' ? 'some' : verdicts[place];
  };
}

/** Least and greatest value that satisfies a test; whole if all between do as well. */
function spanOf(
  plan: FilterPlan,
): { readonly low: number; readonly high: number; readonly isWhole: boolean } | null {
  if (plan.type === 'ids') {
    if (plan.column.type !== 'time') return null;
    const { count, starts, ends } = plan.runs;
    const { distinct } = plan.column;
    return { low: distinct[starts[0]], high: distinct[ends[count - 1] - 1], isWhole: count === 1 };
  }
  if (plan.type !== 'numbers') return null;
  const { test } = plan;
  if (test.type === 'range') return { low: test.low, high: test.high, isWhole: true };
  if (test.type !== 'set') return null;
  return { low: test.sorted[0], high: test.sorted[test.sorted.length - 1], isWhole: false };
}

/** Where the values of all zones that the rows meet lie. */
function placeOf(
  { min, max, rowsPerZone }: ZoneMap,
  span: { readonly low: number; readonly high: number },
  start: number,
  count: number,
): 'apart' | 'inside' | 'across' {
  const last = Math.floor((start + count - 1) / rowsPerZone);
  let [isApart, isInside] = [true, true];
  for (let zone = Math.floor(start / rowsPerZone); zone <= last; zone++) {
    const [least, greatest] = [min[zone], max[zone]];
    // A zone of nulls has its least above its greatest: no value is in it.
    if (least > greatest) continue;
    if (!(greatest < span.low || least > span.high)) isApart = false;
    if (!(least >= span.low && greatest <= span.high) || !isFinite(least, greatest)) {
      isInside = false;
    }
  }
  return isApart ? 'apart' : isInside ? 'inside' : 'across';
}

function isFinite(...values: readonly (number | bigint)[]): boolean {
  return values.every((value) => typeof value === 'bigint' || Number.isFinite(value));
}
