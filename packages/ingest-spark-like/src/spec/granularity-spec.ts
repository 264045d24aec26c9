/** Reads `granularitySpec`. */
import type { JsonFields } from '@isotherm/errors';
import { condenseIntervals, parseGranularity, parseInterval } from '@isotherm/timeline';
import type { GranularitySpec } from './ingestion-spec.ts';
import { inField, supportedType } from './support.ts';

/** @throws InvalidInputError; code INVALID_INTERVAL for an interval that holds nothing */
export function readGranularity(fields: JsonFields | null): GranularitySpec {
  if (fields === null) {
    return {
      segment: parseGranularity('day'),
      query: { type: 'none' },
      queryJson: 'none',
      rollup: true,
      intervals: null,
    };
  }
  if (fields.has('type')) supportedType(fields, ['uniform'], ['arbitrary']);
  const segmentJson = fields.optional('segmentGranularity') ?? 'day';
  const segment = inField(fields, 'segmentGranularity', () => parseGranularity(segmentJson));
  const queryJson = fields.optional('queryGranularity') ?? 'none';
  const query = inField(fields, 'queryGranularity', () => parseGranularity(queryJson));
  const rollup = fields.optionalBoolean('rollup') ?? true;
  const intervals = readIntervals(fields);
  fields.end();
  return { segment, query, queryJson, rollup, intervals };
}

function readIntervals(fields: JsonFields): GranularitySpec['intervals'] {
  const listed = fields.optionalArray('intervals');
  if (listed === null || listed.length === 0) return null;
  const intervals = fields.stringArray('intervals').map((text, index) => {
    const interval = inField(fields, `intervals[${index}]`, () => parseInterval(text));
    if (interval.start < interval.end) return interval;
    throw fields.fault(
      `intervals[${index}]`,
      `is "${text}", which holds nothing`,
      'Expected an end after the start.',
      'INVALID_INTERVAL',
    );
  });
  return condenseIntervals(intervals);
}
