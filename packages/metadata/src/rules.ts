/**
 * Load and drop rules in Druid's JSON, read against a closed schema. What they mean for a segment is
 * decided by the coordinator; here is only what a rule may look like.
 */
import { InvalidInputError, JsonFields, didYouMean, kindOf } from '@isotherm/errors';
import { parseInterval, parsePeriod } from '@isotherm/timeline';
import type { Rule, TieredReplicants } from './store.ts';

/** Key of the rules for all datasources that have none of their own. */
export const defaultRulesKey = '_default';

/** The rules that hold until somebody sets others: one copy of everything, wherever there is room. */
export const builtInRules: readonly Rule[] = [
  { type: 'loadForever', tieredReplicants: { _default_tier: 1 } },
];

const ruleTypes = [
  'loadForever',
  'loadByInterval',
  'loadByPeriod',
  'dropForever',
  'dropByInterval',
  'dropByPeriod',
  'dropBeforeByPeriod',
] as const;

/**
 * Reads a list of rules. `includeFuture` is true when absent, as in Druid; `tieredReplicants` may be
 * `{}`, which keeps segments visible but loads them nowhere.
 *
 * @throws InvalidInputError naming the field and what it should be
 */
export function parseRules(json: unknown): Rule[] {
  if (!Array.isArray(json)) {
    throw new InvalidInputError(`The rules are ${kindOf(json)}. Expected a list in brackets.`, {
      code: 'WRONG_TYPE',
    });
  }
  return json.map((rule, index) => parseRule(new JsonFields(rule, `rules[${index}]`)));
}

function parseRule(fields: JsonFields): Rule {
  const type = fields.oneOf('type', ruleTypes);
  const rule = readRule(type, fields);
  fields.end();
  return rule;
}

function readRule(type: (typeof ruleTypes)[number], fields: JsonFields): Rule {
  switch (type) {
    case 'loadForever':
      return { type, tieredReplicants: readReplicants(fields) };
    case 'loadByInterval':
      return { type, interval: readInterval(fields), tieredReplicants: readReplicants(fields) };
    case 'loadByPeriod':
      return {
        type,
        period: readPeriod(fields),
        includeFuture: fields.optionalBoolean('includeFuture') ?? true,
        tieredReplicants: readReplicants(fields),
      };
    case 'dropForever':
      return { type };
    case 'dropByInterval':
      return { type, interval: readInterval(fields) };
    case 'dropByPeriod':
      return {
        type,
        period: readPeriod(fields),
        includeFuture: fields.optionalBoolean('includeFuture') ?? true,
      };
    case 'dropBeforeByPeriod':
      return { type, period: readPeriod(fields) };
  }
}

function readInterval(fields: JsonFields): string {
  const text = fields.string('interval');
  return checkText(fields, 'interval', text, parseInterval);
}

function readPeriod(fields: JsonFields): string {
  const text = fields.string('period');
  return checkText(fields, 'period', text, parsePeriod);
}

/** Parses only to refuse: the rule keeps the user's own text. */
function checkText(
  fields: JsonFields,
  name: string,
  text: string,
  parse: (text: string) => unknown,
): string {
  try {
    parse(text);
    return text;
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    throw new InvalidInputError(`"${fields.pathOf(name)}": ${cause.message}`, {
      code: cause.code,
      cause,
    });
  }
}

function readReplicants(fields: JsonFields): TieredReplicants {
  const value = fields.required('tieredReplicants');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fields.fault(
      'tieredReplicants',
      `is ${kindOf(value)}`,
      'Expected copies by tier, such as {"hot": 2, "cold": 1}.',
      'WRONG_TYPE',
    );
  }
  const entries = Object.entries(value).map(([tier, copies]): [string, number] => {
    const path = `tieredReplicants.${tier}`;
    if (tier.trim() === '') {
      throw fields.fault(path, 'has an empty tier name', 'Name the tier.', 'OUT_OF_RANGE');
    }
    if (!Number.isInteger(copies) || copies < 1 || copies > maxCopies) {
      throw fields.fault(
        path,
        `is ${kindOf(copies)}`,
        `Expected a whole number of copies from 1 to ${maxCopies}.${tierHint(tier)}`,
        'OUT_OF_RANGE',
      );
    }
    return [tier, copies];
  });
  return Object.fromEntries(entries);
}

const maxCopies = 1000;

function tierHint(tier: string): string {
  return didYouMean(
    tier,
    ['hot', 'cold', 'icy', '_default_tier'].filter((name) => name !== tier),
  );
}
