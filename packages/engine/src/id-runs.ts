/**
 * The entries of a dictionary that a filter leaf holds on, as runs of ids. Leaves that name values or
 * follow the order of the dictionary cost a search each, whatever its size; the others are evaluated
 * once an entry.
 */
import type { Runs, TextBytes } from '@isotherm/kernels';
import {
  compareTexts,
  findTexts,
  isInKernelMemory,
  sampleBytes,
  sampleTexts,
  scratchBytes,
  scratchIds,
} from '@isotherm/kernels';
import type { LeafFilter, ValuePredicate } from '@isotherm/query';
import type { Segment, StringDictionary } from '@isotherm/segment';
import { firstNotBelow } from './ascending.ts';
import type { NumberTest } from './number-test.ts';
import { encodedList, encodedText } from './text-list.ts';

/** No ids. */
const noRuns: Runs = { count: 0, starts: new Uint32Array(0), ends: new Uint32Array(0) };

/** One run, or none if it is empty. */
function oneRun(start: number, end: number): Runs {
  return start < end ? manyRuns([[start, end]]) : noRuns;
}

function manyRuns(list: readonly (readonly [start: number, end: number])[]): Runs {
  const [starts, ends] = [scratchIds(list.length), scratchIds(list.length)];
  for (const [i, [start, end]] of list.entries()) {
    starts[i] = start;
    ends[i] = end;
  }
  return { count: list.length, starts, ends };
}

/** Runs of spans that ascend and are disjoint; neighbours are joined and empty ones left out. */
export function runsIn(spans: readonly (readonly [start: number, end: number])[]): Runs {
  const list: [number, number][] = [];
  for (const [start, end] of spans) {
    const last = list[list.length - 1];
    if (start >= end) continue;
    if (last?.[1] === start) last[1] = end;
    else list.push([start, end]);
  }
  return manyRuns(list);
}

/** How many ids runs hold. */
export function idCount({ count, starts, ends }: Runs): number {
  let ids = 0;
  for (let run = 0; run < count; run++) ids += ends[run] - starts[run];
  return ids;
}

/** The ids from `first` to `size` - 1 that runs do not hold. */
export function otherIds(runs: Runs, first: number, size: number): Runs {
  const list: [number, number][] = [];
  let from = first;
  for (let run = 0; run < runs.count; run++) {
    if (from < runs.starts[run]) list.push([from, runs.starts[run]]);
    from = Math.max(from, runs.ends[run]);
  }
  if (from < size) list.push([from, size]);
  return manyRuns(list);
}

/** Runs with id 0, which they do not hold. */
export function withZero(runs: Runs): Runs {
  return runsIn([[0, 1], ...spansOf(runs)]);
}

function spansOf({ count, starts, ends }: Runs): [number, number][] {
  return Array.from({ length: count }, (_none, run) => [starts[run], ends[run]]);
}

/** Runs as a set: bit i, least significant first, of byte i / 8 is id i; shape [bytes]. */
export function setOf({ count, starts, ends }: Runs, bytes: number): Uint8Array {
  const set = scratchBytes(bytes);
  for (let run = 0; run < count; run++) {
    const [start, end] = [starts[run], ends[run]];
    const [first, last] = [start >>> 3, (end - 1) >>> 3];
    const head = (0xff << (start & 7)) & 0xff;
    const tail = 0xff >>> (7 - ((end - 1) & 7));
    if (first === last) set[first] |= head & tail;
    else {
      set[first] |= head;
      set.fill(0xff, first + 1, last);
      set[last] |= tail;
    }
  }
  return set;
}

/** A text column of a segment, whatever its rows hold. */
export interface TextColumn {
  readonly segment: Segment;
  readonly name: string;
  readonly dictionary: StringDictionary;
}

/** Entries of a text dictionary that a leaf is true of, without the null. */
export function textRuns(filter: LeafFilter, column: TextColumn, predicate: ValuePredicate): Runs {
  return byOrder(filter, column) ?? byPredicate(column.dictionary, predicate);
}

/** Distinct times that a leaf is true of. */
export function timeRuns(times: Float64Array, test: NumberTest): Runs {
  switch (test.type) {
    case 'never':
      return noRuns;
    case 'range':
      return oneRun(firstNotBelow(times, test.low), firstNotBelow(times, test.high + 1));
    case 'set': {
      const places = Array.from(test.sorted, (time) => firstNotBelow(times, time));
      return runsOfIds(places.filter((place, i) => times[place] === test.sorted[i]));
    }
    case 'each':
      return runsWhere(0, times.length, (id) => test.predicate.ofLong(times[id]) === true);
  }
}

