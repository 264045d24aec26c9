/**
 * The answer that Apache Druid's tutorial prints for its wikiticker sample
 * (docs/tutorials/tutorial-query, wikipedia-top-pages.json), asked through `isotherm query`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isothermOk, serve, temporaryFolder, type Serving } from '../harness/isotherm-process.ts';
import { sharedFolder } from '../harness/shared-folder.ts';
import { specOf } from './tables.ts';

const shared = sharedFolder();

const topPages = {
  queryType: 'topN',
  dataSource: 'wikipedia',
  intervals: ['2015-09-12/2015-09-13'],
  granularity: 'all',
  dimension: 'page',
  metric: 'count',
  threshold: 10,
  aggregations: [{ type: 'count', name: 'count' }],
};

const printed: readonly [page: string, count: number][] = [
  ['Wikipedia:Vandalismusmeldung', 33],
  ['User:Cyde/List of candidates for speedy deletion/Subpage', 28],
  ['Jeremy Corbyn', 27],
  ["Wikipedia:Administrators' noticeboard/Incidents", 21],
  ['Flavia Pennetta', 20],
  ['Total Drama Presents: The Ridonculous Race', 18],
  ['User talk:Dudeperson176123', 18],
  ['Wikipédia:Le Bistro/12 septembre 2015', 18],
  ['Wikipedia:In the news/Candidates', 17],
  ['Wikipedia:Requests for page protection', 17],
];

describe.skipIf(shared === null)('the wikiticker tutorial', () => {
  const folder = temporaryFolder();
  const query = join(folder.path, 'wikipedia-top-pages.json');
  let serving: Serving;

  beforeAll(async () => {
    const dataDir = join(folder.path, 'data');
    const spec = specOf('wikipedia', shared ?? '', folder.path);
    await isothermOk('ingest', spec, '--data-dir', dataDir);
    serving = await serve('standalone', '--data-dir', dataDir, '--port', '0');
    writeFileSync(query, JSON.stringify(topPages));
  });

  afterAll(async () => {
    await serving?.stop();
    folder.remove();
  });

  it('gives the ten most edited pages that Druid’s documentation prints', async () => {
    const { stdout } = await isothermOk('query', query, '--url', serving.address);
    expect(JSON.parse(stdout)).toEqual([
      {
        timestamp: '2015-09-12T00:46:58.771Z',
        result: printed.map(([page, count]) => ({ page, count })),
      },
    ]);
  });
});
