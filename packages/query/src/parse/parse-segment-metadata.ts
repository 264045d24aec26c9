/** segmentMetadata: which segments, which columns, which analyses. */
import type { JsonFields } from '@isotherm/errors';
import { InvalidQueryError } from '@isotherm/errors';
import { eternity } from '@isotherm/timeline';
import type { AnalysisType, SegmentMetadataQuery } from '../model.ts';
import { ignoreKeys, unsupported } from './fault.ts';
import type { QueryDefaults } from './parse-context.ts';
import { readContext } from './parse-context.ts';
import { readDataSource, readIntervals } from './parse-source.ts';

const analysisTypes: readonly AnalysisType[] = [
  'cardinality',
  'size',
  'interval',
  'aggregators',
  'minmax',
  'timestampSpec',
  'queryGranularity',
  'rollup',
];

/** Reads a segmentMetadata query; without intervals `intervalsGiven` is false. */
export function readSegmentMetadata(
  fields: JsonFields,
  defaults: QueryDefaults,
): SegmentMetadataQuery {
  ignoreKeys(fields, ['granularity', 'usingDefaultInterval']);
  const intervals = readIntervals(fields);
  const strategy = fields.optionalOneOf('aggregatorMergeStrategy', [
    'strict',
    'lenient',
    'earliest',
    'latest',
  ]);
  if (strategy === 'earliest' || strategy === 'latest') {
    throw unsupported(`"aggregatorMergeStrategy" of "${strategy}"`, 'Use strict or lenient.');
  }
  const isLenient = fields.optionalBoolean('lenientAggregatorMerge') ?? false;
  return {
    queryType: 'segmentMetadata',
    dataSource: readDataSource(fields),
    intervals: intervals ?? [eternity],
    context: readContext(fields, defaults),
    toInclude: readToInclude(fields),
    merge: fields.optionalBoolean('merge') ?? false,
    analysisTypes: readAnalysisTypes(fields),
    lenientAggregatorMerge: strategy === null ? isLenient : strategy === 'lenient',
    intervalsGiven: intervals !== null,
  };
}

function readToInclude(fields: JsonFields): readonly string[] | null {
  const spec = fields.optionalObject('toInclude');
  if (spec === null) return null;
  const type = spec.oneOf('type', ['all', 'none', 'list']);
  const columns = type === 'list' ? spec.stringArray('columns') : [];
  spec.end();
  return type === 'all' ? null : columns;
}

function readAnalysisTypes(fields: JsonFields): AnalysisType[] {
  if (!fields.has('analysisTypes')) return ['cardinality', 'interval', 'minmax'];
  return fields.stringArray('analysisTypes').map((text, index) => {
    const found = analysisTypes.find((type) => type.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    const path = fields.pathOf(`analysisTypes[${index}]`);
    if (text.toLowerCase() === 'projections') throw unsupported(`"${path}" of "${text}"`);
    throw new InvalidQueryError(
      `"${path}" is "${text}". Expected one of ${analysisTypes.join(', ')}.`,
      { code: 'UNKNOWN_VALUE' },
    );
  });
}
