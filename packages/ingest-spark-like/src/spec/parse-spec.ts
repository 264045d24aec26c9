/** Reads an ingestion spec: the envelope, then its three parts. */
import { InvalidInputError, IsothermError, JsonFields } from '@isotherm/errors';
import { readDataSchema } from './data-schema.ts';
import type { IngestionSpec } from './ingestion-spec.ts';
import { readInput } from './io-config.ts';
import type { WithoutEffect } from './support.ts';
import { ignoreSettings, supportedType } from './support.ts';
import { readTuning } from './tuning-config.ts';

/**
 * Reads Druid's `index_parallel` task, `{type, spec: {dataSchema, ioConfig, tuningConfig}}`, or the bare
 * inner object. Whatever it asks for and is not there is an error that names it.
 *
 * @throws InvalidInputError naming the path, what was expected and the nearest known name
 */
export function parseSpec(json: unknown): IngestionSpec {
  const withoutEffect: WithoutEffect = [];
  const root = new JsonFields(json, '');
  const isTask = root.has('spec') || (root.has('type') && !root.has('dataSchema'));
  if (isTask) {
    supportedType(root, ['index_parallel', 'index'], otherTasks);
    ignoreSettings(root, ['id', 'groupId', 'resource', 'context', 'dataSource'], withoutEffect);
  }
  const fields = isTask ? root.object('spec') : root;
  const spec = asInputError(() => readParts(fields, withoutEffect));
  if (isTask) root.end();
  return spec;
}

const otherTasks = ['index_kafka', 'index_kinesis', 'index_hadoop', 'kafka', 'kinesis', 'compact'];

function readParts(fields: JsonFields, withoutEffect: WithoutEffect): IngestionSpec {
  const dataSchema = readDataSchema(fields.object('dataSchema'), withoutEffect);
  const io = readInput(fields.object('ioConfig'), withoutEffect);
  const tuning = readTuning(fields.optionalObject('tuningConfig'), dataSchema, withoutEffect);
  if (fields.path === '') ignoreSettings(fields, ['type'], withoutEffect);
  fields.end();
  const { intervals, segment } = dataSchema.granularity;
  if (io.dropExisting && intervals === null) {
    throw new InvalidInputError(
      `"${fields.pathOf('ioConfig')}.dropExisting" is true, but "${fields.pathOf('dataSchema')}.granularitySpec.intervals" is missing. Name the intervals to replace.`,
      { code: 'MISSING_FIELD' },
    );
  }
  if (io.dropExisting && segment.type === 'none') {
    throw new InvalidInputError(
      `"${fields.pathOf('ioConfig')}.dropExisting" cannot be true with segment granularity "none": there would be a segment a millisecond. Choose "hour" or more.`,
      { code: 'INVALID_INPUT' },
    );
  }
  return { ...dataSchema, ...io, ...tuning, withoutEffect };
}

/** Filters, expressions and granularities are read by other packages, which blame a query. */
function asInputError(read: () => IngestionSpec): IngestionSpec {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof IsothermError) || error.kind !== 'InvalidQueryError') throw error;
    throw new InvalidInputError(error.message, { code: error.code, cause: error });
  }
}
