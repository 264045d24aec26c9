/**
 * Times the loops of grouping alone: `node packages/kernels/bench/bench-grouping.ts [rows] [samples]`
 * prints each loop's median CPU nanoseconds a row (a slot, for loops over slots), on columns of the
 * widths of the ads table in kernel memory, in batches as the engine makes them.
 */
import type { Batch, IntegerArray, SumLayout } from '../src/index.ts';
import {
  addIntegerSums,
  addRunSums,
  findUsedSlots,
  joinIds,
  mapIds,
  pickSums,
  planSumLayout,
  readIds,
  scratchBytes,
  scratchIds,
  scratchLongs,
  splitKeys,
  withScratch,
} from '../src/index.ts';

const rowCount = Number(process.argv[2] ?? 10_000_000);
const samples = Number(process.argv[3] ?? 7);
const batchRows = 8192;
const adRows = 40;

withScratch(() => {
  const random = mulberry(20_261_121);
  const bytes = (make: () => number): Uint8Array => scratchBytes(rowCount).map(make);
  const place = (values: Uint8Array): Uint8Array => {
    const placed = scratchBytes(values.length);
    placed.set(values);
    return placed;
  };
  const wide = (bits: 16 | 32, make: () => number): Uint16Array | Uint32Array => {
    const room = scratchIds(bits === 16 ? Math.ceil(rowCount / 2) : rowCount);
    const array = bits === 16 ? new Uint16Array(room.buffer, room.byteOffset, rowCount) : room;
    for (let row = 0; row < rowCount; row++) array[row] = make();
    return array;
  };
  const country = place(bytes(() => random() ** 2 * 60));
  const device = place(bytes(() => random() * 5));
  const placement = place(bytes(() => random() * 12));
  const clicks = place(bytes(() => random() ** 4 * 250));
  const impressions = wide(16, () => random() ** 4 * 60_000);
  const campaign = wide(16, () => random() ** 2 * 50_000);
  const hour = wide(16, () => random() * 2160);
  const spend = wide(32, () => random() * 2_000_000);
  const days = scratchIds(2160).map((_none, at) => at / 24);
  const dayOfHour = scratchIds(2160);
  dayOfHour.set(days);
  const keys = scratchIds(batchRows);
  const survivors = scratchIds(batchRows);
  const sums = scratchLongs(500_000 * 4);
  const three = planSumLayout(3, { firstSumBits: 40, rowBits: 25 });
  const single = planSumLayout(1, { firstSumBits: 38, rowBits: 25 });
  const counted = planSumLayout(1, { firstSumBits: null, rowBits: 25 });
  const metrics: IntegerArray[] = [impressions, clicks, spend];

  const batches = (visit: (batch: Batch) => void) => (): number => {
    for (let start = 0; start < rowCount; start += batchRows) {
      visit({ start, count: Math.min(batchRows, rowCount - start), rows: null });
    }
    return rowCount;
  };
  const dimensions = [
    { ids: country, stride: 1 },
    { ids: device, stride: 60 },
    { ids: placement, stride: 300 },
  ];
  const threeKeys = (batch: Batch): void => {
    joinIds(dimensions, 3600, batch, keys);
  };
  const oneKey = (layout: SumLayout): (() => number) =>
    batches((batch) => {
      readIds(campaign, batch, keys);
      addIntegerSums(layout, [impressions], batch, keys, sums);
    });

  time('keys of country, device, placement', batches(threeKeys));
  time(
    'Q6: those keys, 3 sums, rows counted',
    batches((batch) => {
      threeKeys(batch);
      addIntegerSums(three, metrics, batch, keys, sums);
    }),
  );
  time('Q3a: 50,000 campaigns, 1 sum, rows in its upper bits', oneKey(single));
  time('the same, rows in a lane of their own', oneKey(counted));
  time(
    'Q1: 90 days of 2,160 hours, 3 sums',
    batches((batch) => {
      mapIds(hour, batch, dayOfHour, keys);
      addIntegerSums(three, metrics, batch, keys, sums);
    }),
  );
  time('Q2: the same for 5 % of the rows, a surviving row', () => {
    let total = 0;
    for (let start = 0; start + batchRows * 20 <= rowCount; start += batchRows * 20) {
      for (let i = 0; i < batchRows; i++) survivors[i] = start + i * 20 + (i % 7);
      const batch = { start: 0, count: batchRows, rows: survivors };
      mapIds(hour, batch, dayOfHour, keys);
      addIntegerSums(three, metrics, batch, keys, sums);
      total += batchRows;
    }
    return total;
  });
  const runCount = Math.floor(rowCount / adRows);
  const bounds = scratchIds(runCount + 1);
  for (let run = 0; run <= runCount; run++) bounds[run] = run * adRows;
  time(`Q7: runs of ${adRows} rows, 3 sums, rows counted`, () => {
    const slots = { bounds, count: Math.min(runCount, 500_000), from: 0, to: rowCount, slots: 0 };
    addRunSums(three, metrics, slots, sums);
    return slots.count * adRows;
  });
  const used = scratchIds(500_000);
  time('slots with rows, a slot', () => {
    findUsedSlots(three, sums, 500_000, used);
    return 500_000;
  });
  for (let slot = 0; slot < used.length; slot++) used[slot] = slot;
  const out = scratchLongs(500_000);
  time('one sum of every slot, a slot', () => {
    pickSums(three, sums, 1, used, out);
    return 500_000;
  });
  const ids = scratchIds(500_000);
  time('ids of three parts from keys, a slot', () => {
    splitKeys(used, 1, 60, ids);
    splitKeys(used, 60, 5, ids);
    splitKeys(used, 300, 0, ids);
    return 500_000;
  });
});

/** Runs often enough for the coarse clock of CPU time. @param run returns how many rows it did */
function time(name: string, run: () => number): void {
  const rows = run();
  const repeats = Math.max(1, Math.ceil(20_000_000 / rows));
  const times: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const before = process.threadCpuUsage();
    for (let i = 0; i < repeats; i++) run();
    const { user, system } = process.threadCpuUsage(before);
    times.push(((user + system) * 1000) / (rows * repeats));
  }
  times.sort((a, b) => a - b);
  const [least, median] = [times[0] ?? 0, times[samples >> 1] ?? 0];
  console.log(`${least.toFixed(2)}\t${median.toFixed(2)}\t${name}`);
}

/** mulberry32: the same sequence for the same seed. */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
