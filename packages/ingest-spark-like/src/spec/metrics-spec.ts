/** Reads `metricsSpec`. */
import { JsonFields } from '@isotherm/errors';
import { compareCodePoints } from '@isotherm/kernels';
import { parseExpression } from '@isotherm/query';
import type { Metric } from './ingestion-spec.ts';
import type { WithoutEffect } from './support.ts';
import { ignoreSettings, refuseSettings, supportedType } from './support.ts';

const numericTypes = [
  'longSum',
  'longMin',
  'longMax',
  'floatSum',
  'floatMin',
  'floatMax',
  'doubleSum',
  'doubleMin',
  'doubleMax',
] as const;
const otherTypes = [
  'thetaSketch',
  'quantilesDoublesSketch',
  'HLLSketchBuild',
  'HLLSketchMerge',
  'cardinality',
  'doubleMean',
  'doubleFirst',
  'doubleLast',
  'doubleAny',
  'longFirst',
  'longLast',
  'longAny',
  'floatFirst',
  'floatLast',
  'floatAny',
  'stringFirst',
  'stringLast',
  'stringAny',
  'filtered',
  'javascript',
  'histogram',
  'approxHistogram',
  'approxHistogramFold',
  'fixedBucketsHistogram',
  'variance',
  'momentSketch',
  'tDigestSketch',
  'expression',
  'grouping',
];

/**
 * Metrics in the order of their names, which is how Druid stores them and how scans list them.
 *
 * @throws InvalidInputError; code NOT_SUPPORTED for Druid's other aggregators
 */
export function readMetrics(schema: JsonFields, withoutEffect: WithoutEffect): Metric[] {
  const metrics = (schema.optionalArray('metricsSpec') ?? []).map((item, index) => {
    const path = schema.pathOf(`metricsSpec[${index}]`);
    const fields = new JsonFields(item, path);
    const metric = readMetric(fields, withoutEffect);
    fields.end();
    return metric;
  });
  return metrics.sort((a, b) => compareCodePoints(a.schema.name, b.schema.name));
}

function readMetric(fields: JsonFields, withoutEffect: WithoutEffect): Metric {
  const type = supportedType(fields, ['count', ...numericTypes, 'hyperUnique'], otherTypes);
  const name = fields.string('name');
  if (type === 'count') {
    const aggregator = { type, name };
    return { schema: { name, type: 'long', aggregator }, type, input: { type: 'none' } };
  }
  if (type === 'hyperUnique') {
    const fieldName = fields.string('fieldName');
    refuseSettings(fields, ['isInputHyperUnique', 'round']);
    const aggregator = { type, name, fieldName, isInputHyperUnique: false, round: false };
    const input = { type: 'field', name: fieldName } as const;
    return { schema: { name, type: 'hyperUnique', aggregator }, type, input };
  }
  ignoreSettings(fields, ['fieldType'], withoutEffect);
  const { input, aggregator } = readInput(fields);
  const valueType = type.startsWith('long')
    ? 'long'
    : type.startsWith('float')
      ? 'float'
      : 'double';
  return {
    schema: { name, type: valueType, aggregator: { type, name, ...aggregator } },
    type,
    input,
  };
}

function readInput(fields: JsonFields): {
  input: Metric['input'];
  aggregator: Readonly<Record<string, unknown>>;
} {
  const text = fields.optionalString('expression');
  const fieldName = fields.optionalString('fieldName');
  if (text !== null && fieldName !== null) {
    throw fields.fault(
      'expression',
      `stands beside "fieldName"`,
      'Expected one of the two. Remove the other.',
      'INVALID_METRIC',
    );
  }
  if (text !== null) {
    const input = { type: 'expression', expression: parseExpression(text) } as const;
    return { input, aggregator: { expression: text } };
  }
  const name = fieldName ?? fields.string('fieldName');
  return { input: { type: 'field', name }, aggregator: { fieldName: name } };
}
