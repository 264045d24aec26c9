import { expect, it } from 'vitest';
import { JsonIndenter } from '../src/indent-json.ts';

const values: [name: string, value: unknown][] = [
  ['a number', 7],
  ['a text with brackets, quotes and spaces', 'a [b] {"c": "d\\"} , : \n'],
  ['empty lists and objects', { a: [], b: {}, c: [[], {}] }],
  ['nested values', [{ timestamp: 't', result: [{ a: 1, b: [1, 2, null] }, true] }]],
];

it.each(values)('lays out %s as people expect it, wherever the chunks are cut', (_name, value) => {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  for (const size of [1, 2, 3, 1000]) {
    const indenter = new JsonIndenter();
    let text = '';
    for (let start = 0; start < bytes.length; start += size) {
      text += new TextDecoder().decode(indenter.indent(bytes.subarray(start, start + size)));
    }
    expect(text).toBe(JSON.stringify(value, null, 2));
  }
});
