/** The quickstart's data: deterministic, and skewed as ads are. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { adsDayCount, adsDays, adsHeader } from '../src/quickstart/ads-data.ts';
import { adsSpec } from '../src/quickstart/ads-spec.ts';

const rowCount = 100_000;
const rows = [...adsDays({ seed: 1, rowCount })].flatMap((day) =>
  day.text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(',')),
);
const columns = adsHeader.trimEnd().split(',');

const text = (name: string): string[] => rows.map((row) => row[columns.indexOf(name)] ?? '');
const numbers = (name: string): number[] => text(name).map(Number);
const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

/** Impressions, or another count, by the values of a column. */
function by(name: string, counts: readonly number[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const [index, value] of text(name).entries()) {
    found.set(value, (found.get(value) ?? 0) + (counts[index] ?? 0));
  }
  return found;
}

describe('ads data', () => {
  it('is the same bytes for the same seed, on any machine', () => {
    const digest = (seed: number): string => {
      const hash = createHash('sha256').update(adsHeader);
      for (const day of adsDays({ seed, rowCount: 20_000 })) hash.update(day.text);
      return hash.digest('hex');
    };
    expect(digest(1)).toBe('144a385df6e595f7b41103ec05becdb8dde75b0ca60360f19f13624863dbded2');
    expect(digest(2)).not.toBe(digest(1));
  });

  it.each([1, 17, 10_000, 54_321])('of %i rows has exactly that many', (wanted) => {
    const days = [...adsDays({ seed: 5, rowCount: wanted })];
    expect([days.length, sum(days.map((day) => day.rowCount))]).toEqual([adsDayCount, wanted]);
  });

  it('has as many cells a line as the header, and times that ascend over 90 days', () => {
    expect(rows.length).toBe(rowCount);
    expect(rows.filter((row) => row.length !== columns.length)).toEqual([]);
    const times = text('time');
    expect(times.every((time, index) => index === 0 || (times[index - 1] ?? '') <= time)).toBe(
      true,
    );
    expect([times[0]?.slice(0, 10), times.at(-1)?.slice(0, 10)]).toEqual([
      '2026-06-01',
      '2026-08-29',
    ]);
    expect(new Set(times.map((time) => time.slice(0, 10))).size).toBe(90);
  });

  it('never has more clicks than impressions, and spends only whole micro units', () => {
    const [impressions, clicks] = [numbers('impressions'), numbers('clicks')];
    expect(clicks.every((value, index) => value <= (impressions[index] ?? 0))).toBe(true);
    expect(numbers('spend_micros').every((value) => Number.isInteger(value) && value >= 0)).toBe(
      true,
    );
  });

  it('gives the largest accounts most of the traffic', () => {
    const counts = [...by('ad_account', numbers('impressions')).values()].sort((a, b) => b - a);
    const share = sum(counts.slice(0, 12)) / sum(counts);
    expect(counts.length).toBeGreaterThan(100);
    expect(share).toBeGreaterThan(0.45);
    expect(share).toBeLessThan(0.75);
  });

  it('clicks most in search and least in related', () => {
    const impressions = by('placement', numbers('impressions'));
    const clicks = by('placement', numbers('clicks'));
    const rate = (name: string): number => (clicks.get(name) ?? 0) / (impressions.get(name) ?? 1);
    expect([...impressions.keys()].sort((a, b) => rate(b) - rate(a))).toEqual([
      'search',
      'home_feed',
      'story',
      'video',
      'related',
    ]);
    expect(rate('search')).toBeGreaterThan(0.02);
    expect(rate('search')).toBeLessThan(0.05);
  });

  it('is busier in the evening than at night, and at weekends than in the week', () => {
    const perHour = new Map<string, number>();
    const perWeekday = [0, 0, 0, 0, 0, 0, 0];
    for (const time of text('time')) {
      perHour.set(time.slice(11, 13), (perHour.get(time.slice(11, 13)) ?? 0) + 1);
      const weekday = new Date(time).getUTCDay();
      perWeekday[weekday] = (perWeekday[weekday] ?? 0) + 1;
    }
    expect((perHour.get('20') ?? 0) / (perHour.get('04') ?? 1)).toBeGreaterThan(4);
    expect(perWeekday[6]).toBeGreaterThan((perWeekday[3] ?? 0) * 1.05);
  });

  it('has campaigns that start late and campaigns that end early', () => {
    const days = new Map<string, { first: string; last: string }>();
    for (const [index, campaign] of text('campaign').entries()) {
      const day = (rows[index]?.[0] ?? '').slice(0, 10);
      days.set(campaign, { first: days.get(campaign)?.first ?? day, last: day });
    }
    const spans = [...days.values()];
    expect(spans.filter(({ first }) => first > '2026-06-20').length).toBeGreaterThan(30);
    expect(spans.filter(({ last }) => last < '2026-08-01').length).toBeGreaterThan(30);
  });

  it('shows ads to many users, some of them often', () => {
    const seen = [...by('user_id', numbers('impressions')).values()];
    expect(seen.length).toBeGreaterThan(30_000);
    expect(Math.max(...seen)).toBeGreaterThan(50);
  });

  it("has a spec in examples/ that differs from the quickstart's only in the folder", () => {
    const path = new URL('../../../examples/ads.json', import.meta.url);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(adsSpec('../.quickstart/input'));
  });
});
