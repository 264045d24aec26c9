/**
 * What the rules want for a segment. Druid's semantics: the rules of the datasource come first, those
 * of `_default` after them, and the first that matches decides.
 *
 * | rule | matches when |
 * |---|---|
 * | loadForever, dropForever | always |
 * | loadByInterval | the segment overlaps the interval |
 * | dropByInterval | the interval contains the segment |
 * | loadByPeriod | the segment overlaps the period before now, and with includeFuture all that comes after |
 * | dropByPeriod | that stretch contains the segment |
 * | dropBeforeByPeriod | the segment ends before the period begins |
 */
import type { Rule, TieredReplicants } from '@isotherm/metadata';
import { defaultRulesKey } from '@isotherm/metadata';
import type { Interval } from '@isotherm/timeline';
import {
  addPeriod,
  containsInterval,
  eternity,
  overlaps,
  parseInterval,
  parsePeriod,
} from '@isotherm/timeline';

/** Copies wanted by tier. An empty map means that no rule loads the segment. */
export type WantedCopies = TieredReplicants;

const nothing: WantedCopies = {};

/**
 * Reads the rules once for many segments. A segment that no rule matches is loaded nowhere, like one
 * that a rule drops.
 *
 * @param rules  by datasource, with `_default`
 * @param nowMs  the moment to which periods are relative, epoch milliseconds
 * @returns the copies that the rules want for a segment
 */
export function ruleBook(
  rules: Readonly<Record<string, readonly Rule[]>>,
  nowMs: number,
): (segment: { readonly dataSource: string; readonly interval: Interval }) => WantedCopies {
  const byDataSource = new Map(
    Object.entries(rules).map(([name, list]) => [name, list.map((rule) => readRule(rule, nowMs))]),
  );
  const defaults = byDataSource.get(defaultRulesKey) ?? [];
  return ({ dataSource, interval }) => {
    const own = byDataSource.get(dataSource) ?? [];
    const match = ({ matches }: ReadRule): boolean => matches(interval);
    return (own.find(match) ?? defaults.find(match))?.copies ?? nothing;
  };
}

interface ReadRule {
  readonly matches: (interval: Interval) => boolean;
  readonly copies: WantedCopies;
}

function readRule(rule: Rule, nowMs: number): ReadRule {
  const copies = 'tieredReplicants' in rule ? rule.tieredReplicants : nothing;
  return { matches: matcherOf(rule, nowMs), copies };
}

function matcherOf(rule: Rule, nowMs: number): (interval: Interval) => boolean {
  switch (rule.type) {
    case 'loadForever':
    case 'dropForever':
      return () => true;
    case 'loadByInterval': {
      const span = parseInterval(rule.interval);
      return (interval) => overlaps(span, interval);
    }
    case 'dropByInterval': {
      const span = parseInterval(rule.interval);
      return (interval) => containsInterval(span, interval);
    }
    case 'loadByPeriod': {
      const span = recent(rule, nowMs);
      return (interval) => overlaps(span, interval);
    }
    case 'dropByPeriod': {
      const span = recent(rule, nowMs);
      return (interval) => containsInterval(span, interval);
    }
    case 'dropBeforeByPeriod': {
      const end = periodBefore(rule.period, nowMs);
      return (interval) => interval.end <= end;
    }
  }
}

function recent(
  rule: { readonly period: string; readonly includeFuture: boolean },
  nowMs: number,
): Interval {
  const start = periodBefore(rule.period, nowMs);
  return { start, end: rule.includeFuture ? eternity.end : nowMs };
}

function periodBefore(period: string, nowMs: number): number {
  return addPeriod(nowMs, parsePeriod(period), { count: -1 });
}
