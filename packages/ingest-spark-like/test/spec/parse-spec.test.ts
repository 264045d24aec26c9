/** Ingestion specs: Druid's as they are, defaults, and what is said about those that are wrong. */
import { describe, expect, it } from 'vitest';
import { parseSpec } from '../../src/index.ts';

const base = {
  dataSchema: {
    dataSource: 'ads',
    timestampSpec: { column: 't', format: 'iso' },
    dimensionsSpec: { dimensions: ['country'] },
    metricsSpec: [{ type: 'count', name: 'count' }],
    granularitySpec: { segmentGranularity: 'day' },
  },
  ioConfig: {
    type: 'index_parallel',
    inputSource: { type: 'local', baseDir: 'in', filter: '*.json' },
    inputFormat: { type: 'json' },
  },
  tuningConfig: { type: 'index_parallel' },
};

/** The base spec with the value at a path replaced; undefined removes it. */
function changed(path: string, value: unknown): unknown {
  const spec = structuredClone(base) as Record<string, unknown>;
  const keys = path.split('.');
  let place = spec;
  for (const key of keys.slice(0, -1)) {
    place[key] ??= {};
    place = place[key] as Record<string, unknown>;
  }
  const last = keys.at(-1) ?? '';
  if (value === undefined) delete place[last];
  else place[last] = value;
  return spec;
}

describe('a spec', () => {
  it('is read bare or as a task, with the defaults of Druid', () => {
    const spec = parseSpec(base);
    expect(parseSpec({ type: 'index_parallel', spec: base })).toEqual(spec);
    expect(spec).toEqual({
      dataSource: 'ads',
      namespace: 'default',
      timestamp: {
        column: 't',
        format: { type: 'iso' },
        missingMs: null,
        json: { column: 't', format: 'iso', missingValue: null },
      },
      dimensions: {
        fixed: [{ name: 'country', type: 'string', multiValueHandling: 'SORTED_ARRAY' }],
        discovers: false,
        exclusions: ['t', 'count'],
        timePosition: null,
      },
      metrics: [
        {
          schema: { name: 'count', type: 'long', aggregator: { type: 'count', name: 'count' } },
          type: 'count',
          input: { type: 'none' },
        },
      ],
      granularity: {
        segment: spec.granularity.segment,
        query: { type: 'none' },
        queryJson: 'none',
        rollup: true,
        intervals: null,
      },
      transforms: [],
      filter: null,
      input: { type: 'local', baseDir: 'in', filter: '*.json', files: [] },
      format: { type: 'json', flatten: { discovers: true, fields: [] } },
      dropExisting: false,
      partitions: { type: 'dynamic', maxRowsPerSegment: 5_000_000 },
      limits: { maxRowsInMemory: 1_000_000, maxBytesInMemory: 268_435_456, maxBadRows: null },
      withoutEffect: [],
    });
  });

  it('names settings of Druid that do nothing here', () => {
    const spec = parseSpec({
      type: 'index_parallel',
      context: { x: 1 },
      spec: {
        ...base,
        tuningConfig: {
          type: 'index_parallel',
          indexSpec: { bitmap: { type: 'roaring' } },
          maxRetry: 3,
        },
      },
    });
    expect(spec.withoutEffect).toEqual([
      'context',
      'spec.tuningConfig.indexSpec',
      'spec.tuningConfig.maxRetry',
    ]);
  });

  it('places time in the sort order', () => {
    const position = (dimensionsSpec: unknown): unknown =>
      parseSpec(changed('dataSchema.dimensionsSpec', dimensionsSpec)).dimensions.timePosition;
    expect([
      position({ dimensions: ['a'] }),
      position({ dimensions: ['a'], forceSegmentSortByTime: true }),
      position({ dimensions: ['a', { type: 'long', name: '__time' }, 'b'] }),
    ]).toEqual([null, 0, 1]);
  });
});

