/** A table so small that the engine's own time hardly counts: 2,000 ads with a row a day, in three segments. */
import { createWriteStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { finished } from 'node:stream/promises';

const adCount = 2000;
const dayCount = 90;
const startMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;

/** Name of an ad; `index` wraps around. */
export function adName(index: number): string {
  return `6870${String(index % adCount).padStart(8, '0')}`;
}

/** Makes the table below a folder unless it is there. @returns its data directory */
export async function makeSmallTable(folder: string, command: string): Promise<string> {
  const dataDir = join(folder, 'data');
  if (existsSync(dataDir)) return dataDir;
  mkdirSync(folder, { recursive: true });
  const rows = createWriteStream(join(folder, 'rows.json'));
  for (let ad = 0; ad < adCount; ad++) rows.write(rowsOfAd(ad));
  rows.end();
  await finished(rows);
  const specPath = join(folder, 'spec.json');
  writeFileSync(specPath, JSON.stringify(specFor(folder)));
  const words = [command, 'ingest', specPath, '--data-dir', dataDir];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The table could not be ingested: ${stderr}`);
  return dataDir;
}

function rowsOfAd(ad: number): string {
  let text = '';
  for (let day = 0; day < dayCount; day++) {
    const time = startMs + day * dayMs;
    text += `{"time":${time},"ad":"${adName(ad)}","country":"C${ad % 60}","impressions":${(ad * 31 + day * 7) % 5000},"clicks":${(ad + day) % 50},"spend":${(ad * 17 + day) % 100_000}}\n`;
  }
  return text;
}

function specFor(folder: string): unknown {
  const sums = ['impressions', 'clicks', 'spend'];
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 'ads',
        timestampSpec: { column: 'time', format: 'millis' },
        dimensionsSpec: { dimensions: ['ad', 'country'] },
        metricsSpec: sums.map((name) => ({ type: 'longSum', name, fieldName: name })),
        granularitySpec: {
          type: 'uniform',
          segmentGranularity: 'month',
          queryGranularity: 'day',
          rollup: true,
        },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'local', baseDir: folder, filter: 'rows.json' },
        inputFormat: { type: 'json' },
      },
      tuningConfig: { type: 'index_parallel' },
    },
  };
}
