/** Dimension specs: a column name, or `{type: default, dimension, outputName, outputType}`. */
import { JsonFields } from '@isotherm/errors';
import type { DimensionSpec } from '../model.ts';
import { ignoreKeys, queryFault, refuseKeys, unsupported, wrongType } from './fault.ts';

const dimensionTypes = {
  supported: ['default'],
  later: ['extraction', 'listFiltered', 'regexFiltered', 'prefixFiltered', 'lookup'],
};
const outputTypes = ['STRING', 'LONG', 'FLOAT', 'DOUBLE'] as const;

/** Reads one dimension to group by. */
export function readDimension(value: unknown, path: string): DimensionSpec {
  if (typeof value === 'string') {
    return { type: 'default', dimension: value, outputName: value, outputType: 'STRING' };
  }
  const fields = new JsonFields(value, path, queryFault);
  const type = fields.optionalString('type') ?? 'default';
  if (type !== 'default') throw wrongType(fields, type, dimensionTypes);
  refuseKeys(fields, ['extractionFn']);
  ignoreKeys(fields, ['optimize']);
  const dimension = fields.string('dimension');
  const outputName = fields.optionalString('outputName') ?? dimension;
  const outputType = readOutputType(fields);
  fields.end();
  return { type, dimension, outputName, outputType };
}

function readOutputType(fields: JsonFields): DimensionSpec['outputType'] {
  const text = fields.optionalString('outputType') ?? 'STRING';
  const upper = text.toUpperCase();
  const found = outputTypes.find((type) => type === upper);
  if (found !== undefined) return found;
  if (upper.startsWith('ARRAY') || upper.startsWith('COMPLEX')) {
    throw unsupported(
      `"${fields.pathOf('outputType')}" of "${text}"`,
      `Supported: ${outputTypes.join(', ')}.`,
    );
  }
  throw fields.fault(
    'outputType',
    `is "${text}"`,
    `Expected one of ${outputTypes.join(', ')}.`,
    'UNKNOWN_VALUE',
  );
}
