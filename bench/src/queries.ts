/**
 * Q1 to Q9, each once: as the native query that the engine runs and as the SQL that the peers run.
 * `facts` of the table (which ads are popular, which advertisers are asked for) come from the peers.
 */
import { type DimensionName, type MetricName, dayMs, startMs } from './table.ts';

/** What differs between peers and between their tables. */
export interface Dialect {
  /** The day of a row as a date. */
  readonly day: string;
  /** A condition on the hour of a row. */
  timeBetween(fromMs: number, toMs: number): string;
  /** A value of a dimension as a literal of the table: text or code. */
  literal(name: DimensionName, text: string): string;
  /** Approximate distinct count. */
  distinct(name: DimensionName): string;
  /** Name of a dimension, quoted where it must be. */
  column(name: DimensionName): string;
}

/** Values that queries ask for. */
export interface QueryFacts {
  /** By rows in `reportMonth`. */
  readonly popularAds: readonly string[];
  readonly randomAds: readonly string[];
  readonly advertisers: readonly string[];
}

/** One query of the bench. */
export interface BenchQuery {
  readonly name: string;
  readonly title: string;
  /** What groups are told apart by, in the order of the SQL's columns. */
  readonly keys: readonly ('day' | DimensionName)[];
  /** Values of a group behind its keys. */
  readonly values: readonly ('users' | MetricName)[];
  /** Set when only the first rows by this value are answered: equal values at the end may be others. */
  readonly top: { readonly value: MetricName; readonly count: number } | null;
  /** Values that are estimates. */
  readonly isApproximate: boolean;
  /** Columns that must be read of every row of the interval. */
  readonly scanned: readonly string[];
  /** Columns that must be read of matching rows. */
  readonly gathered: readonly string[];
  readonly native: Readonly<Record<string, unknown>>;
  /** Without `FROM`: the table's name is put for `{table}`. */
  sql(dialect: Dialect): string;
}

const whole = [startMs, startMs + 90 * dayMs] as const;
const week = [Date.UTC(2026, 2, 2), Date.UTC(2026, 2, 9)] as const;
/** The 30 days that queries for single ads ask for. */
export const reportMonth = [Date.UTC(2026, 1, 10), Date.UTC(2026, 2, 12)] as const;
const threeSums: readonly MetricName[] = ['impressions', 'clicks', 'spend'];
const Q2countries = ['DE', 'FR', 'JP'];

type Span = readonly [fromMs: number, toMs: number];

function base(span: Span, metrics: readonly MetricName[]): Record<string, unknown> {
  return {
    dataSource: 'ads',
    intervals: [`${new Date(span[0]).toISOString()}/${new Date(span[1]).toISOString()}`],
    granularity: 'all',
    aggregations: metrics.map((name) => ({ type: 'longSum', name, fieldName: name })),
  };
}

function sumsSql(metrics: readonly MetricName[]): string {
  return metrics.map((name) => `sum(${name}) AS ${name}_sum`).join(', ');
}

function inFilter(dimension: DimensionName, values: readonly string[]): Record<string, unknown> {
  return { type: 'in', dimension, values };
}

function inSql(dialect: Dialect, name: DimensionName, values: readonly string[]): string {
  const list = values.map((value) => dialect.literal(name, value));
  return `${dialect.column(name)} IN (${list.join(', ')})`;
}

/** All queries, for the values that `facts` names. */
export function benchQueries(facts: QueryFacts): BenchQuery[] {
  return [
    timeseriesByDay(),
    filteredByDay(),
    topCampaigns('Q3a', 'top 100 campaigns by impressions', whole),
    topCampaigns('Q3b', 'the same over 7 days', week),
    byCampaignAndCountry(facts.advertisers),
    byAdAndDay('Q5w', '2,000 popular ads, 30 days, by ad and day', facts.popularAds),
    byAdAndDay('Q5u', '2,000 random ads, 30 days, by ad and day', facts.randomAds),
    byThreeDimensions(),
    topAds(),
    usersByDay(),
    oneAd(facts.popularAds[99] ?? facts.popularAds[0]),
  ];
}

const exact = { top: null, isApproximate: false } as const;

function timeseriesByDay(): BenchQuery {
  return {
    ...exact,
    name: 'Q1',
    title: 'timeseries by day, 3 sums',
    keys: ['day'],
    values: threeSums,
    scanned: ['__time', ...threeSums],
    gathered: [],
    native: { ...base(whole, threeSums), queryType: 'timeseries', granularity: 'day' },
    sql: ({ day }) => `SELECT ${day} AS d, ${sumsSql(threeSums)} FROM {table} GROUP BY d`,
  };
}

function filteredByDay(): BenchQuery {
  return {
    ...exact,
    name: 'Q2',
    title: 'by day, country IN 3 and device = tablet, 3 sums',
    keys: ['day'],
    values: threeSums,
    scanned: ['country', 'device'],
    gathered: ['__time', ...threeSums],
    native: {
      ...base(whole, threeSums),
      queryType: 'timeseries',
      granularity: 'day',
      filter: {
        type: 'and',
        fields: [
          inFilter('country', Q2countries),
          { type: 'selector', dimension: 'device', value: 'tablet' },
        ],
      },
    },
    sql: (dialect) =>
      `SELECT ${dialect.day} AS d, ${sumsSql(threeSums)} FROM {table} WHERE ${inSql(dialect, 'country', Q2countries)} AND device = ${dialect.literal('device', 'tablet')} GROUP BY d`,
  };
}

