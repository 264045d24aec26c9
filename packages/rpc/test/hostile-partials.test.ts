import { crc32 } from 'node:zlib';
import { IsothermError } from '@isotherm/errors';
import { seededRandom } from '@isotherm/platform';
import { TextDictionary } from '@isotherm/query';
import { decodePartials, encodePartials } from '@isotherm/rpc';
import { describe, expect, it } from 'vitest';

/** Damage under a right checksum: what a faulty peer could send. The decoder must refuse or survive it. */
describe('partial results with a right checksum over wrong content', () => {
  const good = encodePartials([
    {
      kind: 'grouped',
      rowCount: 2,
      times: Float64Array.of(0, 1),
      dimensions: [
        {
          type: 'string',
          dictionary: TextDictionary.fromTexts(['a', null, 'é']),
          ids: Uint32Array.of(0, 2),
        },
        {
          type: 'strings',
          dictionary: TextDictionary.fromTexts(['x']),
          offsets: Uint32Array.of(0, 1, 2),
          ids: Uint32Array.of(0, 0),
        },
      ],
      states: [{ type: 'long', values: BigInt64Array.of(1n, 2n), nulls: Uint8Array.of(0, 1) }],
      scannedRows: 2,
    },
  ]);

  const sealed = (bytes: Uint8Array): Uint8Array => {
    new DataView(bytes.buffer).setUint32(4, crc32(bytes.subarray(8)), true);
    return bytes;
  };

  it('are refused as damaged or decoded without harm, whatever word is changed', () => {
    const seed = 99;
    const random = seededRandom(seed);
    const outcomes = new Map<unknown, number>();
    const count = (outcome: unknown): void => {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    };
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from(good);
      const view = new DataView(bytes.buffer);
      const word = 3 + Math.floor(random.next() * (bytes.length / 4 - 3));
      const values = [0, 1, 2, 8, 0x7fff_ffff, 0xffff_ffff, random.next() * 2 ** 32];
      view.setUint32(word * 4, values[Math.floor(random.next() * values.length)] ?? 0, true);
      try {
        decodePartials(sealed(bytes));
        count('decoded');
      } catch (error) {
        count(error instanceof IsothermError ? error.code : error);
      }
    }
    expect(new Set(outcomes.keys()), `seed ${seed}`).toEqual(
      new Set(['CORRUPT_ANSWER', 'decoded']),
    );
    expect(outcomes.get('CORRUPT_ANSWER')).toBeGreaterThan(1_000);
  });

  /** A good column of one dictionary, with some bytes of its text or offsets changed. */
  function damaged(
    texts: readonly (string | null)[],
    change: (text: Uint8Array, offsets: Uint32Array) => void,
  ): Uint8Array {
    const { bytes, offsets, nullId } = TextDictionary.fromTexts(texts);
    change(bytes, offsets);
    const dictionary = new TextDictionary({ bytes, offsets, nullId });
    return encodePartials([
      {
        kind: 'grouped',
        rowCount: 1,
        times: Float64Array.of(0),
        dimensions: [{ type: 'string', dictionary, ids: Uint32Array.of(0) }],
        states: [],
        scannedRows: 1,
      },
    ]);
  }

  const faults: [what: string, bytes: Uint8Array][] = [
    ['a text is not UTF-8', damaged(['abc'], (text) => text.fill(0xff, 1, 2))],
    ['a text is not UTF-8', damaged(['é'], (text) => text.fill(0x41, 1, 2))],
    ['a text is not UTF-8', damaged(['aé'], (_text, offsets) => offsets.fill(2, 1))],
    [
      'a text starts in a character',
      damaged(['é', 'b'], (_text, offsets) => offsets.fill(1, 1, 2)),
    ],
    ['a null has text', damaged([null, 'a'], (_text, offsets) => offsets.fill(1, 1))],
    ['offsets do not rise', damaged(['ab', 'c'], (_text, offsets) => offsets.fill(9, 1, 2))],
    [
      'offsets do not span their values',
      damaged(['ab'], (_text, offsets) => offsets.fill(1, 0, 1)),
    ],
  ];
  it.each(faults)('are refused where %s', (what, bytes) => {
    expect(() => decodePartials(bytes)).toThrow(`Partial results of a node are damaged: ${what}.`);
  });
});
