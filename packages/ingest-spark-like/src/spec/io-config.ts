/** Reads `ioConfig`: where the rows are and what becomes of older ones. */
import type { JsonFields } from '@isotherm/errors';
import type { IngestionSpec, InputSource } from './ingestion-spec.ts';
import { readInputFormat } from './input-format.ts';
import type { WithoutEffect } from './support.ts';
import { notSupported, refuseSettings, supportedType } from './support.ts';

const otherSources = [
  'http',
  's3',
  'google',
  'azure',
  'azureStorage',
  'hdfs',
  'druid',
  'sql',
  'combining',
  'delta',
  'iceberg',
];

/** @throws InvalidInputError; code NOT_SUPPORTED for Druid's other input sources and for appending */
export function readInput(
  fields: JsonFields,
  withoutEffect: WithoutEffect,
): Pick<IngestionSpec, 'input' | 'format' | 'dropExisting'> {
  if (fields.has('type')) supportedType(fields, ['index_parallel', 'index'], []);
  refuseSettings(fields, ['firehose']);
  const input = readSource(fields.object('inputSource'));
  const format = readInputFormat(fields.object('inputFormat'), withoutEffect);
  if (fields.optionalBoolean('appendToExisting') === true) {
    throw notSupported(
      fields.pathOf('appendToExisting'),
      'true',
      'A job replaces the chunks of time that it writes. Write into another "dataSchema.namespace" to add rows beside the ones that are there.',
    );
  }
  const dropExisting = fields.optionalBoolean('dropExisting') ?? false;
  fields.end();
  return { input, format, dropExisting };
}

function readSource(fields: JsonFields): InputSource {
  const type = supportedType(fields, ['local', 'inline'], otherSources);
  refuseSettings(fields, ['systemFields']);
  if (type === 'inline') {
    const data = fields.string('data');
    fields.end();
    return { type, data };
  }
  const files = fields.has('files') ? fields.stringArray('files') : [];
  const baseDir = fields.optionalString('baseDir');
  const filter = fields.optionalString('filter');
  fields.end();
  const hasFolder = baseDir !== null;
  if (hasFolder === files.length > 0 || (hasFolder && filter === null)) {
    throw fields.fault(
      hasFolder ? 'filter' : 'files',
      files.length > 0 ? 'stands beside "baseDir"' : 'is missing',
      'Expected either "baseDir" with "filter" such as "*.json.gz", or "files".',
      'MISSING_FIELD',
    );
  }
  return { type, baseDir, filter: filter ?? '*', files };
}
