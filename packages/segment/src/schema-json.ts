/** A segment's schema as the JSON that stands in its directory. */
import type { Json } from './json.ts';
import type { DimensionSchema, MetricSchema, SegmentSchema } from './schema.ts';

/** Puts the members into their fixed order. */
export function schemaToJson(schema: SegmentSchema): unknown {
  return {
    dataSource: schema.dataSource,
    namespace: schema.namespace,
    interval: { start: schema.interval.start, end: schema.interval.end },
    dimensions: schema.dimensions.map(({ name, type, multiValueHandling }) => ({
      name,
      type,
      multiValueHandling,
    })),
    metrics: schema.metrics.map(({ name, type, aggregator }) => ({ name, type, aggregator })),
    sortOrder: schema.sortOrder,
    rollup: schema.rollup,
    queryGranularity: schema.queryGranularity ?? null,
    timestampSpec: schema.timestampSpec ?? null,
  };
}

/** Reads a schema. @throws CorruptSegmentError naming what is damaged */
export function schemaFromJson(json: Json): SegmentSchema {
  const interval = json.field('interval');
  return {
    dataSource: json.field('dataSource').text(),
    namespace: json.field('namespace').text(),
    interval: {
      start: interval.field('start').number(),
      end: interval.field('end').number(),
    },
    dimensions: json.field('dimensions').items().map(dimensionFromJson),
    metrics: json.field('metrics').items().map(metricFromJson),
    sortOrder: json
      .field('sortOrder')
      .items()
      .map((name) => name.text()),
    rollup: json.field('rollup').boolean(),
    queryGranularity: json.field('queryGranularity').raw(),
    timestampSpec: json.field('timestampSpec').raw(),
  };
}

function dimensionFromJson(json: Json): DimensionSchema {
  return {
    name: json.field('name').text(),
    type: json.field('type').oneOf(['string', 'long', 'float', 'double']),
    multiValueHandling: json
      .field('multiValueHandling')
      .oneOf(['SORTED_ARRAY', 'SORTED_SET', 'ARRAY']),
  };
}

function metricFromJson(json: Json): MetricSchema {
  return {
    name: json.field('name').text(),
    type: json.field('type').oneOf(['long', 'float', 'double', 'hyperUnique']),
    aggregator: json.field('aggregator').members(),
  };
}
