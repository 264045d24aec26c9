/** Aggregators: count, the nine numeric ones, hyperUnique, and those that a filter goes before. */
import { JsonFields } from '@isotherm/errors';
import type { Aggregation, Filter, NumericAggregatorType } from '../model.ts';
import { queryFault, refuseKeys, wrongType } from './fault.ts';
import { readDimension } from './parse-dimension.ts';
import { readFilter } from './parse-filter.ts';

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
  supported: ['count', ...numericTypes, 'hyperUnique', 'cardinality', 'filtered'],
  later: [
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
  if (type === 'filtered') return filteredAggregation(fields);
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
  if (type === 'cardinality') return cardinalityAggregation(fields);
  const numeric = numericTypes.find((candidate) => candidate === type);
  if (numeric === undefined) throw wrongType(fields, type, aggregationTypes);
  refuseKeys(fields, ['expression']);
  return { type: numeric, name: fields.string('name'), fieldName: fields.string('fieldName') };
}

/** `fields` are dimensions; `fieldNames`, their older form, are names of columns. */
function cardinalityAggregation(fields: JsonFields): Aggregation {
  const key = fields.has('fieldNames') ? 'fieldNames' : 'fields';
  const list = fields.array(key);
  const path = fields.pathOf(key);
  return {
    type: 'cardinality',
    name: fields.string('name'),
    fields: list.map((item, index) => readDimension(item, `${path}[${index}]`).dimension),
    byRow: fields.optionalBoolean('byRow') ?? false,
    round: fields.optionalBoolean('round') ?? false,
  };
}

/** The aggregator inside, with the filter, under the outer name if there is one; filters inside each other all count. */
function filteredAggregation(fields: JsonFields): Aggregation {
  const outer = readFilter(fields.required('filter'), fields.pathOf('filter'));
  const inner = readAggregation(fields.required('aggregator'), fields.pathOf('aggregator'));
  const name = fields.optionalString('name');
  const filter: Filter =
    inner.filter === undefined ? outer : { type: 'and', fields: [outer, inner.filter] };
  return { ...inner, name: name === null || name === '' ? inner.name : name, filter };
}
