/**
 * What names of a query may refer to: outputs are unique and never `__time`, post-aggregators see
 * dimensions, aggregators and the post-aggregators before them, orders and conditions see all outputs.
 */
import { InvalidQueryError, didYouMean } from '@isotherm/errors';
import type { Aggregation, OrderByColumn, PostAggregation } from '../model.ts';

const timeColumn = '__time';

/** The outputs of a query, in the order in which they come to be. */
export interface Outputs {
  readonly dimensionNames: readonly string[];
  readonly aggregations: readonly Aggregation[];
  readonly postAggregations: readonly PostAggregation[];
}

/**
 * Checks all names of outputs and all references of post-aggregators.
 *
 * @returns the names of all outputs
 * @throws InvalidQueryError code DUPLICATE_NAME, RESERVED_NAME or UNKNOWN_OUTPUT
 */
export function checkOutputs(outputs: Outputs): ReadonlySet<string> {
  const known = new Set<string>();
  for (const name of outputs.dimensionNames) addName(known, name, 'dimensions');
  for (const { name } of outputs.aggregations) addName(known, name, 'aggregations');
  for (const postAggregation of outputs.postAggregations) {
    const { name } = postAggregation;
    const missing = [...referredFields(postAggregation)].filter((field) => !known.has(field));
    if (missing.length > 0) {
      throw new InvalidQueryError(
        `Missing fields [[${missing.join(', ')}]] for postAggregator [${name}]. Known before it: ${[...known].join(', ')}.${didYouMean(missing[0] ?? '', known)}`,
        { code: 'UNKNOWN_OUTPUT' },
      );
    }
    addName(known, name, 'postAggregations');
  }
  return known;
}

/** @throws InvalidQueryError code UNKNOWN_OUTPUT when an order names no output */
export function checkOrder(columns: readonly OrderByColumn[], known: ReadonlySet<string>): void {
  for (const { dimension } of columns) {
    if (known.has(dimension)) continue;
    throw new InvalidQueryError(
      `Unknown column in order clause: "${dimension}". Expected an output of the query: ${[...known].join(', ')}.${didYouMean(dimension, known)}`,
      { code: 'UNKNOWN_OUTPUT' },
    );
  }
}

/** @throws InvalidQueryError code UNKNOWN_OUTPUT when a topN orders by no aggregate */
export function checkMetric(metric: string, outputs: Outputs): void {
  const names = [...outputs.aggregations, ...outputs.postAggregations].map(({ name }) => name);
  if (names.includes(metric)) return;
  throw new InvalidQueryError(
    `"metric" is "${metric}", which is no output of the query. Must have an aggregator or post-aggregator of that name. Known: ${names.join(', ')}.${didYouMean(metric, names)}`,
    { code: 'UNKNOWN_OUTPUT' },
  );
}

function addName(known: Set<string>, name: string, where: string): void {
  if (name === timeColumn) {
    throw new InvalidQueryError(
      `'${timeColumn}' cannot be used as an output name for dimensions, aggregators, or post-aggregators. Give it another name in "${where}".`,
      { code: 'RESERVED_NAME' },
    );
  }
  if (known.has(name)) {
    throw new InvalidQueryError(
      `Duplicate output name "${name}" in "${where}". Names of dimensions, aggregators and post-aggregators must differ. Rename one.`,
      { code: 'DUPLICATE_NAME' },
    );
  }
  known.add(name);
}

/** Names of the aggregates and dimensions that a post-aggregator reads. */
function* referredFields(postAggregation: PostAggregation): Generator<string> {
  switch (postAggregation.type) {
    case 'arithmetic':
      for (const field of postAggregation.fields) yield* referredFields(field);
      return;
    case 'fieldAccess':
    case 'finalizingFieldAccess':
    case 'hyperUniqueCardinality':
      yield postAggregation.fieldName;
      return;
    case 'constant':
      return;
  }
}
