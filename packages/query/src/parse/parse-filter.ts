/** Filters: JSON to the model, shorthands resolved, long IN lists sorted once. */
import { JsonFields, kindOf } from '@isotherm/errors';
import { compareCodePoints } from '@isotherm/kernels';
import type { Filter } from '../model.ts';
import { ignoreKeys, queryFault, refuseKeys, unsupported, wrongType } from './fault.ts';
import { optionalOrdering, textOrNull } from './parse-scalar.ts';

const filterTypes = {
  supported: [
    'selector',
    'in',
    'bound',
    'range',
    'like',
    'and',
    'or',
    'not',
    'true',
    'false',
    'null',
    'equals',
  ],
  later: [
    'regex',
    'search',
    'interval',
    'expression',
    'javascript',
    'extraction',
    'columnComparison',
    'inType',
    'arrayContainsElement',
    'istrue',
    'isfalse',
    'spatial',
    'bloom',
  ],
};
const valueTypes = ['STRING', 'LONG', 'FLOAT', 'DOUBLE'] as const;
type ValueType = (typeof valueTypes)[number];

/** Reads `filter`; null when absent. */
export function optionalFilter(fields: JsonFields): Filter | null {
  const value = fields.optional('filter');
  return value === undefined ? null : readFilter(value, fields.pathOf('filter'));
}

/** Reads one filter and all below it. */
export function readFilter(value: unknown, path: string): Filter {
  const fields = new JsonFields(value, path, queryFault);
  const filter = filterOfType(fields, fields.string('type'));
  ignoreKeys(fields, ['filterTuning']);
  fields.end();
  return filter;
}

function filterOfType(fields: JsonFields, type: string): Filter {
  switch (type) {
    case 'true':
    case 'false':
      return { type };
    case 'and':
    case 'or':
      return { type, fields: filterList(fields, type) };
    case 'not':
      return { type, field: readFilter(fields.required('field'), fields.pathOf('field')) };
    case 'selector':
      refuseKeys(fields, ['extractionFn']);
      return {
        type,
        dimension: fields.string('dimension'),
        value: textOrNull(fields.optional('value'), fields.pathOf('value')),
      };
    case 'in':
      refuseKeys(fields, ['extractionFn']);
      return { type, dimension: fields.string('dimension'), values: inValues(fields) };
    case 'bound':
      return boundFilter(fields);
    case 'like':
      return likeFilter(fields);
    case 'range':
      return rangeFilter(fields);
    case 'equals':
      return equalsFilter(fields);
    case 'null':
      return { type, column: fields.string('column') };
    default:
      throw wrongType(fields, type, filterTypes);
  }
}

function filterList(fields: JsonFields, type: string): Filter[] {
  // Druid drops nulls in the list before it counts.
  const list = fields.array('fields').filter((item) => item !== null);
  if (list.length === 0) {
    throw fields.fault(
      'fields',
      'is empty',
      `A filter "${type}" needs at least one.`,
      'OUT_OF_RANGE',
    );
  }
  const path = fields.pathOf('fields');
  return list.map((item, index) => readFilter(item, `${path}[${index}]`));
}

/** Sorted by code points, distinct, null first. A list of 100,000 texts that comes sorted costs one pass. */
function inValues(fields: JsonFields): (string | null)[] {
  const path = fields.pathOf('values');
  const texts: string[] = [];
  let hasNull = false;
  for (const [index, item] of fields.array('values').entries()) {
    const text = typeof item === 'string' ? item : textOrNull(item, `${path}[${index}]`);
    if (text === null) hasNull = true;
    else texts.push(text);
  }
  const sorted = sortedByCodePoints(texts);
  return hasNull ? [null, ...sorted] : sorted;
}

/**
 * Distinct texts in order. JavaScript's own order is by UTF-16, ten times as fast, and differs only
 * where there are surrogates. Equal texts are dropped after sorting, since hashing all of them costs
 * more than that.
 */
function sortedByCodePoints(texts: string[]): string[] {
  const hasSurrogates = texts.some((text) => /[\ud800-\udfff]/.test(text));
  if (hasSurrogates) texts.sort(compareCodePoints);
  else if (isAscending(texts)) return texts;
  else texts.sort();
  return texts.filter((text, index) => index === 0 || text !== texts[index - 1]);
}

