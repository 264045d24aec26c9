/** Reads `tuningConfig`: how segments are divided, and what the job may use. */
import { didYouMean, InvalidInputError, type JsonFields } from '@isotherm/errors';
import type { DataSchema } from './data-schema.ts';
import type { IngestionSpec, PartitionsSpec } from './ingestion-spec.ts';
import type { WithoutEffect } from './support.ts';
import { ignoreSettings, supportedType } from './support.ts';

/** As Druid's, for jobs that roll up perfectly. */
const defaultRowsInMemory = 1_000_000;
/** A quarter of the memory that the quick start may use. */
const defaultBytesInMemory = 256 << 20;
const defaultRowsPerSegment = 5_000_000;

const harmless = [
  'appendableIndexSpec',
  'awaitSegmentAvailabilityTimeoutMillis',
  'chatHandlerNumRetries',
  'chatHandlerTimeout',
  'forceGuaranteedRollup',
  'indexSpec',
  'indexSpecForIntermediatePersists',
  'logParseExceptions',
  'maxAllowedLockCount',
  'maxColumnsToMerge',
  'maxNumConcurrentSubTasks',
  'maxNumSegmentsToMerge',
  'maxNumSubTasks',
  'maxPendingPersists',
  'maxRetry',
  'maxSavedParseExceptions',
  'maxTotalRows',
  'numPersistThreads',
  'pushTimeout',
  'segmentWriteOutMediumFactory',
  'skipBytesInMemoryOverheadCheck',
  'splitHintSpec',
  'taskStatusCheckPeriodMs',
  'totalNumMergingTasks',
  'useMaxMemoryEstimates',
];

/** @throws InvalidInputError naming the path */
export function readTuning(
  fields: JsonFields | null,
  schema: DataSchema,
  withoutEffect: WithoutEffect,
): Pick<IngestionSpec, 'partitions' | 'limits'> {
  if (fields === null) {
    return {
      partitions: { type: 'dynamic', maxRowsPerSegment: defaultRowsPerSegment },
      limits: {
        maxRowsInMemory: defaultRowsInMemory,
        maxBytesInMemory: defaultBytesInMemory,
        maxBadRows: null,
      },
    };
  }
  if (fields.has('type')) supportedType(fields, ['index_parallel', 'index'], []);
  const partitions = readPartitions(fields, schema, withoutEffect);
  const limits = {
    maxRowsInMemory:
      fields.optionalInteger('maxRowsInMemory', { min: 1, max: 50_000_000 }) ?? defaultRowsInMemory,
    maxBytesInMemory: readBytesInMemory(fields),
    maxBadRows: readMaxBadRows(fields),
  };
  ignoreSettings(fields, harmless, withoutEffect);
  fields.end();
  return { partitions, limits };
}

/** 0 means the default and -1 no limit, as in Druid. */
function readBytesInMemory(fields: JsonFields): number {
  const bytes = fields.optionalInteger('maxBytesInMemory', { min: -1 }) ?? 0;
  if (bytes === -1) return Infinity;
  return bytes === 0 ? defaultBytesInMemory : bytes;
}

function readMaxBadRows(fields: JsonFields): number | null {
  const limit = fields.optionalInteger('maxParseExceptions', { min: 0 });
  return fields.optionalBoolean('reportParseExceptions') === true ? 0 : limit;
}

function readPartitions(
  fields: JsonFields,
  schema: DataSchema,
  withoutEffect: WithoutEffect,
): PartitionsSpec {
  const spec = fields.optionalObject('partitionsSpec');
  // Before partitionsSpec there was this one setting beside it; Druid still reads it.
  const older = rowCount(fields, 'maxRowsPerSegment');
  if (spec === null) {
    return { type: 'dynamic', maxRowsPerSegment: older ?? defaultRowsPerSegment };
  }
  const type = supportedType(spec, ['dynamic', 'hashed', 'range', 'single_dim'], []);
  const partitions = readPartitionsOf(spec, type, schema, withoutEffect);
  spec.end();
  return partitions;
}

function readPartitionsOf(
  spec: JsonFields,
  type: 'dynamic' | 'hashed' | 'range' | 'single_dim',
  schema: DataSchema,
  withoutEffect: WithoutEffect,
): PartitionsSpec {
  if (type === 'dynamic') {
    ignoreSettings(spec, ['maxTotalRows'], withoutEffect);
    return {
      type,
      maxRowsPerSegment: rowCount(spec, 'maxRowsPerSegment') ?? defaultRowsPerSegment,
    };
  }
  const target = rowCount(spec, 'targetRowsPerSegment');
  if (type === 'hashed') {
    const shardCount = spec.optionalInteger('numShards', { min: 1, max: 10_000 });
    if (target !== null && shardCount !== null) throw bothGiven(spec, 'numShards');
    const dimensions = readNames(spec, schema);
    ignoreSettings(spec, ['partitionFunction', 'maxRowsPerSegment'], withoutEffect);
    const targetRowsPerSegment = target ?? defaultRowsPerSegment;
    return { type, shardCount, targetRowsPerSegment, dimensions };
  }
  const max = rowCount(spec, 'maxRowsPerSegment');
  if (target !== null && max !== null) throw bothGiven(spec, 'maxRowsPerSegment');
  const single = spec.optionalString('partitionDimension');
  const dimensions = single === null ? readNames(spec, schema) : [checkName(spec, single, schema)];
  if (dimensions.length === 0)
    throw spec.fault(
      'partitionDimensions',
      'is missing',
      'Expected the names of dimensions.',
      'MISSING_FIELD',
    );
  ignoreSettings(spec, ['assumeGrouped'], withoutEffect);
  return {
    type: 'range',
    targetRowsPerSegment: target ?? max ?? defaultRowsPerSegment,
    dimensions,
  };
}

/** Druid writes -1 for "not set". */
function rowCount(fields: JsonFields, name: string): number | null {
  const rows = fields.optionalInteger(name, { min: -1 });
  if (rows === 0) throw fields.fault(name, 'is 0', 'Expected at least 1.', 'OUT_OF_RANGE');
  return rows === -1 ? null : rows;
}

function readNames(spec: JsonFields, schema: DataSchema): string[] {
  if (!spec.has('partitionDimensions')) return [];
  return spec.stringArray('partitionDimensions').map((name) => checkName(spec, name, schema));
}

function checkName(spec: JsonFields, name: string, { dimensions }: DataSchema): string {
  const names = dimensions.fixed.map((dimension) => dimension.name);
  if (names.includes(name) || dimensions.discovers) return name;
  throw new InvalidInputError(
    `"${spec.path}" partitions by "${name}", which is no dimension. Dimensions: ${names.join(', ')}.${didYouMean(name, names)}`,
    { code: 'UNKNOWN_COLUMN' },
  );
}

function bothGiven(spec: JsonFields, name: string): InvalidInputError {
  return new InvalidInputError(
    `"${spec.path}" has both "targetRowsPerSegment" and "${name}". Expected one of them. Remove the other.`,
    { code: 'INVALID_INPUT' },
  );
}
