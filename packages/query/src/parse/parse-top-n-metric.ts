/** How a topN orders: by an aggregate, or by the dimension itself; either way turned round by `inverted`. */
import { JsonFields } from '@isotherm/errors';
import type { StringOrdering, TopNMetric } from '../model.ts';
import { queryFault, wrongType } from './fault.ts';
import { optionalOrdering } from './parse-scalar.ts';

const metricTypes = {
  supported: ['numeric', 'dimension', 'lexicographic', 'alphaNumeric', 'inverted'],
  later: [],
};

/** Reads `metric` of a topN: the name of an aggregate, or a spec with `type`. */
export function readTopNMetric(value: unknown, path: string): TopNMetric {
  if (typeof value === 'string') return { type: 'numeric', metric: value, descending: true };
  const fields = new JsonFields(value, path, queryFault);
  const metric = metricOfType(fields, fields.string('type'));
  fields.end();
  return metric;
}

function metricOfType(fields: JsonFields, type: string): TopNMetric {
  switch (type) {
    case 'numeric':
      return { type, metric: fields.string('metric'), descending: true };
    case 'dimension':
      return byDimension(fields, optionalOrdering(fields, 'ordering') ?? 'lexicographic');
    case 'lexicographic':
      return byDimension(fields, 'lexicographic');
    case 'alphaNumeric':
      return byDimension(fields, 'alphanumeric');
    case 'inverted': {
      const inner = readTopNMetric(fields.required('metric'), fields.pathOf('metric'));
      return { ...inner, descending: !inner.descending };
    }
    default:
      throw wrongType(fields, type, metricTypes);
  }
}

function byDimension(fields: JsonFields, ordering: StringOrdering): TopNMetric {
  const previousStop = fields.optionalString('previousStop');
  return { type: 'dimension', ordering, previousStop, descending: false };
}
