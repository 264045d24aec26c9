/**
 * What conditions and ways to rows cost, in nanoseconds, so that the planner can compare them. Figures
 * are those of `node packages/engine/bench/bench-filters.ts` on the machine of the bench (x86-64,
 * 3 GHz); only their ratios matter.
 */
import { mostRuns } from './evaluate-filter.ts';
import { idCount } from './id-runs.ts';
import type { FilterPlan } from './plan-filter.ts';

/** A row of a range that is written to a list, tested or not: 0.4 and 0.5 in ranges of 30 rows. */
export const takeRowCost = 0.5;
/** A range: its ends lie in a cache line that nothing else is read of. */
export const rangeCost = 30;
/**
 * A row of a posting list, marked in a bitmap. Of 1,000 of 5,000 advertisers, 6.2 of 20 M rows, marking
 * took 5.6 times a scanned row.
 */
export const postingCost = 7;
/** A row of the only posting list, which needs no bitmap. */
export const onlyPostingCost = 2;
/** 32 rows of a segment whose bitmap is walked. */
export const bitmapWordCost = 0.7;

/** What a condition costs and lets through. */
export interface ConditionCost {
  /** A row of a batch of consecutive rows. */
  readonly consecutive: number;
  /** A row of a list. */
  readonly listed: number;
  /** Estimated share of rows that satisfy it. */
  readonly share: number;
}

/** Share of rows that a condition is assumed to let through where nothing says more. */
const unknownShare = 0.5;

/** Estimates a condition; entries of a dictionary are taken to have equally many rows. */
export function conditionCost(plan: FilterPlan): ConditionCost {
  switch (plan.type) {
    case 'constant':
      return { consecutive: 0, listed: 0, share: plan.holds ? 1 : 0 };
    case 'ids': {
      const { ids } = plan.column;
      const width = ids.BYTES_PER_ELEMENT;
      const isVector = width === 1 || plan.runs.count <= mostRuns;
      const vector = 0.1 * width * (width === 1 ? 1 : plan.runs.count);
      return { consecutive: isVector ? vector : 1.3, listed: 1.6, share: plan.share };
    }
    case 'lists': {
      const share = idCount(plan.runs) / Math.max(1, plan.column.dictionary.size);
      return { consecutive: 8, listed: 8, share: plan.any ? share : 1 - share };
    }
    case 'numbers': {
      const { values } = plan.column;
      const width = values.BYTES_PER_ELEMENT;
      const isVector = !(values instanceof Float32Array) && width < 8 && plan.test.type === 'range';
      const perRow = plan.test.type === 'each' ? 20 : plan.test.type === 'set' ? 5 : 1.5;
      return { consecutive: isVector ? 0.1 * width : perRow, listed: perRow, share: unknownShare };
    }
    case 'and':
    case 'or': {
      const fields = plan.fields.map(conditionCost);
      const sum = (pick: (cost: ConditionCost) => number) =>
        fields.reduce((total, field) => total + pick(field), 0);
      const product = (pick: (cost: ConditionCost) => number) =>
        fields.reduce((total, field) => total * pick(field), 1);
      return {
        consecutive: sum((cost) => cost.consecutive),
        listed: sum((cost) => cost.listed),
        share:
          plan.type === 'and'
            ? product((cost) => cost.share)
            : 1 - product((cost) => 1 - cost.share),
      };
    }
  }
}

/** Orders conditions so that the cheapest way to drop a row comes first. */
export function inCheapestOrder(conditions: readonly FilterPlan[]): FilterPlan[] {
  const rank = new Map(
    conditions.map((plan) => {
      const { consecutive, share } = conditionCost(plan);
      return [plan, consecutive / Math.max(1e-9, 1 - share)];
    }),
  );
  return conditions.toSorted((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
}

/** Conditions that cost less than this a row are joined over whole batches, before rows are listed. */
export const cheapCondition = 1;

/** Estimated cost of testing conditions, in order, on a number of rows. */
export function testingCost(
  conditions: readonly FilterPlan[],
  rowCount: number,
  isListed: boolean,
): number {
  let cost = 0;
  let rows = rowCount;
  let listed = isListed;
  for (const condition of conditions) {
    const each = conditionCost(condition);
    if (each.consecutive >= cheapCondition && condition !== conditions[0]) listed = true;
    cost += (listed ? rows : rowCount) * (listed ? each.listed : each.consecutive);
    rows *= each.share;
  }
  return cost;
}
