/**
 * Names: datasources, namespaces, and the text form of a segment id, which is the segment's key everywhere.
 *
 *   dataSource [@namespace] _start_end_version [_partition]
 *
 * The namespace is left out when it is `default`, the partition when it is 0. Read from the right, the
 * text has one meaning only, although datasources may hold underscores.
 */
import { InvalidInputError } from '@isotherm/errors';
import { formatInstant, parseInstant } from './instant.ts';
import type { SegmentId } from './segment-id.ts';

const defaultNamespace = 'default';
const maxNameLength = 255;

/** Writes a segment id as text. */
export function formatSegmentId(id: SegmentId): string {
  const namespace = id.namespace === defaultNamespace ? '' : `@${id.namespace}`;
  const span = `${formatInstant(id.interval.start)}_${formatInstant(id.interval.end)}`;
  const partition = id.partition > 0 ? `_${id.partition}` : '';
  return `${id.dataSource}${namespace}_${span}_${id.version}${partition}`;
}

const instant = String.raw`-?\d{4,9}-\d\d-\d\dT[\d:.]+Z`;
const pattern = new RegExp(
  `^(?<dataSource>[^@]+)(?:@(?<namespace>[^@]+))?_(?<start>${instant})_(?<end>${instant})_(?<version>\\d+)(?:_(?<partition>\\d+))?$`,
  's',
);

/**
 * Reads the text form of a segment id.
 *
 * @throws InvalidInputError code INVALID_SEGMENT_ID
 */
export function parseSegmentId(text: string): SegmentId {
  const fields = pattern.exec(text)?.groups;
  if (fields === undefined) {
    throw new InvalidInputError(
      `Segment id "${text}" cannot be read. Expected dataSource[@namespace]_start_end_version[_partition].`,
      { code: 'INVALID_SEGMENT_ID' },
    );
  }
  return {
    dataSource: checkDataSource(fields['dataSource'] ?? ''),
    namespace: checkNamespace(fields['namespace'] ?? defaultNamespace),
    interval: {
      start: parseInstant(fields['start'] ?? ''),
      end: parseInstant(fields['end'] ?? ''),
    },
    version: Number(fields['version']),
    partition: Number(fields['partition'] ?? 0),
  };
}

/**
 * Checks a namespace: letters, digits, `.`, `_`, `-`, in parts divided by `/`. No part is `.` or `..`,
 * because namespaces become folders.
 *
 * @returns the text itself
 * @throws InvalidInputError code INVALID_NAMESPACE
 */
export function checkNamespace(text: string): string {
  const isValid = text
    .split('/')
    .every((part) => /^[A-Za-z0-9._-]+$/.test(part) && part !== '.' && part !== '..');
  if (isValid && text.length <= maxNameLength) return text;
  throw new InvalidInputError(
    `Namespace "${text}" is not valid. Expected letters, digits, ".", "_" and "-" in parts divided by "/", at most ${maxNameLength} characters, such as "ads/h07".`,
    { code: 'INVALID_NAMESPACE' },
  );
}

/**
 * Checks the name of a datasource by Druid's rules: not empty, no `/`, no leading `.`, no white space
 * but blanks inside, no control characters; and no `@`, which divides off the namespace.
 *
 * @returns the text itself
 * @throws InvalidInputError code INVALID_DATA_SOURCE
 */
export function checkDataSource(text: string): string {
  const isPlain = /^[^/@\p{Cc}\p{Cs}\t\n\v\f\r\u2028\u2029]+$/u.test(text);
  if (isPlain && text.trim() === text && !text.startsWith('.') && text.length <= maxNameLength)
    return text;
  throw new InvalidInputError(
    `Datasource "${text}" is not a valid name. Expected 1 to ${maxNameLength} characters without "/", "@", control characters and outer white space, and no "." in front.`,
    { code: 'INVALID_DATA_SOURCE' },
  );
}
