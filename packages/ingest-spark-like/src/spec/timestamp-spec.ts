/** Reads `timestampSpec`. */
import { didYouMean, type JsonFields } from '@isotherm/errors';
import { parseInstant } from '@isotherm/timeline';
import { timePattern } from '../read/time-pattern.ts';
import type { TimestampFormat, TimestampSpec } from './ingestion-spec.ts';
import { inField } from './support.ts';

const formats = ['auto', 'iso', 'posix', 'millis', 'micro', 'nano'] as const;

/** @throws InvalidInputError for an unknown format */
export function readTimestamp(fields: JsonFields | null): TimestampSpec {
  if (fields === null) {
    return { column: 'timestamp', format: { type: 'auto' }, missingMs: null, json: null };
  }
  const column = fields.optionalString('column') ?? 'timestamp';
  const format = readFormat(fields, fields.optionalString('format') ?? 'auto');
  const missing = fields.optionalString('missingValue');
  const missingMs =
    missing === null ? null : inField(fields, 'missingValue', () => parseInstant(missing));
  fields.end();
  const json = { column, format: formatText(format), missingValue: missing };
  return { column, format, missingMs, json };
}

function readFormat(fields: JsonFields, text: string): TimestampFormat {
  const name = formats.find((candidate) => candidate === text.toLowerCase());
  if (name !== undefined) return { type: name };
  if (timePattern(text) !== null) return { type: 'pattern', pattern: text };
  throw fields.fault(
    'format',
    `is "${text}"`,
    `Expected one of ${formats.join(', ')}, or a pattern of the letters y M d D H h m s S a Z with quoted text, such as "yyyy-MM-dd HH:mm:ss".${didYouMean(text, formats)}`,
    'UNKNOWN_VALUE',
  );
}

function formatText(format: TimestampFormat): string {
  return format.type === 'pattern' ? format.pattern : format.type;
}
