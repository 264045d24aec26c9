/** Reads `dimensionsSpec`. */
import { JsonFields, kindOf } from '@isotherm/errors';
import type { DimensionSchema } from '@isotherm/segment';
import type { DimensionsSpec } from './ingestion-spec.ts';
import type { WithoutEffect } from './support.ts';
import { ignoreSettings, notSupported, refuseSettings, supportedType } from './support.ts';

const handlings = ['SORTED_ARRAY', 'SORTED_SET', 'ARRAY'] as const;
const otherTypes = ['auto', 'json', 'spatial', 'array'];

/** @throws InvalidInputError; code NOT_SUPPORTED for schema discovery by type and for nested columns */
export function readDimensions(
  fields: JsonFields | null,
  withoutEffect: WithoutEffect,
): DimensionsSpec {
  if (fields === null) return { fixed: [], discovers: true, exclusions: [], timePosition: null };
  const listed = (fields.optionalArray('dimensions') ?? []).map((item, index) =>
    readDimension(item, fields.pathOf(`dimensions[${index}]`), withoutEffect),
  );
  if (fields.optionalBoolean('useSchemaDiscovery') === true) {
    throw notSupported(
      fields.pathOf('useSchemaDiscovery'),
      'true (columns typed by what they hold)',
      'List the dimensions with their types, or leave the list empty to read all columns as text.',
    );
  }
  const includesAll = fields.optionalBoolean('includeAllDimensions') ?? false;
  const exclusions = fields.has('dimensionExclusions')
    ? fields.stringArray('dimensionExclusions')
    : [];
  const timeFirst = fields.optionalBoolean('forceSegmentSortByTime') ?? false;
  refuseSettings(fields, ['spatialDimensions']);
  fields.end();
  const timeIndex = listed.findIndex(({ name }) => name === '__time');
  if (timeFirst && timeIndex > 0) {
    throw fields.fault(
      'dimensions',
      'lists "__time" behind another column',
      'With "forceSegmentSortByTime" true it comes first. Remove it, or set that to false.',
      'INVALID_COLUMN',
    );
  }
  return {
    fixed: listed.filter(({ name }) => name !== '__time'),
    discovers: includesAll || listed.length === 0,
    exclusions,
    timePosition: timeFirst ? 0 : timeIndex < 0 ? null : timeIndex,
  };
}

function readDimension(json: unknown, path: string, withoutEffect: WithoutEffect): DimensionSchema {
  if (typeof json === 'string') {
    return { name: json, type: 'string', multiValueHandling: 'SORTED_ARRAY' };
  }
  const fields = new JsonFields(json, path);
  const name = fields.string('name');
  const type = fields.has('type')
    ? supportedType(fields, ['string', 'long', 'float', 'double'], otherTypes)
    : 'string';
  const handling = fields.optionalString('multiValueHandling')?.toUpperCase();
  const multiValueHandling = handlings.find(
    (candidate) => candidate === (handling ?? 'SORTED_ARRAY'),
  );
  if (multiValueHandling === undefined) {
    throw fields.fault(
      'multiValueHandling',
      `is ${kindOf(handling)}`,
      `Expected one of ${handlings.join(', ')}.`,
      'UNKNOWN_VALUE',
    );
  }
  ignoreSettings(fields, ['createBitmapIndex'], withoutEffect);
  fields.end();
  if (name === '__time' && type !== 'long') {
    throw fields.fault('type', `is "${type}"`, 'The column "__time" is a long.', 'INVALID_COLUMN');
  }
  return { name, type, multiValueHandling };
}
