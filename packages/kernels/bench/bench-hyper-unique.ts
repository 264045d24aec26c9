/**
 * Times the loops of distinct counts on one core: `node packages/kernels/bench/bench-hyper-unique.ts
 * [sketches]` prints the median of nine runs in CPU nanoseconds of this thread, which other work on
 * the machine disturbs least, and what a second of it does. Ends with code 1 if merging dense
 * sketches falls below 3 million a second.
 */
import {
  type KernelMemory,
  addHyperUniqueText,
  encodeHyperUnique,
  estimateHyperUnique,
  foldImages,
  hashTexts,
  hyperUniqueRegisterCount,
  kernelMemory,
  mergeSketches,
  raiseByIds,
  raiseByLongs,
  raiseByRows,
  spreadEffects,
} from '../src/index.ts';

const runs = 9;
const sampleMicros = 60_000;
const batchRows = 8192;
/** Slots that rows go to, as the days of a report. */
const slotCount = 90;
const goalPerSecond = 3_000_000;

const memory: KernelMemory = kernelMemory();
const imageCount = Number(process.argv[2] ?? 16_384);
const textCount = 600_000;

/** Bytes in kernel memory, zeros. */
function room(byteLength: number): Uint8Array {
  const bytes = memory.allocate(byteLength);
  if (bytes === null) throw new Error(`No room for ${byteLength} bytes.`);
  return bytes.fill(0);
}

function roomForIds(length: number): Uint32Array {
  const bytes = room(length * 4);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, length);
}

const registers = room(slotCount * hyperUniqueRegisterCount);
const slots = roomForIds(batchRows).map((_none, i) => (i * 7919) % slotCount);
const placedSlots = roomForIds(batchRows);
placedSlots.set(slots);

/** Images of sketches of `valueCount` values, of a few kinds over and over. */
function images(valueCount: number): { offsets: Int32Array; bytes: Uint8Array } {
  const kinds = Array.from({ length: 16 }, (_none, kind) => {
    const sketch = new Uint8Array(hyperUniqueRegisterCount);
    for (let i = 0; i < valueCount; i++) addHyperUniqueText(sketch, 0, `${kind}-${i}`);
    return encodeHyperUnique(sketch, 0);
  });
  const all = Array.from({ length: imageCount }, (_none, row) => kinds[row % kinds.length] ?? []);
  const offsetBytes = room((imageCount + 1) * 4);
  const offsets = new Int32Array(offsetBytes.buffer, offsetBytes.byteOffset, imageCount + 1);
  for (const [row, image] of all.entries()) {
    offsets[row + 1] = (offsets[row] ?? 0) + image.length;
  }
  const bytes = room(offsets.at(-1) ?? 0);
  for (const [row, image] of all.entries()) bytes.set(image, offsets[row]);
  return { offsets, bytes };
}

/** Median CPU nanoseconds of one of `count` things. The clock of a thread ticks in milliseconds. */
function time(name: string, count: number, run: () => void): number {
  const samples = Array.from({ length: runs }, () => {
    let calls = 0;
    let micros = 0;
    const before = process.threadCpuUsage();
    while (micros < sampleMicros) {
      run();
      calls += 1;
      const { user, system } = process.threadCpuUsage(before);
      micros = user + system;
    }
    return (micros * 1000) / (count * calls);
  });
  const nanoseconds = samples.sort((a, b) => a - b)[runs >> 1] ?? 0;
  const perSecond = (1000 / nanoseconds).toFixed(2);
  console.log(`${name.padEnd(46)} ${nanoseconds.toFixed(2).padStart(9)} ns  ${perSecond} M/s`);
  return nanoseconds;
}

function inBatches(rows: number, run: (start: number, count: number) => void): void {
  for (let start = 0; start < rows; start += batchRows) {
    run(start, Math.min(batchRows, rows - start));
  }
}

const dense = images(20_000);
const denseNs = time('fold a dense image (1,031 bytes)', imageCount, () => {
  inBatches(imageCount, (start, count) => {
    foldImages(dense, { start, count, rows: null }, placedSlots, registers);
  });
});
const sparse = images(40);
time('fold a sparse image (127 bytes)', imageCount, () => {
  inBatches(imageCount, (start, count) => {
    foldImages(sparse, { start, count, rows: null }, placedSlots, registers);
  });
});
const sketches = room(256 * hyperUniqueRegisterCount).map((_none, i) => i % 23);
const placedSketches = room(sketches.length);
placedSketches.set(sketches);
time('merge a sketch of 2,048 registers', 256 * 64, () => {
  for (let i = 0; i < 64; i++) {
    mergeSketches(placedSketches, placedSlots.subarray(0, 256), registers);
  }
});
time('estimate', slotCount * 100, () => {
  for (let i = 0; i < slotCount * 100; i++) {
    estimateHyperUnique(registers, (i % slotCount) * hyperUniqueRegisterCount);
  }
});

const texts = room(textCount * 12);
for (let i = 0; i < textCount; i++) {
  texts.set(Buffer.from(String(i * 1_234_577).padStart(12, '0')), i * 12);
}
const offsetBytes = room((textCount + 1) * 4);
const offsets = new Int32Array(offsetBytes.buffer, offsetBytes.byteOffset, textCount + 1);
for (let i = 0; i <= textCount; i++) offsets[i] = i * 12;
const effectBytes = room(textCount * 2);
const effects = new Uint16Array(effectBytes.buffer, effectBytes.byteOffset, textCount);
time('hash a text of 12 bytes', textCount, () => {
  hashTexts({ offsets, bytes: texts }, effects);
});
const rowCount = 1_000_000;
const ids = roomForIds(rowCount);
for (let row = 0; row < rowCount; row++) ids[row] = Math.imul(row, 2_654_435_761) >>> 0;
for (let row = 0; row < rowCount; row++) ids[row] = (ids[row] ?? 0) % textCount;
time('raise a register by id, of 600,000 ids', rowCount, () => {
  inBatches(rowCount, (start, count) => {
    raiseByIds(ids, { start, count, rows: null }, effects, placedSlots, registers);
  });
});
const rowBytes = room(rowCount * 2);
const rowEffects = new Uint16Array(rowBytes.buffer, rowBytes.byteOffset, rowCount);
spreadEffects(ids, effects, rowEffects);
time('raise a register by row', rowCount, () => {
  inBatches(rowCount, (start, count) => {
    raiseByRows(rowEffects, { start, count, rows: null }, placedSlots, registers);
  });
});
time('hash a long', rowCount, () => {
  inBatches(rowCount, (start, count) => {
    const batch = { start, count, rows: null };
    raiseByLongs({ values: ids, validity: null }, batch, placedSlots, registers);
  });
});

const perSecond = 1e9 / denseNs;
if (perSecond < goalPerSecond) {
  console.error(`Dense sketches fold at ${Math.round(perSecond)} a second; goal ${goalPerSecond}.`);
  process.exitCode = 1;
}
