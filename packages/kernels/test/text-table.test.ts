/** Tables of texts in WebAssembly against their twin, and both against a map of strings. */
import { describe, expect, it } from 'vitest';
import { TextTable, kernelMemory, pickTexts, withScratch } from '../src/index.ts';
import { type Place, inKernelMemory, inPlace } from './placed-arrays.ts';
import { randomValues } from './random-values.ts';

const random = randomValues(20_260_402);

/** A dictionary of texts, at an odd offset of its bytes. */
function entriesOf(texts: readonly string[], place: Place) {
  const bytes = new TextEncoder().encode(`?${texts.join('')}`);
  const offsets = new Int32Array(texts.length + 1).fill(1);
  for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i] + Buffer.byteLength(text);
  return { offsets: place(offsets), bytes: place(bytes) };
}

function textsOf({ offsets, bytes }: { offsets: Uint32Array; bytes: Uint8Array }, size: number) {
  return Array.from({ length: size }, (_none, id) =>
    Buffer.from(bytes.slice(offsets[id], offsets[id + 1])).toString(),
  );
}

const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 64, 300];
const dictionaries: [name: string, texts: string[]][] = [
  ['no text', []],
  ['one empty text', ['']],
  ['texts that differ in length alone', lengths.map((length) => 'a'.repeat(length))],
  ['texts that differ in the last byte', lengths.slice(1).map((n) => `${'a'.repeat(n - 1)}b`)],
  [
    'texts that differ in zeros behind them',
    ['a', 'a\0', 'a\0\0', '\0', '\0\0', 'a\0\0\0\0\0\0\0'],
  ],
  ['texts of more bytes than characters', ['é', 'e', '日本', '日', '🎈', '本日']],
  ['random texts', randomTexts(40_000)],
];

function randomTexts(count: number): string[] {
  return [...new Set(Array.from({ length: count }, () => `ad-${random.below(60_000)}`))];
}

const places: [name: string, place: Place, inMemory: boolean][] = [
  ['in kernel memory', inKernelMemory, true],
  ['in ordinary arrays', inPlace, false],
];

describe.each(places)('a table of texts %s', (_name, place, inMemory) => {
  it.each(dictionaries)('gives %s one id each, the same whoever brings them', (_about, texts) => {
    withScratch(() => {
      const table = new TextTable(inMemory ? kernelMemory() : null);
      const idOf = new Map<string | null, number>([[null, 0]]);
      // Overlapping parts of the texts, each as a dictionary of its own.
      for (const part of [texts, texts.toReversed(), texts.slice(3), ['new', ...texts]]) {
        const ids = place(new Uint32Array(part.length));
        table.addTexts(entriesOf(part, place), 0, part.length, ids);
        for (const text of part) if (!idOf.has(text)) idOf.set(text, idOf.size);
        expect(Array.from(ids)).toEqual(part.map((text) => idOf.get(text)));
      }
      expect(table.size).toBe(idOf.size);
      expect(textsOf(table, table.size)).toEqual([...idOf.keys()].map((text) => text ?? ''));
      table.free();
    });
  });

  it('adds a range of entries alone', () => {
    withScratch(() => {
      const table = new TextTable(inMemory ? kernelMemory() : null);
      const ids = place(new Uint32Array(2));
      table.addTexts(entriesOf(['a', 'b', 'c', 'd'], place), 1, 3, ids);
      expect([...ids, ...textsOf(table, table.size)]).toEqual([1, 2, '', 'b', 'c']);
      table.free();
    });
  });

  it('picks entries in any order and as often as asked', () => {
    withScratch(() => {
      const entries = entriesOf(['a', '', 'lorem ipsum dolor', 'é'], place);
      const picked = pickTexts(entries, place(Uint32Array.of(2, 1, 0, 2, 3)));
      expect(textsOf(picked, 5)).toEqual(['lorem ipsum dolor', '', 'a', 'lorem ipsum dolor', 'é']);
      expect(picked.bytes.length).toBe(37);
      expect(textsOf(pickTexts(entries, place(new Uint32Array(0))), 0)).toEqual([]);
    });
  });
});

it('gives back the memory that it took', () => {
  const memory = kernelMemory();
  const before = memory.usedBytes;
  const table = new TextTable(memory);
  withScratch(() => {
    const texts = randomTexts(5000);
    table.addTexts(
      entriesOf(texts, inKernelMemory),
      0,
      texts.length,
      new Uint32Array(texts.length),
    );
  });
  expect(memory.usedBytes).toBeGreaterThan(before);
  expect(table.byteLength).toBeGreaterThan(texts5000Bytes);
  table.free();
  expect(memory.usedBytes).toBe(before);
});

/** At least four bytes of offset, hash and bucket an entry. */
const texts5000Bytes = 4000 * 12;