/** By UTF-16, each larger than the one before it. */
function isAscending(texts: readonly string[]): boolean {
  let before: string | null = null;
  for (const text of texts) {
    if (before !== null && text <= before) return false;
    before = text;
  }
  return true;
}

function boundFilter(fields: JsonFields): Filter {
  refuseKeys(fields, ['extractionFn']);
  const isAlphanumeric = fields.optionalBoolean('alphaNumeric') ?? false;
  const ordering = optionalOrdering(fields, 'ordering');
  const lower = textOrNull(fields.optional('lower'), fields.pathOf('lower'));
  const upper = textOrNull(fields.optional('upper'), fields.pathOf('upper'));
  checkBounded(fields, lower, upper);
  return {
    type: 'bound',
    dimension: fields.string('dimension'),
    lower,
    upper,
    lowerStrict: fields.optionalBoolean('lowerStrict') ?? false,
    upperStrict: fields.optionalBoolean('upperStrict') ?? false,
    ordering: ordering ?? (isAlphanumeric ? 'alphanumeric' : 'lexicographic'),
  };
}

function likeFilter(fields: JsonFields): Filter {
  refuseKeys(fields, ['extractionFn']);
  const escape = fields.optionalString('escape');
  if (escape !== null && escape.length !== 1) {
    throw fields.fault('escape', `is "${escape}"`, 'Expected one character.', 'OUT_OF_RANGE');
  }
  return {
    type: 'like',
    dimension: fields.string('dimension'),
    pattern: fields.string('pattern'),
    escape,
  };
}

function rangeFilter(fields: JsonFields): Filter {
  const matchValueType = readValueType(fields);
  const lower = fields.has('lower') ? typedValue(fields, 'lower', matchValueType) : null;
  const upper = fields.has('upper') ? typedValue(fields, 'upper', matchValueType) : null;
  checkBounded(fields, lower, upper);
  return {
    type: 'range',
    column: fields.string('column'),
    matchValueType,
    lower,
    upper,
    lowerOpen: fields.optionalBoolean('lowerOpen') ?? false,
    upperOpen: fields.optionalBoolean('upperOpen') ?? false,
  };
}

function equalsFilter(fields: JsonFields): Filter {
  const matchValueType = readValueType(fields);
  return {
    type: 'equals',
    column: fields.string('column'),
    matchValueType,
    matchValue: typedValue(fields, 'matchValue', matchValueType),
  };
}

function checkBounded(fields: JsonFields, lower: unknown, upper: unknown): void {
  if (lower !== null || upper !== null) return;
  throw queryFault(
    `"${fields.path}" has neither "lower" nor "upper"; both cannot be null at the same time. Add one.`,
    'MISSING_FIELD',
  );
}

function readValueType(fields: JsonFields): ValueType {
  const text = fields.string('matchValueType');
  const found = valueTypes.find((type) => type === text.toUpperCase());
  if (found !== undefined) return found;
  const supported = `Supported: ${valueTypes.join(', ')}.`;
  if (/^(ARRAY|COMPLEX)/i.test(text)) {
    throw unsupported(`"${fields.pathOf('matchValueType')}" of "${text}"`, supported);
  }
  throw fields.fault('matchValueType', `is "${text}"`, supported, 'UNKNOWN_VALUE');
}

/** Integers stay exact: those beyond 2^53, which arrive as text or bigint, become bigints. */
function typedValue(fields: JsonFields, name: string, type: ValueType): string | number | bigint {
  const value = fields.required(name);
  if (typeof value === 'object') {
    throw fields.fault(name, `is ${kindOf(value)}`, 'Expected text or a number.', 'WRONG_TYPE');
  }
  const text = textOrNull(value, fields.pathOf(name)) ?? '';
  if (type === 'STRING') return text;
  if (/^[+-]?\d+$/.test(text)) {
    const exact = BigInt(text);
    return BigInt.asIntN(54, exact) === exact ? Number(exact) : exact;
  }
  const number = text.trim() === '' ? Number.NaN : Number(text);
  // A text that is no number stays text: it matches nothing, or orders as text, as in Druid.
  return Number.isNaN(number) ? text : number;
}
