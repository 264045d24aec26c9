/** What a segment must say of a table, worked out row by row: statistics, zones, rows of each entry. */
import { compareCodePoints, listPostings } from '@isotherm/kernels';
import { expect } from 'vitest';
import type { ColumnStatistics, Segment } from '../src/index.ts';
import type { PlainColumn, PlainTable, PlainValue } from './tables.ts';

/** Statistics of all columns; sums of doubles are compared closely. */
export function expectedStatistics(table: PlainTable): Record<string, ColumnStatistics> {
  const times = table.time;
  return {
    __time: {
      nullCount: 0,
      distinctCount: new Set(times).size,
      min: times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b)),
      max: times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b)),
      sum: null,
      sumError: null,
    },
    ...Object.fromEntries(
      Object.entries(table.columns).map(([name, column]) => [name, statisticsOf(column)]),
    ),
  };
}

function statisticsOf(column: PlainColumn): ColumnStatistics {
  const none = { distinctCount: null, min: null, max: null, sum: null, sumError: null };
  switch (column.type) {
    case 'hyperUnique':
      return { ...none, nullCount: countNulls(column.values) };
    case 'string':
      return textStatistics(column.values, countNulls(column.values));
    case 'strings': {
      const nullRows = column.values.filter((list) => list.every((item) => item === null));
      return textStatistics(
        column.values.flat(),
        nullRows.filter((list) => list.length < 2).length,
      );
    }
    case 'long': {
      const values = column.values.filter((value) => value !== null);
      const nullCount = countNulls(column.values);
      if (values.length === 0) return { ...none, nullCount };
      const sum = values.reduce((total, value) => total + value, 0n);
      return {
        nullCount,
        distinctCount: null,
        min: values.reduce((a, b) => (b < a ? b : a)),
        max: values.reduce((a, b) => (b > a ? b : a)),
        sum: BigInt.asIntN(64, sum) === sum ? sum : null,
        sumError: null,
      };
    }
    case 'double':
    case 'float': {
      const round = column.type === 'float' ? Math.fround : Number;
      const values = column.values.filter((value) => value !== null).map((value) => round(value));
      const nullCount = countNulls(column.values);
      if (values.length === 0) return { ...none, nullCount };
      const sum = values.reduce((total, value) => total + value, 0);
      return {
        nullCount,
        distinctCount: null,
        min: values.reduce((a, b) => Math.min(a, b)),
        max: values.reduce((a, b) => Math.max(a, b)),
        sum: Number.isFinite(sum) ? expect.closeTo(sum, sum === 0 ? 9 : 9 - digits(sum)) : sum,
        sumError: expect.any(Number),
      };
    }
  }
}

function digits(value: number): number {
  return Math.ceil(Math.log10(Math.abs(value)));
}

function textStatistics(values: readonly (string | null)[], nullCount: number): ColumnStatistics {
  const texts = values.filter((value) => value !== null).sort(compareCodePoints);
  return {
    nullCount,
    distinctCount: new Set(values).size,
    min: texts[0] ?? null,
    max: texts.at(-1) ?? null,
    sum: null,
    sumError: null,
  };
}

function countNulls(values: readonly unknown[]): number {
  return values.filter((value) => value === null).length;
}

/** Rows whose value lies outside the zone that covers them, as `column:row`. */
export function rowsOutsideZones(
  segment: Segment,
  values: Readonly<Record<string, readonly PlainValue[]>>,
): string[] {
  return Object.entries(values).flatMap(([name, column]) => {
    const zones = segment.zones(name);
    if (zones === null) return [];
    return column.flatMap((value, row) => {
      const zone = Math.floor(row / zones.rowsPerZone);
      const number = typeof value === 'number' || typeof value === 'bigint' ? value : null;
      if (number === null || Number.isNaN(number)) return [];
      return number >= zones.min[zone] && number <= zones.max[zone] ? [] : [`${name}:${row}`];
    });
  });
}

/** Rows of each entry of an indexed text column, as its index says; null without an index. */
export function indexedRows(segment: Segment, name: string): number[][] | null {
  const column = segment.column(name);
  if (column?.type !== 'string' && column?.type !== 'strings') return null;
  const { index, dictionary } = column;
  if (index === null) return null;
  return Array.from({ length: dictionary.size }, (_unused, id) => {
    if (index.type === 'postings') {
      const rows = new Uint32Array(segment.rowCount);
      return [...rows.subarray(0, listPostings(index, id, rows))];
    }
    const [start, end] = [index.starts[id], index.starts[id + 1]];
    return Array.from({ length: end - start }, (_nothing, at) => start + at);
  });
}

/** The same, found by looking at every row; null where the segment has no index. */
export function scannedRows(
  segment: Segment,
  name: string,
  values: readonly PlainValue[],
): number[][] | null {
  const column = segment.column(name);
  if (column?.type !== 'string' && column?.type !== 'strings') return null;
  if (column.index === null) return null;
  const rows: number[][] = Array.from({ length: column.dictionary.size }, () => []);
  for (const [row, value] of values.entries()) {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const text of new Set(list)) {
      const id =
        typeof text === 'string' ? column.dictionary.idOf(text) : column.dictionary.idOf(null);
      rows[id]?.push(row);
    }
  }
  return rows;
}
