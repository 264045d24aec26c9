/** Reads `inputFormat` and its `flattenSpec`. */
import type { JsonFields } from '@isotherm/errors';
import { JsonFields as Fields } from '@isotherm/errors';
import type { DelimitedFormat, FlattenField, FlattenSpec, InputFormat } from './ingestion-spec.ts';
import type { WithoutEffect } from './support.ts';
import { ignoreSettings, notSupported, refuseSettings, supportedType } from './support.ts';

const otherFormats = [
  'orc',
  'avro_ocf',
  'avro_stream',
  'protobuf',
  'regex',
  'javascript',
  'kafka',
  'lines',
  'thrift',
];
/** Byte 0x01, as in Druid. */
const defaultListDelimiter = '\u0001';

/** @throws InvalidInputError; code NOT_SUPPORTED for Druid's other formats */
export function readInputFormat(fields: JsonFields, withoutEffect: WithoutEffect): InputFormat {
  const type = supportedType(fields, ['json', 'csv', 'tsv', 'parquet'], otherFormats);
  const format = readOfType(fields, type, withoutEffect);
  fields.end();
  return format;
}

function readOfType(
  fields: JsonFields,
  type: InputFormat['type'],
  withoutEffect: WithoutEffect,
): InputFormat {
  switch (type) {
    case 'json': {
      refuseSettings(fields, ['featureSpec', 'useJsonNodeReader']);
      ignoreSettings(fields, ['keepNullColumns', 'assumeNewlineDelimited'], withoutEffect);
      return { type, flatten: readFlatten(fields.optionalObject('flattenSpec')) };
    }
    case 'parquet': {
      ignoreSettings(fields, ['binaryAsString'], withoutEffect);
      const flatten = readFlatten(fields.optionalObject('flattenSpec'));
      if (flatten.fields.length === 0 && flatten.discovers) return { type };
      throw notSupported(
        fields.pathOf('flattenSpec'),
        'for Parquet',
        'Name the columns of the file itself.',
      );
    }
    case 'csv':
    case 'tsv':
      return readDelimited(fields, type);
  }
}

function readDelimited(fields: JsonFields, type: 'csv' | 'tsv'): DelimitedFormat {
  const hasHeader =
    fields.optionalBoolean('findColumnsFromHeader') ??
    fields.optionalBoolean('hasHeaderRow') ??
    false;
  fields.has('hasHeaderRow');
  const columns = fields.has('columns') ? fields.stringArray('columns') : null;
  if (columns === null && !hasHeader) {
    throw fields.fault(
      'columns',
      'is missing',
      'Expected the names of the columns, or "findColumnsFromHeader": true.',
      'MISSING_FIELD',
    );
  }
  refuseSettings(fields, ['tryParseNumbers']);
  const delimiter = type === 'csv' ? ',' : (fields.optionalString('delimiter') ?? '\t');
  const listDelimiter = fields.optionalString('listDelimiter') ?? defaultListDelimiter;
  for (const [name, value] of Object.entries({ delimiter, listDelimiter })) {
    if (new TextEncoder().encode(value).length === 1 && value !== '\n' && value !== '\r') continue;
    throw fields.fault(name, `is "${value}"`, 'Expected one ASCII character.', 'NOT_SUPPORTED');
  }
  return {
    type,
    columns: hasHeader ? null : columns,
    hasHeader,
    skipHeaderRows: fields.optionalInteger('skipHeaderRows', { min: 0, max: 1_000_000 }) ?? 0,
    delimiter,
    listDelimiter,
  };
}

function readFlatten(fields: JsonFields | null): FlattenSpec {
  if (fields === null) return { discovers: true, fields: [] };
  const discovers = fields.optionalBoolean('useFieldDiscovery') ?? true;
  const listed = (fields.optionalArray('fields') ?? []).map((item, index) => {
    if (typeof item === 'string') return { name: item, steps: [item] };
    return readFlattenField(new Fields(item, fields.pathOf(`fields[${index}]`)));
  });
  fields.end();
  return { discovers, fields: listed };
}

function readFlattenField(fields: JsonFields): FlattenField {
  const type = supportedType(fields, ['root', 'path'], ['jq', 'tree']);
  const name = fields.string('name');
  const expr = fields.optionalString('expr') ?? name;
  fields.end();
  if (type === 'root') return { name, steps: [expr] };
  const steps = pathSteps(expr);
  if (steps !== null) return { name, steps };
  throw notSupported(
    fields.pathOf('expr'),
    `"${expr}"`,
    `Expected a path of names and places, such as $.user.tags[0] or $['a b'].`,
  );
}

const stepPattern = /\.([\w$-]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/y;

/** `$.a.b[0]` as ['a', 'b', 0]; null for wildcards, filters and functions. */
function pathSteps(path: string): (string | number)[] | null {
  if (!path.startsWith('$')) return null;
  const steps: (string | number)[] = [];
  for (let at = 1; at < path.length; at = stepPattern.lastIndex) {
    stepPattern.lastIndex = at;
    const match = stepPattern.exec(path);
    if (match === null) return null;
    const [, name, place, quoted, doubleQuoted] = match;
    steps.push(place === undefined ? (name ?? quoted ?? doubleQuoted ?? '') : Number(place));
  }
  return steps;
}
