/** The three questions of the quickstart: native queries, and how their answers are shown. */
import { readFileSync } from 'node:fs';
import { countText } from '../figures.ts';
import { type ResultRecord } from '../result-records.ts';
import { type TableColumn } from '../text-table.ts';

/** A question, its query, and its answer as a table. */
export interface Question {
  readonly title: string;
  /** File below examples/, which is the query as the user can send it. */
  readonly file: string;
  readonly columns: readonly TableColumn[];
  cells(record: ResultRecord): string[];
}

const left = (title: string): TableColumn => ({ title, align: 'left' });
const right = (title: string): TableColumn => ({ title, align: 'right' });

/** In the order in which they are asked. */
export const questions: readonly Question[] = [
  {
    title: 'Spend, clicks and click rate in the US by day, one week of August',
    file: 'daily-spend.json',
    columns: [left('day'), right('impressions'), right('clicks'), right('CTR'), right('spend')],
    cells: (row) => [
      text(row, 'timestamp').slice(0, 10),
      countText(number(row, 'impressions')),
      countText(number(row, 'clicks')),
      percentText(number(row, 'ctr')),
      moneyText(number(row, 'spend_micros') / 1e6),
    ],
  },
  {
    title: 'Top ten campaigns by spend, 90 days',
    file: 'top-campaigns.json',
    columns: [left('campaign'), right('spend'), right('clicks'), right('CTR'), right('CPC')],
    cells: (row) => [
      text(row, 'campaign'),
      moneyText(number(row, 'spend_micros') / 1e6),
      countText(number(row, 'clicks')),
      percentText(number(row, 'ctr')),
      moneyText(number(row, 'cpc')),
    ],
  },
  {
    title: 'Distinct users by country and device, August, estimated',
    file: 'country-device-users.json',
    columns: [left('country'), left('device'), right('users'), right('impressions')],
    cells: (row) => [
      text(row, 'country'),
      text(row, 'device'),
      countText(number(row, 'users')),
      countText(number(row, 'impressions')),
    ],
  },
];

/** Reads a question's query. */
export function queryText(question: Question): string {
  return readFileSync(new URL(`../../../../examples/${question.file}`, import.meta.url), 'utf8');
}

function text(row: ResultRecord, name: string): string {
  const value = row[name];
  return typeof value === 'string' ? value : '–';
}

function number(row: ResultRecord, name: string): number {
  return Number(row[name] ?? 0);
}

function percentText(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

function moneyText(dollars: number): string {
  const options = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return `$${dollars.toLocaleString('en-US', options)}`;
}
