/** Aggregators: count, the nine numeric ones, hyperUnique. */
import { JsonFields } from '@isotherm/errors';
import type { Aggregation, NumericAggregatorType } from '../model.ts';
import { queryFault, refuseKeys, wrongType } from './fault.ts';

const numericTypes: readonly NumericAggregatorType[] = [
  'longSum',
  'longMin',
  'longMax',
  'floatSum',
  'floatMin',
  'floatMax',
  'doubleSum',
  'doubleMin',
  'doubleMax',
];
const aggregationTypes = {
  supported: ['count', ...numericTypes, 'hyperUnique'],
  later: [
    'filtered',
    'cardinality',
    'longFirst',
    'longLast',
    'longAny',
    'doubleFirst',
    'doubleLast',
    'doubleAny',
    'floatFirst',
    'floatLast',
    'floatAny',
    'stringFirst',
    'stringLast',
    'stringAny',
    'stringFirstFold',
    'stringLastFold',
    'doubleMean',
    'expression',
    'grouping',
    'javascript',
    'histogram',
    'singleValue',
    'thetaSketch',
    'HLLSketchBuild',
    'HLLSketchMerge',
    'quantilesDoublesSketch',
    'quantilesDoublesSketchMerge',
    'KllDoublesSketch',
    'KllFloatsSketch',
    'arrayOfDoublesSketch',
    'variance',
    'varianceFold',
    'approxHistogram',
    'approxHistogramFold',
    'fixedBucketsHistogram',
    'bloom',
    'momentSketch',
    'tDigestSketch',
    'timeMin',
    'timeMax',
  ],
};

/** Reads `aggregations`; an absent list is an empty one. */
export function readAggregations(fields: JsonFields): Aggregation[] {
  const list = fields.optionalArray('aggregations') ?? [];
  const path = fields.pathOf('aggregations');
  return list.map((item, index) => readAggregation(item, `${path}[${index}]`));
}

function readAggregation(value: unknown, path: string): Aggregation {
  const fields = new JsonFields(value, path, queryFault);
  const type = fields.string('type');
  const aggregation = aggregationOfType(fields, type);
  fields.end();
  return aggregation;
}

function aggregationOfType(fields: JsonFields, type: string): Aggregation {
  if (type === 'count') return { type, name: fields.string('name') };
  if (type === 'hyperUnique') {
    return {
      type,
      name: fields.string('name'),
      fieldName: fields.string('fieldName'),
      isInputHyperUnique: fields.optionalBoolean('isInputHyperUnique') ?? false,
      round: fields.optionalBoolean('round') ?? false,
    };
  }
  const numeric = numericTypes.find((candidate) => candidate === type);
  if (numeric === undefined) throw wrongType(fields, type, aggregationTypes);
  refuseKeys(fields, ['expression']);
  return { type: numeric, name: fields.string('name'), fieldName: fields.string('fieldName') };
}
