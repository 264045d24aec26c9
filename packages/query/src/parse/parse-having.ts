/** `having`: conditions on finished groups. */
import { JsonFields } from '@isotherm/errors';
import type { Having } from '../model.ts';
import { queryFault, refuseKeys, wrongType } from './fault.ts';
import { readFilter } from './parse-filter.ts';
import { exactNumber, textOrNull } from './parse-scalar.ts';

const havingTypes = {
  supported: [
    'always',
    'never',
    'greaterThan',
    'lessThan',
    'equalTo',
    'dimSelector',
    'and',
    'or',
    'not',
    'filter',
  ],
  later: [],
};

/** Reads `having`; null when absent. */
export function optionalHaving(fields: JsonFields): Having | null {
  const value = fields.optional('having');
  return value === undefined ? null : readHaving(value, fields.pathOf('having'));
}

function readHaving(value: unknown, path: string): Having {
  const fields = new JsonFields(value, path, queryFault);
  const having = havingOfType(fields, fields.string('type'));
  fields.end();
  return having;
}

function havingOfType(fields: JsonFields, type: string): Having {
  switch (type) {
    case 'always':
    case 'never':
      return { type };
    case 'greaterThan':
    case 'lessThan':
    case 'equalTo':
      return {
        type,
        aggregation: fields.string('aggregation'),
        value: exactNumber(fields, 'value'),
      };
    case 'dimSelector':
      refuseKeys(fields, ['extractionFn']);
      return {
        type,
        dimension: fields.string('dimension'),
        value: textOrNull(fields.optional('value'), fields.pathOf('value')),
      };
    case 'and':
    case 'or':
      return { type, havingSpecs: havingList(fields) };
    case 'not':
      return {
        type,
        havingSpec: readHaving(fields.required('havingSpec'), fields.pathOf('havingSpec')),
      };
    case 'filter':
      fields.has('finalize');
      return { type, filter: readFilter(fields.required('filter'), fields.pathOf('filter')) };
    default:
      throw wrongType(fields, type, havingTypes);
  }
}

function havingList(fields: JsonFields): Having[] {
  const path = fields.pathOf('havingSpecs');
  return fields.array('havingSpecs').map((item, index) => readHaving(item, `${path}[${index}]`));
}