/** Null if the leaf does not follow the dictionary's order. */
function byOrder(filter: LeafFilter, column: TextColumn): Runs | null {
  const { dictionary } = column;
  switch (filter.type) {
    case 'selector':
      return filter.value === null ? noRuns : runsOfTexts(column, encodedText(filter.value));
    case 'in':
      return runsOfTexts(column, encodedList(filter.values));
    case 'equals': {
      const { matchValue, matchValueType } = filter;
      if (typeof matchValue !== 'string' && matchValueType !== 'LONG') return null;
      return runsOfTexts(column, encodedText(String(matchValue)));
    }
    case 'null':
      return noRuns;
    case 'bound':
      return filter.ordering === 'lexicographic' ? runsBetween(filter, dictionary) : null;
    case 'range': {
      const { lower, upper } = filter;
      if (filter.matchValueType !== 'STRING') return null;
      if (typeof lower === 'number' || typeof lower === 'bigint') return null;
      if (typeof upper === 'number' || typeof upper === 'bigint') return null;
      const bounds = { lower, upper, lowerStrict: filter.lowerOpen, upperStrict: filter.upperOpen };
      return runsBetween(bounds, dictionary);
    }
    case 'like':
      return runsLike(filter, column);
  }
}

/** Looks up the texts that lie between the first and the last entry; the others cost nothing. */
function runsOfTexts({ segment, name, dictionary }: TextColumn, texts: TextBytes): Runs {
  const first = dictionary.hasNull ? 1 : 0;
  const { size } = dictionary;
  if (first === size) return noRuns;
  const from = firstText(texts, (at) => compareTexts(texts, at, dictionary, first) >= 0);
  const until = firstText(texts, (at) => compareTexts(texts, at, dictionary, size - 1) > 0);
  if (from >= until) return noRuns;
  const { offsets, bytes } = dictionary;
  const searched = { offsets, bytes, first, size };
  const what = { key: 'samples', byteLength: sampleBytes(searched) };
  const samples = segment.derived(name, what, (out) => sampleTexts(searched, out));
  const out = { starts: scratchIds(until - from), ends: scratchIds(until - from) };
  return findTexts({ ...searched, samples }, partOf(texts, from, until, bytes), out);
}

/** First text that is `behind`; all after it are as well. */
function firstText(texts: TextBytes, isBehind: (at: number) => boolean): number {
  let low = 0;
  let high = texts.offsets.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Some texts of a list, where the kernel that searches `dictionary` can read them. */
function partOf(
  { offsets, bytes }: TextBytes,
  from: number,
  until: number,
  dictionary: Uint8Array,
): TextBytes {
  const places = offsets.subarray(from, until + 1);
  if (!isInKernelMemory(dictionary)) return { offsets: places, bytes };
  const start = offsets[from];
  const copy = scratchBytes(offsets[until] - start);
  copy.set(bytes.subarray(start, offsets[until]));
  const { buffer, byteOffset } = scratchIds(places.length);
  const moved = new Int32Array(buffer, byteOffset, places.length);
  for (let i = 0; i < moved.length; i++) moved[i] = places[i] - start;
  return { offsets: moved, bytes: copy };
}

function runsBetween(
  bounds: {
    readonly lower: string | null;
    readonly upper: string | null;
    readonly lowerStrict: boolean;
    readonly upperStrict: boolean;
  },
  dictionary: StringDictionary,
): Runs {
  const { lower, upper } = bounds;
  let start = dictionary.hasNull ? 1 : 0;
  let end = dictionary.size;
  if (lower !== null) {
    start = dictionary.lowerBound(lower);
    if (bounds.lowerStrict && dictionary.idOf(lower) >= 0) start += 1;
  }
  if (upper !== null) {
    end = dictionary.lowerBound(upper);
    if (!bounds.upperStrict && dictionary.idOf(upper) >= 0) end += 1;
  }
  return oneRun(start, end);
}

/** A pattern without wildcards, or with one `%` at its end; null for any other. */
function runsLike(filter: LeafFilter & { readonly type: 'like' }, column: TextColumn): Runs | null {
  const { dictionary } = column;
  const { pattern, escape } = filter;
  if (escape !== null && pattern.includes(escape)) return null;
  const prefix = pattern.endsWith('%') ? pattern.slice(0, -1) : pattern;
  if (/[%_]/.test(prefix) || !prefix.isWellFormed()) return null;
  if (prefix === pattern) return runsOfTexts(column, encodedText(pattern));
  let end = dictionary.lowerBound(`${prefix}\u{10ffff}`);
  // Only what goes on with the last character there is can still begin with the prefix.
  while (end < dictionary.size && dictionary.valueAt(end)?.startsWith(prefix) === true) end += 1;
  return oneRun(dictionary.lowerBound(prefix), end);
}

function byPredicate(dictionary: StringDictionary, predicate: ValuePredicate): Runs {
  const first = dictionary.hasNull ? 1 : 0;
  return runsWhere(
    first,
    dictionary.size,
    (id) => predicate.ofText(dictionary.valueAt(id)) === true,
  );
}

function runsWhere(first: number, size: number, holds: (id: number) => boolean): Runs {
  const ids: number[] = [];
  for (let id = first; id < size; id++) if (holds(id)) ids.push(id);
  return runsOfIds(ids);
}

function runsOfIds(ids: readonly number[]): Runs {
  return runsIn(ids.map((id) => [id, id + 1]));
}
