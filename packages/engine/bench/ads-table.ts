/**
 * A seeded table of ads with the shape of `isotherm`'s benchmark: hours of 90 days, 500,000 ads in
 * 50,000 campaigns of 5,000 advertisers, sorted by ad so that an ad's rows lie together.
 */
import type { ColumnInput, SegmentInput, SegmentSchema } from '@isotherm/segment';

/** Start of the table's time. */
export const firstMs = Date.UTC(2026, 5, 1);
const hours = 90 * 24;
const hourMs = 3_600_000;
const adCount = 500_000;
const campaignCount = 50_000;
const advertiserCount = 5_000;

const dimensionNames = ['ad', 'campaign', 'advertiser', 'country', 'device', 'placement'];
const metricNames = ['impressions', 'clicks', 'spend'];

const schema: SegmentSchema = {
  dataSource: 'ads',
  namespace: 'default',
  interval: { start: firstMs, end: firstMs + hours * hourMs },
  dimensions: dimensionNames.map((name) => ({ name, type: 'string', multiValueHandling: 'ARRAY' })),
  metrics: metricNames.map((name) => ({
    name,
    type: 'long',
    aggregator: { type: 'longSum', name, fieldName: name },
  })),
  sortOrder: [...dimensionNames, '__time'],
  rollup: true,
  queryGranularity: 'HOUR',
  timestampSpec: {},
};

/** Makes a segment of `rows` rows; the same for the same number. */
export function adsTable(rows: number): SegmentInput {
  const next = mulberry(20_260_601);
  const below = (limit: number): number => Math.floor(next() * limit);
  // Few ads have most of the rows, as in life.
  const ads = Uint32Array.from({ length: rows }, () => Math.floor(next() ** 3 * adCount)).sort();
  const campaignOf = Uint32Array.from({ length: adCount }, () => below(campaignCount));
  const advertiserOf = Uint32Array.from({ length: campaignCount }, () =>
    Math.floor(next() ** 2 * advertiserCount),
  );
  const campaigns = ads.map((ad) => campaignOf[ad] ?? 0);
  const column = (make: () => number): Uint32Array => Uint32Array.from({ length: rows }, make);
  const columns = new Map<string, ColumnInput>([
    ['ad', text('ad-', 6, ads)],
    ['campaign', text('c-', 5, campaigns)],
    [
      'advertiser',
      text(
        'adv-',
        4,
        campaigns.map((campaign) => advertiserOf[campaign] ?? 0),
      ),
    ],
    [
      'country',
      text(
        'C',
        2,
        column(() => Math.floor(next() ** 2 * 60)),
      ),
    ],
    [
      'device',
      text(
        'd',
        1,
        column(() => below(5)),
      ),
    ],
    [
      'placement',
      text(
        'p',
        2,
        column(() => below(12)),
      ),
    ],
    ['impressions', long(rows, () => 1 + Math.floor(next() ** 4 * 60_000))],
    ['clicks', long(rows, () => Math.floor(next() ** 4 * 250))],
    ['spend', long(rows, () => below(2_000_000))],
  ]);
  const time = Float64Array.from({ length: rows }, () => firstMs + below(hours) * hourMs);
  return { schema, rowCount: rows, time, columns };
}

/** Ids of the values that occur, named so that their order is that of the numbers. */
function text(prefix: string, digits: number, values: Uint32Array): ColumnInput {
  const used = new Uint8Array(values.reduce((most, value) => Math.max(most, value), 0) + 1);
  for (const value of values) used[value] = 1;
  const rank = new Uint32Array(used.length);
  const dictionary: string[] = [];
  for (const [value, isUsed] of used.entries()) {
    rank[value] = dictionary.length;
    if (isUsed === 1) dictionary.push(prefix + String(value).padStart(digits, '0'));
  }
  return { type: 'string', dictionary, ids: values.map((value) => rank[value] ?? 0) };
}

function long(rows: number, make: () => number): ColumnInput {
  const values = BigInt64Array.from({ length: rows }, () => BigInt(make()));
  return { type: 'long', values, nulls: null };
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
