/** Ingestion specs for the tables that Druid's cases ask about, as conformance/README.md describes them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes the spec of a table into `folder`. @returns its path */
export function specOf(table: 'testing' | 'wikipedia', shared: string, folder: string): string {
  const path = join(folder, `${table}.json`);
  const spec = table === 'testing' ? testing(shared) : wikipedia(shared);
  writeFileSync(path, JSON.stringify({ type: 'index_parallel', spec }));
  return path;
}

function testing(shared: string): unknown {
  return {
    dataSchema: {
      dataSource: 'testing',
      timestampSpec: { column: 'ts', format: 'iso' },
      dimensionsSpec: {
        forceSegmentSortByTime: true,
        dimensions: [
          'market',
          'quality',
          { type: 'long', name: 'qualityLong' },
          { type: 'float', name: 'qualityFloat' },
          { type: 'double', name: 'qualityDouble' },
          'qualityNumericString',
          { type: 'long', name: 'longNumericNull' },
          { type: 'float', name: 'floatNumericNull' },
          { type: 'double', name: 'doubleNumericNull' },
          'placement',
          'placementish',
          'null_column',
          'partial_null_column',
        ],
      },
      metricsSpec: [
        { type: 'doubleSum', name: 'index', fieldName: 'index' },
        { type: 'floatSum', name: 'indexFloat', fieldName: 'index' },
        { type: 'doubleMin', name: 'indexMin', fieldName: 'index' },
        { type: 'floatMin', name: 'indexMinFloat', fieldName: 'index' },
        { type: 'floatMax', name: 'indexMaxFloat', fieldName: 'index' },
        { type: 'doubleMax', name: 'indexMaxPlusTen', expression: 'index + 10' },
        { type: 'hyperUnique', name: 'quality_uniques', fieldName: 'quality' },
      ],
      granularitySpec: {
        type: 'uniform',
        segmentGranularity: 'ALL',
        queryGranularity: 'none',
        rollup: true,
        intervals: ['2011-01-12T00:00:00.000Z/2011-05-01T00:00:00.000Z'],
      },
    },
    ioConfig: {
      type: 'index_parallel',
      inputSource: {
        type: 'local',
        baseDir: join(shared, 'conformance/tables'),
        filter: 'druid.sample.numeric.tsv',
      },
      inputFormat: {
        type: 'tsv',
        columns: [
          'ts',
          'market',
          'quality',
          'qualityLong',
          'qualityFloat',
          'qualityDouble',
          'qualityNumericString',
          'longNumericNull',
          'floatNumericNull',
          'doubleNumericNull',
          'placement',
          'placementish',
          'index',
          'partial_null_column',
        ],
        listDelimiter: '\u0001',
      },
    },
  };
}

function wikipedia(shared: string): unknown {
  return {
    dataSchema: {
      dataSource: 'wikipedia',
      timestampSpec: { column: 'time', format: 'iso' },
      dimensionsSpec: {
        forceSegmentSortByTime: true,
        dimensions: [
          ...'channel,cityName,comment,countryIsoCode,countryName,isAnonymous,isMinor,isNew,isRobot,isUnpatrolled,metroCode,namespace,page,regionIsoCode,regionName,user'.split(
            ',',
          ),
          ...['delta', 'added', 'deleted'].map((name) => ({ type: 'long', name })),
        ],
      },
      metricsSpec: [],
      granularitySpec: { segmentGranularity: 'DAY', queryGranularity: 'none', rollup: false },
    },
    ioConfig: {
      type: 'index_parallel',
      inputSource: {
        type: 'local',
        baseDir: join(shared, 'data'),
        filter: 'wikiticker-2015-09-12-sampled.json.gz',
      },
      inputFormat: { type: 'json' },
    },
  };
}
