/** Reads `dataSchema`: name, namespace, time, dimensions, metrics, granularity, transforms. */
import type { JsonFields } from '@isotherm/errors';
import { InvalidInputError } from '@isotherm/errors';
import { expressionColumns } from '@isotherm/query';
import { checkDataSource, checkNamespace } from '@isotherm/timeline';
import { readDimensions } from './dimensions-spec.ts';
import { readGranularity } from './granularity-spec.ts';
import type { IngestionSpec, Metric } from './ingestion-spec.ts';
import { readMetrics } from './metrics-spec.ts';
import type { WithoutEffect } from './support.ts';
import { refuseSettings } from './support.ts';
import { readTimestamp } from './timestamp-spec.ts';
import { readTransforms } from './transform-spec.ts';

/** The parts of a spec that `dataSchema` gives. */
export type DataSchema = Pick<
  IngestionSpec,
  | 'dataSource'
  | 'namespace'
  | 'timestamp'
  | 'dimensions'
  | 'metrics'
  | 'granularity'
  | 'transforms'
  | 'filter'
>;

/** @throws InvalidInputError naming the path */
export function readDataSchema(fields: JsonFields, withoutEffect: WithoutEffect): DataSchema {
  const dataSource = checkDataSource(fields.string('dataSource'));
  const namespace = checkNamespace(fields.optionalString('namespace') ?? 'default');
  const timestamp = readTimestamp(fields.optionalObject('timestampSpec'));
  const metrics = readMetrics(fields, withoutEffect);
  const dimensions = readDimensions(fields.optionalObject('dimensionsSpec'), withoutEffect);
  const granularity = readGranularity(fields.optionalObject('granularitySpec'));
  const { transforms, filter } = readTransforms(fields.optionalObject('transformSpec'));
  refuseSettings(fields, ['projections', 'parser']);
  fields.end();
  const names = [...dimensions.fixed, ...metrics.map(({ schema }) => schema)].map(
    ({ name }) => name,
  );
  checkDistinct(names, fields.path);
  const exclusions = [...dimensions.exclusions, timestamp.column, ...metrics.flatMap(inputsOf)];
  return {
    dataSource,
    namespace,
    timestamp,
    dimensions: { ...dimensions, exclusions },
    metrics,
    granularity,
    transforms,
    filter,
  };
}

/** A discovered dimension must not take the name of a metric, nor the column that feeds one. */
function inputsOf({ schema, input }: Metric): string[] {
  switch (input.type) {
    case 'none':
      return [schema.name];
    case 'field':
      return [schema.name, input.name];
    case 'expression':
      return [schema.name, ...expressionColumns(input.expression)];
  }
}

function checkDistinct(names: readonly string[], path: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (name === '') {
      throw new InvalidInputError(`"${path}" has a column without a name. Name it.`, {
        code: 'INVALID_COLUMN',
      });
    }
    if (name === '__time') {
      throw new InvalidInputError(
        `"${path}" names a metric "__time". That column is the row's time. Choose another name.`,
        { code: 'INVALID_COLUMN' },
      );
    }
    if (seen.has(name)) {
      throw new InvalidInputError(
        `"${path}" has two columns "${name}". Expected one dimension or metric of a name. Rename one of them.`,
        { code: 'DUPLICATE_COLUMN' },
      );
    }
    seen.add(name);
  }
}
