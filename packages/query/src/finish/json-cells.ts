/**
 * Cells of an answer as JSON bytes. A row is written by one call for all its columns, which are
 * descriptions of one shape, so that no cell costs a string or a call through a closure:
 *
 *   key        `"clicks":`, with the comma before it, encoded once a column
 *   texts      copied from the dictionary's bytes; which entries need escapes is found once an entry
 *   longs      digits written by json-digits.ts from the two words of a value
 *   doubles    whole ones below ten million as longs and `.0`, others as Java's text
 *   the rest   lists, sketches: as text that is then copied
 */
import { encodeHyperUnique, hyperUniqueRegisterCount } from '@isotherm/kernels';
import { doubleText, floatText } from '../java-number-text.ts';
import type { PartialColumn } from '../partial.ts';
import type { TextDictionary } from '../text-dictionary.ts';
import { writeLong } from './json-digits.ts';
import { type JsonBlock, type JsonSink, copyBlock, jsonBlock } from './json-sink.ts';
import type { FinishedColumn } from './output-column.ts';

/** How the cells of one column are written; only the fields of its kind mean anything. */
export interface CellColumn {
  readonly kind: 'long' | 'entry' | 'number' | 'other';
  /** What stands before each cell. */
  readonly key: JsonBlock;
  /** 1 for null, or null when there is none. */
  readonly nulls: Uint8Array | null;
  /** Lower and upper word of each long, shape [rowCount * 2]. */
  readonly words: Int32Array;
  readonly numbers: Float64Array;
  /** Writes a finite number as Java does. */
  readonly format: (value: number) => string;
  readonly ids: Uint32Array;
  readonly entries: TextEntries;
  readonly textOf: (row: number) => string;
}

/** Entries of a dictionary on their way into JSON. */
interface TextEntries {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly offsets: Uint32Array;
  /** What is known of each entry: nothing, plain, or written otherwise; shape [size]. */
  readonly states: Uint8Array;
  /** JSON of entries that are not plain. */
  readonly others: Map<number, Uint8Array>;
  readonly dictionary: TextDictionary | null;
}

const [unknown, plain, other] = [0, 1, 2];
const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
/** "null" as a little-endian word. */
const nullWord = 0x6c6c_756e;
/** ".0" as a little-endian word. */
const pointZero = 0x302e;
/** From here on Java writes an exponent. */
const tenMillion = 10_000_000;
/** More than the longest long (20) and the longest double (24) take. */
const longestNumber = 32;
/** What copying a block may write behind it. */
const blockSlack = 8;

/** Describes a column; `key` is the JSON that stands before each of its cells, comma included. */
export function cellColumn(column: FinishedColumn, key: string): CellColumn {
  const named = { ...blankColumn, key: jsonBlock(key) };
  switch (column.type) {
    case 'long': {
      const { buffer, byteOffset, length } = column.values;
      const words = new Int32Array(buffer, byteOffset, length * 2);
      return { ...named, kind: 'long', nulls: column.nulls, words };
    }
    case 'string':
      return { ...named, kind: 'entry', ids: column.ids, entries: textEntries(column.dictionary) };
    case 'double':
    case 'float': {
      const format = column.type === 'float' ? floatText : doubleText;
      const { values, nulls } = column;
      return { ...named, kind: 'number', nulls, numbers: values, format };
    }
    case 'strings':
      return { ...named, textOf: listText(column) };
    case 'hyperUnique':
      return { ...named, textOf: sketchText(column.registers) };
  }
}

/** A column that no segment has. */
export function nullCells(key: string): CellColumn {
  return { ...blankColumn, key: jsonBlock(key), textOf: () => 'null' };
}

/** Writes a row: what it begins with, its cells, each behind its key, and what it ends with. */
export function writeRow(
  sink: JsonSink,
  columns: readonly CellColumn[],
  row: number,
  { open, close }: { readonly open: JsonBlock; readonly close: JsonBlock },
): void {
  let view = sink.reserve(open.length + blockSlack);
  sink.length = copyBlock(view, sink.length, open);
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index] ?? blankColumn;
    view = sink.reserve(column.key.length + blockSlack + longestNumber);
    const at = copyBlock(view, sink.length, column.key);
    if (column.kind === 'entry') {
      sink.length = at;
      writeEntry(sink, column.entries, column.ids[row] ?? 0);
    } else if (column.nulls !== null && column.nulls[row] === 1) {
      view.setUint32(at, nullWord, true);
      sink.length = at + 4;
    } else if (column.kind === 'long') {
      const low = column.words[2 * row] ?? 0;
      sink.length = writeLong(view, at, low, column.words[2 * row + 1] ?? 0);
    } else if (column.kind === 'number') {
      sink.length = writeNumber(view, at, column.numbers[row] ?? 0, column.format);
    } else {
      sink.length = at;
      sink.text(column.textOf(row));
    }
  }
  view = sink.reserve(close.length + blockSlack);
  sink.length = copyBlock(view, sink.length, close);
}

