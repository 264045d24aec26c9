/** Post-aggregators: arithmetic over fields and constants, and the ways to reach an aggregate. */
import { JsonFields } from '@isotherm/errors';
import type { PostAggregation } from '../model.ts';
import { queryFault, wrongType } from './fault.ts';

const operators = ['+', '-', '*', '/', 'quotient', 'pow'] as const;
const postAggregationTypes = {
  supported: [
    'arithmetic',
    'fieldAccess',
    'finalizingFieldAccess',
    'hyperUniqueCardinality',
    'constant',
  ],
  later: [
    'expression',
    'doubleGreatest',
    'doubleLeast',
    'longGreatest',
    'longLeast',
    'javascript',
    'thetaSketchEstimate',
    'thetaSketchSetOp',
    'thetaSketchToString',
    'thetaSketchConstant',
    'HLLSketchEstimate',
    'HLLSketchEstimateWithBounds',
    'HLLSketchUnion',
    'HLLSketchToString',
    'quantilesDoublesSketchToQuantile',
    'quantilesDoublesSketchToQuantiles',
    'quantilesDoublesSketchToHistogram',
    'quantilesDoublesSketchToRank',
    'quantilesDoublesSketchToCDF',
    'quantilesDoublesSketchToString',
    'quantile',
    'quantiles',
    'buckets',
    'customBuckets',
    'equalBuckets',
    'min',
    'max',
    'stddev',
  ],
};

/** Reads `postAggregations`; an absent list is an empty one. */
export function readPostAggregations(fields: JsonFields): PostAggregation[] {
  const list = fields.optionalArray('postAggregations') ?? [];
  const path = fields.pathOf('postAggregations');
  return list.map((item, index) => readPostAggregation(item, `${path}[${index}]`, true));
}

/** Only those on top need a name; inside arithmetic it is of no use. */
function readPostAggregation(value: unknown, path: string, isNamed: boolean): PostAggregation {
  const fields = new JsonFields(value, path, queryFault);
  const type = fields.string('type');
  const name = isNamed ? fields.string('name') : (fields.optionalString('name') ?? '');
  const postAggregation = postAggregationOfType(fields, type, name);
  fields.end();
  return postAggregation;
}

function postAggregationOfType(fields: JsonFields, type: string, name: string): PostAggregation {
  switch (type) {
    case 'arithmetic':
      return {
        type,
        name,
        fn: fields.oneOf('fn', operators),
        fields: operands(fields),
        ordering: fields.optionalOneOf('ordering', ['numericFirst']),
      };
    case 'fieldAccess':
    case 'finalizingFieldAccess':
    case 'hyperUniqueCardinality':
      return { type, name, fieldName: fields.string('fieldName') };
    case 'constant':
      return { type, name, value: fields.number('value') };
    default:
      throw wrongType(fields, type, postAggregationTypes);
  }
}

function operands(fields: JsonFields): PostAggregation[] {
  const list = fields.array('fields');
  if (list.length < 2) {
    throw fields.fault(
      'fields',
      `has ${list.length} entries`,
      'Expected at least 2.',
      'OUT_OF_RANGE',
    );
  }
  const path = fields.pathOf('fields');
  return list.map((item, index) => readPostAggregation(item, `${path}[${index}]`, false));
}
