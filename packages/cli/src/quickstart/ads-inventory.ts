/** The advertisers of the quickstart's data: accounts with campaigns, ad groups and ads. */
import type { Random } from '@isotherm/platform';
import { cumulative, zipfWeights } from './weighted-draw.ts';

/** One ad, with its names ready for a line. */
export interface Ad {
  /** `ad_account,campaign,ad_group,ad` */
  readonly path: string;
  /** Scales the click rate, around 1. */
  readonly quality: number;
  /** Price of a click before country, millionths of a dollar. */
  readonly clickMicros: number;
}

/** A country as a campaign sees it. */
export interface Country {
  readonly code: string;
  readonly weight: number;
  /** Price of a click relative to the United States. */
  readonly price: number;
  readonly userCount: number;
}

/** A campaign runs on days `[startDay, endDay)`. */
export interface Campaign {
  readonly startDay: number;
  readonly endDay: number;
  readonly weight: number;
  readonly ads: readonly Ad[];
  readonly adTable: Float64Array;
  readonly countries: readonly Country[];
  readonly countryTable: Float64Array;
}

const accountCount = 120;

const countries: readonly Country[] = [
  { code: 'US', weight: 40, price: 1, userCount: 60_000 },
  { code: 'GB', weight: 9, price: 0.85, userCount: 16_000 },
  { code: 'DE', weight: 8, price: 0.8, userCount: 15_000 },
  { code: 'CA', weight: 7, price: 0.9, userCount: 12_000 },
  { code: 'FR', weight: 6, price: 0.7, userCount: 11_000 },
  { code: 'BR', weight: 6, price: 0.3, userCount: 14_000 },
  { code: 'JP', weight: 5, price: 0.75, userCount: 10_000 },
  { code: 'AU', weight: 4, price: 0.95, userCount: 6_000 },
  { code: 'IN', weight: 4, price: 0.15, userCount: 12_000 },
  { code: 'MX', weight: 3, price: 0.3, userCount: 7_000 },
  { code: 'ES', weight: 3, price: 0.55, userCount: 6_000 },
  { code: 'IT', weight: 2, price: 0.55, userCount: 5_000 },
];

/** Makes the campaigns of all accounts; some campaign runs on every day. */
export function makeCampaigns(random: Random, dayCount: number): Campaign[] {
  return zipfWeights(accountCount, 1.1).flatMap((accountWeight, accountIndex) => {
    const account = `acct-${number(accountIndex + 1, 3)}`;
    const home = Math.floor(random.next() ** 2 * countries.length);
    const clickMicros = 250_000 + Math.floor(random.next() ** 2 * 2_500_000);
    const campaignCount = 1 + Math.floor(random.next() * 9);
    return zipfWeights(campaignCount, 0.8).map((weight, campaignIndex) => {
      const name = `${account}-c${campaignIndex + 1}`;
      const local = countries.map((country, index) =>
        index === home ? { ...country, weight: 400 } : country,
      );
      const ads = makeAds(random, { account, campaign: name, clickMicros });
      return {
        // The first campaign of an account runs all the time, so that no day is empty.
        ...(campaignIndex === 0
          ? { startDay: 0, endDay: dayCount }
          : runningDays(random, dayCount)),
        weight: accountWeight * weight * (0.6 + 0.8 * random.next()),
        ads,
        adTable: cumulative(zipfWeights(ads.length, 1.2)),
        countries: local,
        countryTable: cumulative(local.map((country) => country.weight)),
      };
    });
  });
}

function runningDays(random: Random, dayCount: number): { startDay: number; endDay: number } {
  const startDay = Math.floor(random.next() * (dayCount - 7));
  const length = 7 + Math.floor(random.next() * 39);
  const runsOn = random.next() < 0.5;
  return { startDay, endDay: runsOn ? dayCount : Math.min(dayCount, startDay + length) };
}

function makeAds(
  random: Random,
  names: { account: string; campaign: string; clickMicros: number },
): Ad[] {
  const groupCount = 1 + Math.floor(random.next() * 3);
  return Array.from({ length: groupCount }, (_, groupIndex) => {
    const group = `${names.campaign}-g${groupIndex + 1}`;
    const adCount = 1 + Math.floor(random.next() * 4);
    return Array.from({ length: adCount }, (_, adIndex) => ({
      path: `${names.account},${names.campaign},${group},${group}-a${adIndex + 1}`,
      quality: 0.4 + 1.2 * random.next(),
      clickMicros: names.clickMicros * (0.8 + 0.4 * random.next()),
    }));
  }).flat();
}

function number(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