const noBytes = new Uint8Array(0);
const blankEntries: TextEntries = {
  bytes: noBytes,
  view: new DataView(noBytes.buffer),
  offsets: new Uint32Array(1),
  states: noBytes,
  others: new Map(),
  dictionary: null,
};
const blankColumn: CellColumn = {
  kind: 'other',
  key: jsonBlock(''),
  nulls: null,
  words: new Int32Array(0),
  numbers: new Float64Array(0),
  format: doubleText,
  ids: new Uint32Array(0),
  entries: blankEntries,
  textOf: () => 'null',
};

function textEntries(dictionary: TextDictionary): TextEntries {
  const { bytes, offsets, size, nullId } = dictionary;
  const states = new Uint8Array(size);
  const others = new Map<number, Uint8Array>();
  if (nullId >= 0) {
    states[nullId] = other;
    others.set(nullId, Buffer.from('null'));
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes, view, offsets, states, others, dictionary };
}

function writeEntry(sink: JsonSink, entries: TextEntries, id: number): void {
  if (entries.states[id] === unknown) examine(entries, id);
  if (entries.states[id] !== plain) {
    const json = entries.others.get(id);
    if (json !== undefined) sink.bytes(json);
    return;
  }
  const { offsets, view: source } = entries;
  let from = offsets[id] ?? 0;
  const end = offsets[id + 1] ?? 0;
  const view = sink.reserve(end - from + 2);
  let at = sink.length;
  view.setUint8(at++, quote);
  for (; from + 8 <= end; from += 8, at += 8) {
    view.setFloat64(at, source.getFloat64(from, true), true);
  }
  if (from + 4 <= end) {
    view.setUint32(at, source.getUint32(from, true), true);
    from += 4;
    at += 4;
  }
  for (; from < end; from++, at++) view.setUint8(at, source.getUint8(from));
  view.setUint8(at++, quote);
  sink.length = at;
}

/** Finds out whether an entry can be copied as it stands. */
function examine(entries: TextEntries, id: number): void {
  const { bytes, offsets, states, others, dictionary } = entries;
  const end = offsets[id + 1] ?? 0;
  for (let at = offsets[id] ?? 0; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= space && byte !== quote && byte !== backslash) continue;
    others.set(id, Buffer.from(JSON.stringify(dictionary?.textAt(id) ?? null)));
    states[id] = other;
    return;
  }
  states[id] = plain;
}

/** Writes a number; those that JSON does not have are texts, as Druid writes them. */
function writeNumber(
  view: DataView,
  at: number,
  value: number,
  format: (value: number) => string,
): number {
  const whole = value | 0;
  // Zero may be minus zero.
  if (whole === value && whole !== 0 && Math.abs(whole) < tenMillion) {
    const end = writeLong(view, at, whole, whole >> 31);
    view.setUint16(end, pointZero, true);
    return end + 2;
  }
  const text = Number.isFinite(value) ? format(value) : `"${value}"`;
  for (let place = 0; place < text.length; place++) {
    view.setUint8(at + place, text.charCodeAt(place));
  }
  return at + text.length;
}

/** Several values are a list, one is a plain value, none is null. */
function listText(column: Extract<PartialColumn, { type: 'strings' }>): (row: number) => string {
  const { ids, offsets, dictionary } = column;
  const escaped = new Map<number, string>();
  const entryText = (id: number): string => {
    const text = escaped.get(id) ?? JSON.stringify(dictionary.textAt(id));
    escaped.set(id, text);
    return text;
  };
  return (row) => {
    const [start, end] = [offsets[row] ?? 0, offsets[row + 1] ?? 0];
    if (start === end) return 'null';
    if (end === start + 1) return entryText(ids[start] ?? 0);
    return `[${Array.from(ids.subarray(start, end), entryText).join(',')}]`;
  };
}

function sketchText(registers: Uint8Array): (row: number) => string {
  return (row) => {
    const image = encodeHyperUnique(registers, row * hyperUniqueRegisterCount);
    return `"${Buffer.from(image).toString('base64')}"`;
  };
}
