/**
 * Makes the quickstart's data: what a delivery log of an ads platform looks like after it was cut
 * down to one line per (ad, placement, country, device, user, moment). Seeded: the same seed and row
 * count give the same bytes on any machine.
 *
 * How it resembles the real thing:
 *   accounts     few are large: traffic follows 1 / rank (Zipf)
 *   campaigns    1 to 9 an account, start and end dates; half run to the end, the rest 7 to 45 days
 *   ads          Zipf inside a campaign; every ad has a quality that scales its click rate
 *   hours        low at night, highest at 20 h; weekends 15 % up; a slow rise over the 90 days
 *   countries    an account has a home country with four fifths of its traffic
 *   click rate   by placement (search 3.2 % … related 0.3 %), device and ad
 *   spend        a price a click by country and account, plus a small price a thousand impressions
 *   users        a pool by country; a few are seen very often
 *
 * A line (times in UTC, money in millionths of a dollar):
 *   time,ad_account,campaign,ad_group,ad,country,device,placement,user_id,impressions,clicks,spend_micros
 */
import { seededRandom } from '@isotherm/platform';
import { type Ad, makeCampaigns } from './ads-inventory.ts';
import { drawFrom, cumulative } from './weighted-draw.ts';

/** First day of the data, midnight UTC; 90 days follow. */
const adsStartMs = Date.UTC(2026, 5, 1);
/** Days of data. */
export const adsDayCount = 90;
/** The first line of every file. */
export const adsHeader =
  'time,ad_account,campaign,ad_group,ad,country,device,placement,user_id,impressions,clicks,spend_micros\n';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Share of a day's traffic by hour of day, UTC. */
const hourWeights = [
  30, 22, 17, 14, 13, 15, 20, 28, 36, 42, 46, 49, 53, 54, 52, 52, 55, 60, 68, 76, 80, 74, 58, 42,
];
/** Traffic by day of the week, Sunday first. */
const weekdayWeights = [1.15, 1, 0.97, 0.96, 0.98, 1.04, 1.16];

const devices = [
  { name: 'mobile', weight: 62, clickRate: 1 },
  { name: 'desktop', weight: 27, clickRate: 1.25 },
  { name: 'tablet', weight: 8, clickRate: 1.1 },
  { name: 'tv', weight: 3, clickRate: 0.15 },
];
const placements = [
  { name: 'home_feed', weight: 46, clickRate: 0.009 },
  { name: 'search', weight: 24, clickRate: 0.032 },
  { name: 'related', weight: 18, clickRate: 0.003 },
  { name: 'video', weight: 8, clickRate: 0.005 },
  { name: 'story', weight: 4, clickRate: 0.007 },
];

/** What to make. */
export interface AdsDataOptions {
  readonly seed: number;
  /** Lines in all, headers not counted. */
  readonly rowCount: number;
}

/** One day of lines. */
export interface AdsDay {
  /** From 0. */
  readonly dayIndex: number;
  readonly rowCount: number;
  /** Lines ascending in time, each ending in a newline; no header. */
  readonly text: string;
}

/** Makes the days in order; the rows of all days add up to `rowCount`. */
export function* adsDays(options: AdsDataOptions): Generator<AdsDay> {
  const random = seededRandom(options.seed);
  const campaigns = makeCampaigns(random, adsDayCount);
  const deviceTable = cumulative(devices.map((device) => device.weight));
  const placementTable = cumulative(placements.map((placement) => placement.weight));
  const hourly = hourlyRows(options.rowCount);

  for (let dayIndex = 0; dayIndex < adsDayCount; dayIndex++) {
    const running = campaigns.filter(
      (campaign) => campaign.startDay <= dayIndex && dayIndex < campaign.endDay,
    );
    const campaignTable = cumulative(running.map((campaign) => campaign.weight));
    const lines: string[] = [];
    for (let hour = 0; hour < 24; hour++) {
      const startMs = adsStartMs + dayIndex * dayMs + hour * hourMs;
      const rowsThisHour = hourly[dayIndex * 24 + hour] ?? 0;
      for (let row = 0; row < rowsThisHour; row++) {
        const campaign = entry(running, drawFrom(campaignTable, random.next()));
        const ad = entry(campaign.ads, drawFrom(campaign.adTable, random.next()));
        const device = entry(devices, drawFrom(deviceTable, random.next()));
        const placement = entry(placements, drawFrom(placementTable, random.next()));
        const country = entry(campaign.countries, drawFrom(campaign.countryTable, random.next()));
        // Spread evenly over the hour, so that a file is ascending in time without sorting.
        const second = Math.floor((row * 3600) / rowsThisHour);
        const shown = drawImpressions(random.next());
        const clicked = drawClicks(
          shown,
          ad.quality * placement.clickRate * device.clickRate,
          random,
        );
        const spend = spendMicros(ad, { shown, clicked }, country.price, random.next());
        const user = Math.floor(country.userCount * random.next() ** 2.5);
        lines.push(
          `${timeText(startMs, second)},${ad.path},${country.code},${device.name},${placement.name},${country.code}${user.toString(36)},${shown},${clicked},${spend}\n`,
        );
      }
    }
    yield { dayIndex, rowCount: lines.length, text: lines.join('') };
  }
}

/** Splits rows over hours by their weights; rounding goes to the next hour, so that the sum is exact. */
function hourlyRows(rowCount: number): Uint32Array {
  const weights = Float64Array.from({ length: adsDayCount * 24 }, (_, index) => {
    const day = Math.floor(index / 24);
    const weekday = new Date(adsStartMs + day * dayMs).getUTCDay();
    const growth = 1 + (0.3 * day) / adsDayCount;
    return (hourWeights[index % 24] ?? 0) * (weekdayWeights[weekday] ?? 1) * growth;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  let given = 0;
  return Uint32Array.from(weights, (weight) => {
    reached += weight;
    const rows = Math.round((rowCount * reached) / total) - given;
    given += rows;
    return rows;
  });
}

/** One impression mostly, now and then up to eight. */
function drawImpressions(chance: number): number {
  return Math.min(8, 1 + Math.floor(-Math.log(1 - chance) * 0.8));
}

function drawClicks(shown: number, rate: number, random: { next(): number }): number {
  let clicks = 0;
  for (let turn = 0; turn < shown; turn++) if (random.next() < rate) clicks++;
  return clicks;
}

function spendMicros(
  ad: Ad,
  counts: { shown: number; clicked: number },
  countryPrice: number,
  chance: number,
): number {
  const clickPrice = ad.clickMicros * countryPrice * (0.7 + 0.6 * chance);
  const impressionPrice = ad.clickMicros * countryPrice * 0.002;
  return Math.round(counts.clicked * clickPrice + counts.shown * impressionPrice);
}

const hourTexts = new Map<number, string>();

/** `2026-06-01T13:07:05Z`; formatting a date costs more than the rest of a line, so the hour is kept. */
function timeText(hourStartMs: number, second: number): string {
  let hourText = hourTexts.get(hourStartMs);
  if (hourText === undefined) {
    hourText = new Date(hourStartMs).toISOString().slice(0, 14);
    hourTexts.set(hourStartMs, hourText);
  }
  return `${hourText}${twoDigits[Math.floor(second / 60)]}:${twoDigits[second % 60]}Z`;
}

const twoDigits = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

function entry<Item>(items: readonly Item[], index: number): Item {
  // The index comes from a table of the same length.
  return items[index] as Item;
}
