/**
 * Others read what we write: apache-arrow, flechette and pyarrow give the same values for every
 * case. pyarrow runs in a Python that `scripts/setup-services.sh` installs; without it the test is
 * skipped with a reason, or fails when ISOTHERM_TEST_REQUIRE=all.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import {
  CompressionType as FlechetteCompression,
  setCompressionCodec,
  tableFromIPC as tableFromFlechette,
} from '@uwdata/flechette';
import { CompressionType, compressionRegistry, tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { writeSegment } from '../src/index.ts';
import { columnCases } from './column-cases.ts';
import { expectedValues, firstDifference, inputOf, type PlainTable } from './tables.ts';

const root = join(import.meta.dirname, '../../..');
const python = process.env['ISOTHERM_PYTHON'] ?? join(root, '.services/venv/bin/python');
const required = process.env['ISOTHERM_TEST_REQUIRE'] === 'all';

/** Values in a form that JSON can carry exactly: whole numbers as text, doubles as their eight bytes. */
function canonical(table: PlainTable): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(expectedValues(table)).map(([name, values]) => {
      const type = name === '__time' ? 'time' : table.columns[name]?.type;
      return [name, values.map((value) => canonicalValue(type, value))];
    }),
  );
}

function canonicalValue(type: string | undefined, value: unknown): unknown {
  if (typeof value === 'bigint' || type === 'time') return String(value);
  return typeof value === 'number' ? doubleBytes(value) : value;
}

function doubleBytes(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}

/** A value of apache-arrow in the same form. */
function fromArrow(type: string | undefined, value: unknown): unknown {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'number') {
    return type === 'double' || type === 'float' ? doubleBytes(value) : String(value);
  }
  // What is left is the vector of a list.
  return [...(value as Iterable<unknown>)];
}

compressionRegistry.set(CompressionType.ZSTD, {
  encode: (bytes) => zstdCompressSync(bytes),
  decode: (bytes) => zstdDecompressSync(bytes),
});

describe('apache-arrow reads the same values', () => {
  for (const compression of ['zstd', 'none'] as const) {
    it.each(columnCases)(`%s, ${compression}`, (_name, table) => {
      const arrow = tableFromIPC(writeSegment(inputOf(table), { compression }).bytes);
      const found = arrow.schema.fields.map((field) => {
        const type = field.metadata.get('isotherm.type');
        const column = arrow.getChild(field.name);
        return [field.name, Array.from(column ?? [], (value) => fromArrow(type, value))];
      });
      expect(arrow.schema.metadata.get('isotherm.format')).toBe('2');
      expect(firstDifference(Object.fromEntries(found), canonical(table))).toBeNull();
    });
  }
});

setCompressionCodec(FlechetteCompression.ZSTD, {
  encode: (bytes) => zstdCompressSync(bytes),
  decode: (bytes) => zstdDecompressSync(bytes),
});

describe('flechette reads the same values', () => {
  it.each(columnCases)('%s', (_name, table) => {
    const { bytes } = writeSegment(inputOf(table));
    const read = tableFromFlechette(bytes, { useBigInt: true });
    const found = read.schema.fields.map((field) => {
      const type = field.metadata?.get('isotherm.type');
      const values: unknown[] = [...read.getChild(field.name)];
      return [field.name, values.map((value) => fromArrow(type, value))];
    });
    expect(firstDifference(Object.fromEntries(found), canonical(table))).toBeNull();
  });
});

const script = `
import json, struct, sys
import pyarrow as pa

def canonical(field, column):
    kind = field.metadata[b"isotherm.type"].decode()
    if kind == "time":
        column = column.cast(pa.timestamp("ms", "UTC")).cast(pa.int64())
    values = column.to_pylist()
    if kind in ("time", "long"):
        return [None if v is None else str(v) for v in values]
    if kind in ("double", "float"):
        return [None if v is None else struct.pack(">d", v).hex() for v in values]
    if kind == "hyperUnique":
        return [None if v is None else v.hex() for v in values]
    return values

def values_of(table):
    table.validate(full=True)
    return {f.name: canonical(f, table.column(f.name)) for f in table.schema}

for path in sys.argv[1:]:
    with pa.memory_map(path) as source:
        reader = pa.ipc.open_file(source)
        table = reader.read_all()
        columns = values_of(table)
    print(json.dumps(columns))
    if table.num_rows > 20_000:
        continue
    with pa.memory_map(path) as source:
        assert source.read(8) == b"ARROW1\\0\\0"
        streamed = values_of(pa.ipc.open_stream(source).read_all())
        assert streamed == columns, "the stream inside the file differs"
`;

function hasPyarrow(): boolean {
  if (!existsSync(python)) return false;
  try {
    execFileSync(python, ['-c', 'import pyarrow'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const pyarrow = hasPyarrow();
if (!pyarrow && !required) {
  console.warn(`pyarrow is skipped: no ${python} with it. Run "sh scripts/setup-services.sh".`);
}

describe.skipIf(!pyarrow && !required)('pyarrow reads the same values', () => {
  it('in every case, compressed or not, as a file and as the stream inside it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-arrow-'));
    try {
      const paths: string[] = [];
      const expected: Record<string, unknown[]>[] = [];
      for (const [index, [, table]] of columnCases.entries()) {
        for (const compression of ['zstd', 'none'] as const) {
          const path = join(folder, `${index}-${compression}.arrow`);
          writeFileSync(path, writeSegment(inputOf(table), { compression }).bytes);
          paths.push(path);
          expected.push(canonical(table));
        }
      }
      const output = execFileSync(python, ['-c', script, ...paths], {
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      });
      const found: Record<string, unknown[]>[] = output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const differences = expected.map((table, index) =>
        firstDifference(found[index] ?? {}, table),
      );
      expect(differences).toEqual(paths.map(() => null));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
