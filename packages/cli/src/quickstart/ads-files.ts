/** Writes the quickstart's data as CSV files of ten days each, or finds that they are there already. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adsDayCount, adsDays, adsHeader } from './ads-data.ts';

/** Says which data the folder holds; written last, so that a stopped run is not taken for a whole one. */
const stampName = 'ads-data.json';
const daysPerFile = 10;

/** What was written or found. */
export interface AdsFiles {
  readonly rowCount: number;
  readonly fileCount: number;
  readonly wasThere: boolean;
}

/**
 * Fills `folder` with `ads-00.csv` … `ads-08.csv`.
 *
 * @param onDay called after each day with the rows so far
 */
export async function writeAdsFiles(
  folder: string,
  options: { readonly seed: number; readonly rowCount: number },
  onDay: (rowCount: number) => void,
  signal: AbortSignal,
): Promise<AdsFiles> {
  const fileCount = Math.ceil(adsDayCount / daysPerFile);
  const stamp = `${JSON.stringify({ generator: 2, ...options })}\n`;
  const stampPath = join(folder, stampName);
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) {
    return { rowCount: options.rowCount, fileCount, wasThere: true };
  }
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder).filter((name) => name.startsWith('ads-'))) {
    rmSync(join(folder, name));
  }
  let rowCount = 0;
  for (const day of adsDays(options)) {
    const index = Math.floor(day.dayIndex / daysPerFile);
    const path = join(folder, `ads-${String(index).padStart(2, '0')}.csv`);
    if (day.dayIndex % daysPerFile === 0) await writeFile(path, adsHeader + day.text);
    else await appendFile(path, day.text);
    rowCount += day.rowCount;
    onDay(rowCount);
    signal.throwIfAborted();
  }
  writeFileSync(stampPath, stamp);
  return { rowCount, fileCount, wasThere: false };
}
