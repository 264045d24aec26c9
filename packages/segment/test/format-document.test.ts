import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeSegment } from '../src/index.ts';
import { inputOf } from './tables.ts';

const text = readFileSync(join(import.meta.dirname, '../FORMAT.md'), 'utf8');

describe('the worked example of FORMAT.md', () => {
  const { bytes } = writeSegment(
    inputOf({
      time: [0, 0, 3_600_000],
      columns: {
        country: { type: 'string', values: ['de', 'us', 'us'] },
        clicks: { type: 'long', values: [3n, null, 300n] },
      },
    }),
    { compression: 'none' },
  );
  const lines = [...text.matchAll(/^0x(?<at>[0-9a-f]{4}) {2}(?<hex>(?:[0-9a-f]{2} )+)/gm)];

  it('has the size it says', () => {
    expect(bytes.length.toLocaleString('en')).toBe(
      /The file has (?<size>[\d,]+)\s/.exec(text)?.[1],
    );
    expect(lines.length).toBe(18);
  });

  it.each(lines.map((line) => [line[1] ?? '', (line[2] ?? '').trim()]))(
    'has at %s the bytes %s',
    (at, hex) => {
      const start = Number.parseInt(at, 16);
      const expected = hex.split(' ').map((byte) => Number.parseInt(byte, 16));
      expect([...bytes.subarray(start, start + expected.length)]).toEqual(expected);
    },
  );
});
