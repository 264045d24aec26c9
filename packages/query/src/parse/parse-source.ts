/** Where and when: `dataSource`, `intervals` and `granularity` of a query. */
import { InvalidQueryError, JsonFields, kindOf } from '@isotherm/errors';
import type { Granularity, Interval } from '@isotherm/timeline';
import {
  checkDataSource,
  condenseIntervals,
  parseGranularity,
  parseInterval,
} from '@isotherm/timeline';
import type { TableDataSource } from '../model.ts';
import { atPath, ignoreKeys, queryFault, unsupported, wrongType } from './fault.ts';

const dataSources = {
  supported: ['table'],
  later: [
    'query',
    'union',
    'lookup',
    'inline',
    'join',
    'globalTable',
    'unnest',
    'filter',
    'restrict',
  ],
};

/** Reads a name or `{type: table, name}`. */
export function readDataSource(fields: JsonFields): TableDataSource {
  if (!fields.has('dataSource')) {
    throw new InvalidQueryError(
      `"${fields.pathOf('dataSource')}" is missing; dataSource can't be null. Add the name of a datasource.`,
      { code: 'MISSING_FIELD' },
    );
  }
  const value = fields.required('dataSource');
  if (typeof value === 'string') return table(value, fields.pathOf('dataSource'));
  if (Array.isArray(value)) throw unsupported('"dataSource" as a list of names', 'Name one.');
  const source = fields.object('dataSource');
  const type = source.string('type');
  if (type !== 'table') throw wrongType(source, type, dataSources);
  const name = source.string('name');
  source.end();
  return table(name, source.pathOf('name'));
}

/**
 * Reads intervals and merges those that overlap or touch.
 *
 * @returns null when the query names none
 */
export function readIntervals(fields: JsonFields): readonly Interval[] | null {
  const value = fields.optional('intervals');
  if (value === undefined) return null;
  const texts = intervalTexts(value, fields.pathOf('intervals'));
  const intervals = texts.map(({ text, path }) => atPath(path, () => parseInterval(text)));
  const [first] = intervals;
  if (first === undefined) {
    throw fields.fault('intervals', 'is empty', 'Name at least one interval.', 'EMPTY_INTERVALS');
  }
  const condensed = condenseIntervals(intervals);
  // A query over an empty span is valid and keeps its start, which a groupBy answer shows.
  return condensed.length === 0 ? [first] : condensed;
}

/** Like `readIntervals`, for queries that must name an interval. */
export function requiredIntervals(fields: JsonFields): readonly Interval[] {
  const intervals = readIntervals(fields);
  if (intervals !== null) return intervals;
  throw queryFault(
    `"${fields.pathOf('intervals')}" is missing. Add a list such as ["2011-01-01/2011-02-01"].`,
    'MISSING_FIELD',
  );
}

/** Reads a granularity; `all` when the query names none. */
export function readGranularity(fields: JsonFields): Granularity {
  const value = fields.optional('granularity') ?? 'all';
  return atPath(fields.pathOf('granularity'), () => parseGranularity(value));
}

function table(name: string, path: string): TableDataSource {
  return { type: 'table', name: atPath(path, () => checkDataSource(name)) };
}

interface IntervalText {
  readonly text: string;
  readonly path: string;
}

function intervalTexts(value: unknown, path: string): IntervalText[] {
  if (typeof value === 'string') {
    return value.split(',').map((text) => ({ text: text.trim(), path }));
  }
  if (Array.isArray(value)) {
    // Array.isArray gives any[]; each item is checked below.
    return (value as unknown[]).map((text, index) => {
      const itemPath = `${path}[${index}]`;
      if (typeof text === 'string') return { text, path: itemPath };
      throw queryFault(`"${itemPath}" is ${kindOf(text)}. Expected text.`, 'WRONG_TYPE');
    });
  }
  const spec = new JsonFields(value, path, queryFault);
  const type = spec.string('type');
  if (type !== 'intervals' && type !== 'LegacySegmentSpec') {
    throw wrongType(spec, type, {
      supported: ['intervals', 'LegacySegmentSpec'],
      later: ['segments'],
    });
  }
  ignoreKeys(spec, ['intervals']);
  const list = spec.required('intervals');
  spec.end();
  return intervalTexts(list, spec.pathOf('intervals'));
}
