/**
 * segmentMetadata of one segment: types, nulls and, where asked for, sizes, cardinalities and
 * extremes of its columns. Sizes are Druid's estimate (8 bytes a number, 10 a time, the UTF-8 bytes
 * of text, 0 for sketches; in all one more byte a cell), not what the columns take here.
 */
import type { AnalysisType, ColumnAnalysis } from '@isotherm/query';
import type { SegmentMetadataPartial, SegmentMetadataQuery } from '@isotherm/query';
import type { Column, MetricSchema, Segment, StringDictionary } from '@isotherm/segment';
import { granularityToJson, parseGranularity } from '@isotherm/timeline';
import type { RunOf } from './engine.ts';

/** Runs a segmentMetadata query. */
export function runSegmentMetadata(run: RunOf<SegmentMetadataQuery>): SegmentMetadataPartial {
  const { query, segment } = run;
  const { schema, rowCount } = segment;
  const asked = new Set(query.analysisTypes);
  const columns: Record<string, ColumnAnalysis> = {};
  let bytes = 0;
  for (const name of metadataColumns(query, segment)) {
    const column = segment.column(name);
    if (column === null) continue;
    const analysis = analyse(name, column, segment, asked);
    columns[name] = analysis;
    bytes += analysis.size + (asked.has('size') ? rowCount : 0);
  }
  return {
    kind: 'segmentMetadata',
    segmentId: run.segmentId,
    interval: schema.interval,
    columns,
    bytes,
    rowCount,
    aggregators: asked.has('aggregators') ? combiningAggregators(schema.metrics) : null,
    timestampSpec: asked.has('timestampSpec') ? timestampSpec(schema.timestampSpec) : null,
    queryGranularity: asked.has('queryGranularity')
      ? granularityJson(schema.queryGranularity)
      : null,
    rollup: asked.has('rollup') ? schema.rollup : null,
    scannedRows: 0,
  };
}

/** Columns that the answer lists and the segment has. */
export function metadataColumns(query: SegmentMetadataQuery, segment: Segment): string[] {
  const { toInclude } = query;
  return segment.columnNames.filter((name) => toInclude === null || toInclude.includes(name));
}

function analyse(
  name: string,
  column: Column,
  segment: Segment,
  asked: ReadonlySet<AnalysisType>,
): ColumnAnalysis {
  const plain = {
    hasMultipleValues: false,
    hasNulls: (segment.statistics(name)?.nullCount ?? 0) > 0,
    size: 0,
    cardinality: null,
    minValue: null,
    maxValue: null,
    errorMessage: null,
  };
  const numberBytes = asked.has('size') ? 8 * segment.rowCount : 0;
  switch (column.type) {
    case 'time': {
      const size = asked.has('size') ? 10 * segment.rowCount : 0;
      return { typeSignature: 'LONG', type: 'LONG', ...plain, hasNulls: false, size };
    }
    case 'long':
      return { typeSignature: 'LONG', type: 'LONG', ...plain, size: numberBytes };
    case 'float':
      return { typeSignature: 'FLOAT', type: 'FLOAT', ...plain, size: numberBytes };
    case 'double':
      return { typeSignature: 'DOUBLE', type: 'DOUBLE', ...plain, size: numberBytes };
    case 'hyperUnique':
      // Druid says of every sketch column that it may hold nulls.
      return {
        typeSignature: 'COMPLEX<hyperUnique>',
        type: 'hyperUnique',
        ...plain,
        hasNulls: true,
      };
    case 'string':
    case 'strings': {
      const { dictionary } = column;
      const hasEmpty = column.type === 'strings' && hasEmptyRow(column.offsets);
      const hasNulls = dictionary.hasNull || hasEmpty;
      return {
        typeSignature: 'STRING',
        type: 'STRING',
        ...plain,
        hasMultipleValues: column.type === 'strings',
        hasNulls,
        size: asked.has('size') ? textBytes(column.ids, dictionary) : 0,
        cardinality: asked.has('cardinality') ? distinctTexts(dictionary, hasEmpty) : 0,
        ...(asked.has('minmax') ? textExtremes(dictionary, hasNulls) : {}),
      };
    }
  }
}

function hasEmptyRow(offsets: Int32Array): boolean {
  for (let row = 1; row < offsets.length; row++) {
    if (offsets[row] === offsets[row - 1]) return true;
  }
  return false;
}

function distinctTexts(dictionary: StringDictionary, hasEmpty: boolean): number {
  return dictionary.size + (hasEmpty && !dictionary.hasNull ? 1 : 0);
}

/** Null comes before all text, so it is the least value where there is one. */
function textExtremes(
  dictionary: StringDictionary,
  hasNulls: boolean,
): Pick<ColumnAnalysis, 'minValue' | 'maxValue'> {
  const last = dictionary.size === 0 ? null : dictionary.valueAt(dictionary.size - 1);
  const first = hasNulls || dictionary.size === 0 ? null : dictionary.valueAt(0);
  return { minValue: first, maxValue: last };
}

function textBytes(ids: Iterable<number>, dictionary: StringDictionary): number {
  const counts = new Uint32Array(dictionary.size);
  for (const id of ids) counts[id] += 1;
  let bytes = 0;
  for (const [id, count] of counts.entries()) {
    bytes += count * Buffer.byteLength(dictionary.valueAt(id) ?? '');
  }
  return bytes;
}

/** Aggregators that add up what is stored: each reads its own column; stored counts are summed. */
function combiningAggregators(metrics: readonly MetricSchema[]): Record<string, unknown> {
  return Object.fromEntries(
    metrics.map(({ name, aggregator }) => {
      const type = aggregator['type'] === 'count' ? 'longSum' : aggregator['type'];
      const combining = { type, name, fieldName: name };
      if (type !== 'hyperUnique') return [name, combining];
      const round = aggregator['round'] === true;
      return [name, { ...combining, isInputHyperUnique: false, round }];
    }),
  );
}

function timestampSpec(json: unknown): unknown {
  const given = typeof json === 'object' && json !== null ? json : {};
  return { column: 'timestamp', format: 'auto', missingValue: null, ...given };
}

function granularityJson(json: unknown): unknown {
  return json === null || json === undefined ? null : granularityToJson(parseGranularity(json));
}