const faults: readonly (readonly [path: string, value: unknown, message: string])[] = [
  [
    'dataSchem',
    {},
    '"dataSchem" is not a known field. Known here: dataSchema, ioConfig, spec, tuningConfig, type. Did you mean "dataSchema"?',
  ],
  ['dataSchema', undefined, '"dataSchema" is missing. Add it.'],
  ['dataSchema.dataSource', undefined, '"dataSchema.dataSource" is missing. Add it.'],
  [
    'dataSchema.namespace',
    'a//b',
    'Namespace "a//b" is not valid. Expected letters, digits, ".", "_" and "-" in parts divided by "/", at most 255 characters, such as "ads/h07".',
  ],
  [
    'dataSchema.timestampSpec.format',
    'ISO8601',
    '"dataSchema.timestampSpec.format" is "ISO8601". Expected one of auto, iso, posix, millis, micro, nano, or a pattern of the letters y M d D H h m s S a Z with quoted text, such as "yyyy-MM-dd HH:mm:ss".',
  ],
  [
    'dataSchema.timestampSpec.missingValue',
    'soon',
    'Time "soon" is not an ISO-8601 time. Expected the form "2011-04-01T00:00:00.000Z".',
  ],
  [
    'dataSchema.dimensionsSpec.dimensions',
    [{ type: 'json', name: 'a' }],
    '"dataSchema.dimensionsSpec.dimensions[0].type" "json" is not supported yet. Expected one of string, long, float, double.',
  ],
  [
    'dataSchema.dimensionsSpec.dimensions',
    [{ type: 'sting', name: 'a' }],
    '"dataSchema.dimensionsSpec.dimensions[0].type" is "sting". Expected one of string, long, float, double. Did you mean "string"?',
  ],
  [
    'dataSchema.dimensionsSpec.dimensions',
    ['a', 'a'],
    '"dataSchema" has two columns "a". Expected one dimension or metric of a name. Rename one of them.',
  ],
  [
    'dataSchema.dimensionsSpec.useSchemaDiscovery',
    true,
    '"dataSchema.dimensionsSpec.useSchemaDiscovery" true (columns typed by what they hold) is not supported yet. List the dimensions with their types, or leave the list empty to read all columns as text.',
  ],
  [
    'dataSchema.metricsSpec',
    [{ type: 'thetaSketch', name: 'u', fieldName: 'user' }],
    '"dataSchema.metricsSpec[0].type" "thetaSketch" is not supported yet. Expected one of count, longSum, longMin, longMax, floatSum, floatMin, floatMax, doubleSum, doubleMin, doubleMax, hyperUnique.',
  ],
  [
    'dataSchema.metricsSpec',
    [{ type: 'longsum', name: 'u', fieldName: 'user' }],
    '"dataSchema.metricsSpec[0].type" is "longsum". Expected one of count, longSum, longMin, longMax, floatSum, floatMin, floatMax, doubleSum, doubleMin, doubleMax, hyperUnique. Did you mean "longSum"?',
  ],
  [
    'dataSchema.metricsSpec',
    [{ type: 'longSum', name: 'u' }],
    '"dataSchema.metricsSpec[0].fieldName" is missing. Add it.',
  ],
  [
    'dataSchema.metricsSpec',
    [{ type: 'longSum', name: 'u', expression: 'a +' }],
    'Expression "a +" has nothing more at character 4. Expected a number, a text, a column or a function.',
  ],
  [
    'dataSchema.metricsSpec',
    [{ type: 'longSum', name: '__time', fieldName: 'a' }],
    '"dataSchema" names a metric "__time". That column is the row\'s time. Choose another name.',
  ],
  [
    'dataSchema.granularitySpec.segmentGranularity',
    'dayy',
    'Granularity "dayy" is not known. Expected one of all, none, second, minute, five_minute, ten_minute, fifteen_minute, thirty_minute, hour, six_hour, eight_hour, day, week, month, quarter, year, or an object with "type" duration or period. Did you mean "day"?',
  ],
  [
    'dataSchema.granularitySpec.intervals',
    ['2011-01-02/2011-01-01'],
    'Interval "2011-01-02/2011-01-01" ends before it starts. Expected start/end. Swap the two times.',
  ],
  [
    'dataSchema.granularitySpec.intervals',
    ['2011-01-01/2011-01-01'],
    '"dataSchema.granularitySpec.intervals[0]" is "2011-01-01/2011-01-01", which holds nothing. Expected an end after the start.',
  ],
  [
    'dataSchema.transformSpec',
    { filter: { type: 'regex', dimension: 'a', pattern: 'x' } },
    '"dataSchema.transformSpec.filter',
  ],
  [
    'dataSchema.transformSpec',
    {
      transforms: [
        { type: 'expression', name: 'a', expression: '1' },
        { type: 'expression', name: 'a', expression: '2' },
      ],
    },
    '"dataSchema.transformSpec" has two transforms "a". Expected one of a name. Join them into one expression.',
  ],
  [
    'ioConfig.inputSource',
    { type: 's3', uris: [] },
    '"ioConfig.inputSource.type" "s3" is not supported yet. Expected one of local, inline.',
  ],
  [
    'ioConfig.inputSource',
    { type: 'local', baseDir: 'in' },
    '"ioConfig.inputSource.filter" is missing. Expected either "baseDir" with "filter" such as "*.json.gz", or "files".',
  ],
  [
    'ioConfig.inputFormat',
    { type: 'orc' },
    '"ioConfig.inputFormat.type" "orc" is not supported yet. Expected one of json, csv, tsv, parquet.',
  ],
  [
    'ioConfig.inputFormat',
    { type: 'csv' },
    '"ioConfig.inputFormat.columns" is missing. Expected the names of the columns, or "findColumnsFromHeader": true.',
  ],
  [
    'ioConfig.inputFormat',
    { type: 'tsv', columns: ['t'], delimiter: '||' },
    '"ioConfig.inputFormat.delimiter" is "||". Expected one ASCII character.',
  ],
  [
    'ioConfig.inputFormat',
    { type: 'json', flattenSpec: { fields: [{ type: 'path', name: 'a', expr: '$.a[*]' }] } },
    '"ioConfig.inputFormat.flattenSpec.fields[0].expr" "$.a[*]" is not supported yet. Expected a path of names and places, such as $.user.tags[0] or $[\'a b\'].',
  ],
  [
    'ioConfig.appendToExisting',
    true,
    '"ioConfig.appendToExisting" true is not supported yet. A job replaces the chunks of time that it writes. Write into another "dataSchema.namespace" to add rows beside the ones that are there.',
  ],
  [
    'ioConfig.dropExisting',
    true,
    '"ioConfig.dropExisting" is true, but "dataSchema.granularitySpec.intervals" is missing. Name the intervals to replace.',
  ],
  [
    'tuningConfig.partitionsSpec',
    { type: 'hashed', numShards: 2, targetRowsPerSegment: 5 },
    '"tuningConfig.partitionsSpec" has both "targetRowsPerSegment" and "numShards". Expected one of them. Remove the other.',
  ],
  [
    'tuningConfig.partitionsSpec',
    { type: 'range', partitionDimensions: ['contry'] },
    '"tuningConfig.partitionsSpec" partitions by "contry", which is no dimension. Dimensions: country. Did you mean "country"?',
  ],
  [
    'tuningConfig.maxRowsInMemory',
    0,
    '"tuningConfig.maxRowsInMemory" is 0. Expected a whole number from 1 to 50000000.',
  ],
];

describe('a wrong spec', () => {
  it.each(faults)('%s = %j', (path, value, message) => {
    expect(() => parseSpec(changed(path, value))).toThrow(message);
  });

  it('of another kind of task is named', () => {
    expect(() => parseSpec({ type: 'kafka', spec: {} })).toThrow(
      '"type" "kafka" is not supported yet. Expected one of index_parallel, index.',
    );
    expect(() => parseSpec([])).toThrow('The document is a list. Expected an object in braces.');
  });
});
