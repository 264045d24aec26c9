import { describe, expect, it } from 'vitest';
import { TextDictionary } from '../src/index.ts';

describe('TextDictionary', () => {
  const lists: [name: string, texts: (string | null)[]][] = [
    ['no entry', []],
    ['null alone', [null]],
    ['the empty text beside null', ['', null]],
    ['ASCII', ['ad', 'b', 'c\n"\\']],
    ['text of one to four bytes a character', ['é', null, '€x', '😀', '\u{10ffff}', 'z']],
    ['control characters and a lone zero', ['\0', '\u001f', '\u007f']],
  ];
  it.each(lists)('gives back %s', (_name, texts) => {
    const dictionary = TextDictionary.fromTexts(texts);
    expect(dictionary.size).toBe(texts.length);
    expect(dictionary.nullId).toBe(texts.indexOf(null));
    expect(dictionary.texts()).toEqual(texts);
    expect(texts.map((_, id) => dictionary.textAt(id))).toEqual(texts);
  });

  it('reads entries of a view that starts anywhere and goes on behind them', () => {
    const bytes = new TextEncoder().encode('__abc__').subarray(2);
    const dictionary = new TextDictionary({ bytes, offsets: Uint32Array.of(0, 1, 3), nullId: -1 });
    expect(dictionary.texts()).toEqual(['a', 'bc']);
  });

  it('refuses what it could not give back', () => {
    expect(() => TextDictionary.fromTexts([null, 'a', null])).toThrow(
      'A dictionary of a partial result holds null twice.',
    );
    for (const texts of [['\ud83d'], ['a\ude00'], ['\ud83d', '\ude00']]) {
      expect(() => TextDictionary.fromTexts(texts)).toThrow(
        'A dictionary of a partial result holds half a surrogate pair.',
      );
    }
  });
});
