/** Chosen rows of one column as a partial column, with a dictionary of its own. */
import { encodeHyperUnique, hyperUniqueRegisterCount } from '@isotherm/kernels';
import { type PartialColumn, TextDictionary } from '@isotherm/query';
import type { Column, FloatingColumn, HyperUniqueColumn, LongColumn } from '@isotherm/segment';
import type { MultiStringColumn } from '@isotherm/segment';

/** Copies rows of a column; null stands for a column that is not there. */
export function scanColumn(column: Column | null, rows: Uint32Array): PartialColumn {
  if (column === null) {
    return {
      type: 'string',
      dictionary: TextDictionary.fromTexts([null]),
      ids: new Uint32Array(rows.length),
    };
  }
  switch (column.type) {
    case 'string': {
      const local = makeLocalDictionary((id) => column.dictionary.valueAt(id));
      const ids = Uint32Array.from(rows, (row) => local.placeOf(column.ids[row]));
      return { type: 'string', dictionary: TextDictionary.fromTexts(local.values), ids };
    }
    case 'strings':
      return listColumn(column, rows);
    case 'time': {
      const values = BigInt64Array.from(rows, (row) => BigInt(column.distinct[column.ids[row]]));
      return { type: 'long', values, nulls: null };
    }
    case 'long': {
      const values = BigInt64Array.from(rows, (row) => BigInt(column.values[row]));
      return { type: 'long', values, nulls: nullsOf(column, rows) };
    }
    case 'float':
    case 'double': {
      const values = Float64Array.from(rows, (row) => column.values[row]);
      return { type: column.type, values, nulls: nullsOf(column, rows) };
    }
    case 'hyperUnique':
      return sketchColumn(column, rows);
  }
}

function makeLocalDictionary(valueOf: (id: number) => string | null): {
  readonly values: (string | null)[];
  placeOf(id: number): number;
} {
  const values: (string | null)[] = [];
  const places = new Map<number, number>();
  return {
    values,
    placeOf(id) {
      let place = places.get(id);
      if (place === undefined) {
        place = values.length;
        places.set(id, place);
        values.push(valueOf(id));
      }
      return place;
    },
  };
}

function listColumn(column: MultiStringColumn, rows: Uint32Array): PartialColumn {
  const { offsets } = column;
  const local = makeLocalDictionary((id) => column.dictionary.valueAt(id));
  const ends = new Uint32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) ends[i + 1] = ends[i] + offsets[row + 1] - offsets[row];
  const ids = new Uint32Array(ends[rows.length]);
  for (const [i, row] of rows.entries()) {
    const first = offsets[row];
    for (let at = ends[i]; at < ends[i + 1]; at++) {
      ids[at] = local.placeOf(column.ids[first + at - ends[i]]);
    }
  }
  return {
    type: 'strings',
    dictionary: TextDictionary.fromTexts(local.values),
    offsets: ends,
    ids,
  };
}

/** What a row without values holds in Druid: a sketch that has counted nothing. */
function emptySketch(): string {
  return Buffer.from(encodeHyperUnique(new Uint8Array(hyperUniqueRegisterCount), 0)).toString(
    'base64',
  );
}

/** A sketch is shown as base64 of its image, which is Druid's own form. */
function sketchColumn(column: HyperUniqueColumn, rows: Uint32Array): PartialColumn {
  const dictionary: string[] = [];
  const places = new Map<string, number>();
  const ids = Uint32Array.from(rows, (row) => {
    const { buffer, byteOffset } = column.bytes;
    const [start, end] = [column.offsets[row], column.offsets[row + 1]];
    const text =
      start === end
        ? emptySketch()
        : Buffer.from(buffer, byteOffset + start, end - start).toString('base64');
    const place = places.get(text) ?? dictionary.length;
    if (place === dictionary.length) {
      places.set(text, place);
      dictionary.push(text);
    }
    return place;
  });
  return { type: 'string', dictionary: TextDictionary.fromTexts(dictionary), ids };
}

function nullsOf(column: LongColumn | FloatingColumn, rows: Uint32Array): Uint8Array | null {
  const { validity } = column;
  if (validity === null) return null;
  return Uint8Array.from(rows, (row) => 1 - ((validity[row >> 3] >> (row & 7)) & 1));
}
