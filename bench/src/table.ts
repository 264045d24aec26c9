/**
 * The ads table: its columns, how many values each has, and how values are written. Every text value
 * has a code, a small number that the generator draws and that the peers may store in its place.
 *
 *   advertiser 5,000 · campaign 50,000 · ad 500,000 · country 60 · device 5 · placement 12 · user 1,000,000
 *
 * Ids are 12 digits, as ad platforms hand them out; they do not tell the hierarchy.
 */

/** First hour of the table; 90 days follow, which are exactly three months. */
export const startMs = Date.UTC(2026, 0, 1);
/** Days that the table covers. */
export const dayCount = 90;
/** One day in milliseconds. */
export const dayMs = 86_400_000;

/** The seven text dimensions. */
export type DimensionName =
  | 'ad'
  | 'campaign'
  | 'advertiser'
  | 'country'
  | 'device'
  | 'placement'
  | 'user';

/** Metrics in the order of the spec; `rows` counts input rows. */
export const metricNames = ['rows', 'impressions', 'clicks', 'spend'] as const;

/** A metric's name. */
export type MetricName = (typeof metricNames)[number];

/** A text dimension: how many values it has and how a code is written. */
export interface Dimension {
  readonly name: DimensionName;
  readonly size: number;
  /** Digits or a letter before a zero-padded code; null where the texts are listed. */
  readonly prefix: string | null;
  /** Digits of the padded code. */
  readonly digits: number;
  readonly texts: readonly string[];
  /** Narrowest unsigned width of the codes in bits. */
  readonly bits: 8 | 16 | 32;
}

const countries =
  'US GB CA DE FR JP BR MX AU IT ES NL SE NO DK FI PL CZ AT CH BE IE PT GR HU RO BG HR SK SI LT LV EE IN ID PH TH VN MY SG KR TW HK TR IL AE SA EG ZA NG KE AR CL CO PE NZ UA RS IS LU';
const placements =
  'home_feed search related_ads boards shopping video_feed stories notifications web_widget app_open lens today_tab';

/** In the sort order of the segments: the ad comes first, so that an ad's rows are contiguous. */
export const dimensions: readonly Dimension[] = [
  numbered('ad', { size: 500_000, prefix: '6870', digits: 8, bits: 32 }),
  numbered('campaign', { size: 50_000, prefix: '6267', digits: 8, bits: 16 }),
  numbered('advertiser', { size: 5_000, prefix: '5497', digits: 8, bits: 16 }),
  listed('country', countries),
  listed('device', 'phone tablet desktop tv other'),
  listed('placement', placements),
  numbered('user', { size: 1_000_000, prefix: 'u', digits: 9, bits: 32 }),
];

/** Finds a dimension; the names are a closed set. */
export function dimensionOf(name: DimensionName): Dimension {
  const found = dimensions.find((dimension) => dimension.name === name);
  if (found === undefined) throw new RangeError(`"${name}" is no dimension of the ads table.`);
  return found;
}

/** Text of a code. */
export function textOf({ prefix, digits, texts }: Dimension, code: number): string {
  return prefix === null ? texts[code] : prefix + String(code).padStart(digits, '0');
}

/** Code of a text; -1 for a text that is not of the dimension. */
export function codeOf({ prefix, texts }: Dimension, text: string): number {
  if (prefix === null) return texts.indexOf(text);
  return text.startsWith(prefix) ? Number(text.slice(prefix.length)) : -1;
}

/** SQL (DuckDB's and ClickHouse's) that writes the code in column `name` as text. */
export function textSql({ name, prefix, digits, texts }: Dimension): string {
  if (prefix !== null) return `'${prefix}' || lpad(CAST(${name} AS VARCHAR), ${digits}, '0')`;
  return `[${texts.map((text) => `'${text}'`).join(', ')}][${name} + 1]`;
}

function numbered(
  name: DimensionName,
  shape: Pick<Dimension, 'size' | 'digits' | 'bits'> & { readonly prefix: string },
): Dimension {
  return { name, texts: [], ...shape };
}

function listed(name: DimensionName, words: string): Dimension {
  const texts = words.split(' ');
  return { name, size: texts.length, prefix: null, digits: 0, texts, bits: 8 };
}