function topCampaigns(name: string, title: string, span: Span): BenchQuery {
  const isWhole = span === whole;
  return {
    ...exact,
    name,
    title,
    keys: ['campaign'],
    values: ['impressions'],
    top: { value: 'impressions', count: 100 },
    scanned: isWhole ? ['campaign', 'impressions'] : ['__time'],
    gathered: isWhole ? [] : ['campaign', 'impressions'],
    native: {
      ...base(span, ['impressions']),
      queryType: 'topN',
      dimension: 'campaign',
      metric: 'impressions',
      threshold: 100,
    },
    sql: (dialect) =>
      `SELECT campaign, sum(impressions) AS s FROM {table} ${isWhole ? '' : `WHERE ${dialect.timeBetween(span[0], span[1])} `}GROUP BY campaign ORDER BY s DESC LIMIT 100`,
  };
}

function byCampaignAndCountry(advertisers: readonly string[]): BenchQuery {
  const values: readonly MetricName[] = ['impressions', 'spend'];
  return {
    ...exact,
    name: 'Q4',
    title: 'campaign, country under 1,000 advertisers, 2 sums',
    keys: ['campaign', 'country'],
    values,
    scanned: ['advertiser'],
    gathered: ['campaign', 'country', ...values],
    native: {
      ...base(whole, values),
      queryType: 'groupBy',
      dimensions: ['campaign', 'country'],
      filter: inFilter('advertiser', advertisers),
    },
    sql: (dialect) =>
      `SELECT campaign, country, ${sumsSql(values)} FROM {table} WHERE ${inSql(dialect, 'advertiser', advertisers)} GROUP BY campaign, country`,
  };
}

function byAdAndDay(name: string, title: string, ads: readonly string[]): BenchQuery {
  return {
    ...exact,
    name,
    title,
    keys: ['ad', 'day'],
    values: threeSums,
    scanned: [],
    gathered: ['__time', ...threeSums],
    native: {
      ...base(reportMonth, threeSums),
      queryType: 'groupBy',
      granularity: 'day',
      dimensions: ['ad'],
      filter: inFilter('ad', ads),
    },
    sql: (dialect) =>
      `SELECT ad, ${dialect.day} AS d, ${sumsSql(threeSums)} FROM {table} WHERE ${inSql(dialect, 'ad', ads)} AND ${dialect.timeBetween(reportMonth[0], reportMonth[1])} GROUP BY ad, d`,
  };
}

function byThreeDimensions(): BenchQuery {
  const keys: readonly DimensionName[] = ['country', 'device', 'placement'];
  return {
    ...exact,
    name: 'Q6',
    title: 'country, device, placement, 3 sums',
    keys,
    values: threeSums,
    scanned: [...keys, ...threeSums],
    gathered: [],
    native: { ...base(whole, threeSums), queryType: 'groupBy', dimensions: keys },
    sql: () =>
      `SELECT ${keys.join(', ')}, ${sumsSql(threeSums)} FROM {table} GROUP BY ${keys.join(', ')}`,
  };
}

function topAds(): BenchQuery {
  return {
    ...exact,
    name: 'Q7',
    title: 'top 100 of 500,000 ads by groupBy, 3 sums',
    keys: ['ad'],
    values: threeSums,
    top: { value: 'impressions', count: 100 },
    scanned: ['impressions'],
    gathered: [],
    native: {
      ...base(whole, threeSums),
      queryType: 'groupBy',
      dimensions: ['ad'],
      limitSpec: {
        type: 'default',
        limit: 100,
        columns: [
          { dimension: 'impressions', direction: 'descending', dimensionOrder: 'numeric' },
          { dimension: 'ad', direction: 'ascending' },
        ],
      },
    },
    sql: () =>
      `SELECT ad, ${sumsSql(threeSums)} FROM {table} GROUP BY ad ORDER BY impressions_sum DESC, ad LIMIT 100`,
  };
}

function usersByDay(): BenchQuery {
  return {
    ...exact,
    name: 'Q8',
    title: 'distinct users by day, raw values',
    keys: ['day'],
    values: ['users'],
    isApproximate: true,
    scanned: ['__time', 'user'],
    gathered: [],
    native: {
      ...base(whole, []),
      queryType: 'timeseries',
      granularity: 'day',
      aggregations: [{ type: 'hyperUnique', name: 'users', fieldName: 'user', round: true }],
    },
    sql: (dialect) =>
      `SELECT ${dialect.day} AS d, ${dialect.distinct('user')} AS users FROM {table} GROUP BY d`,
  };
}

function oneAd(ad: string): BenchQuery {
  return {
    ...exact,
    name: 'Q9',
    title: 'one ad, 30 days by day, 3 sums',
    keys: ['day'],
    values: threeSums,
    scanned: [],
    gathered: ['__time', ...threeSums],
    native: {
      ...base(reportMonth, threeSums),
      queryType: 'timeseries',
      granularity: 'day',
      filter: { type: 'selector', dimension: 'ad', value: ad },
      context: { skipEmptyBuckets: true },
    },
    sql: (dialect) =>
      `SELECT ${dialect.day} AS d, ${sumsSql(threeSums)} FROM {table} WHERE ad = ${dialect.literal('ad', ad)} AND ${dialect.timeBetween(reportMonth[0], reportMonth[1])} GROUP BY d`,
  };
}
