import type { SegmentId } from '@isotherm/timeline';
import {
  checkDataSource,
  checkNamespace,
  eternity,
  formatSegmentId,
  parseInterval,
  parseSegmentId,
} from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';

const day = parseInterval('2026-01-01/P1D');
const id = (change: Partial<SegmentId>): SegmentId => ({
  dataSource: 'ads',
  namespace: 'default',
  interval: day,
  version: 7,
  partition: 0,
  ...change,
});

const texts: [id: SegmentId, text: string][] = [
  [id({}), 'ads_2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z_7'],
  [id({ partition: 3 }), 'ads_2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z_7_3'],
  [
    id({ namespace: 'ads/h_07' }),
    'ads@ads/h_07_2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z_7',
  ],
  [id({ dataSource: 'a_b_1_' }), 'a_b_1__2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z_7'],
  [
    id({ interval: eternity }),
    'ads_-146136543-09-08T08:23:32.096Z_146140482-04-24T15:36:27.903Z_7',
  ],
  [
    id({ dataSource: 'ads_2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z_7', partition: 1 }),
    'ads_2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z_7_2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z_7_1',
  ],
];
describe('a segment id as text', () => {
  it.each(texts)('%j is %s and back', (segmentId, text) => {
    expect(formatSegmentId(segmentId)).toBe(text);
    expect(parseSegmentId(text)).toEqual(segmentId);
  });

  it.each([
    '',
    'ads',
    'ads_2026-01-01_2026-01-02_7',
    'ads_2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z',
  ])('"%s" is refused', (text) =>
    expect(() => parseSegmentId(text)).toThrow(
      `Segment id "${text}" cannot be read. Expected dataSource[@namespace]_start_end_version[_partition].`,
    ),
  );
});

describe('names', () => {
  it.each(['default', 'ads', 'ads/h07', 'A-b.c_d/e', '...'])('"%s" is a namespace', (text) => {
    expect(checkNamespace(text)).toBe(text);
  });

  it.each(['', '/', 'a/', '/a', 'a//b', '.', 'a/..', 'ä', 'a b', 'a@b', 'x'.repeat(256)])(
    '"%s" is no namespace',
    (text) => {
      expect(() => checkNamespace(text)).toThrow(
        `Namespace "${text}" is not valid. Expected letters, digits, ".", "_" and "-" in parts divided by "/", at most 255 characters, such as "ads/h07".`,
      );
    },
  );

  it.each(['ads', 'a b', 'a.b', 'wikipédia', '広告', '__proto__', '_default', '"x"'])(
    '"%s" is a datasource',
    (text) => {
      expect(checkDataSource(text)).toBe(text);
    },
  );

  it.each([
    '',
    ' ',
    ' a',
    'a ',
    '.a',
    'a/b',
    'a@b',
    'a\tb',
    'a\nb',
    '\0',
    '\ud800',
    'x'.repeat(256),
  ])('%j is no datasource', (text) => {
    expect(() => checkDataSource(text)).toThrow(
      `Datasource "${text}" is not a valid name. Expected 1 to 255 characters without "/", "@", control characters and outer white space, and no "." in front.`,
    );
  });
});
