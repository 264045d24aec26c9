/** The ingestion spec of the quickstart's data; examples/ads.json is the same with another folder. */

/** Datasource of the quickstart. */
export const adsDataSource = 'ads';

/** @param baseDir folder of the CSV files, relative to the spec */
export function adsSpec(baseDir: string): Readonly<Record<string, unknown>> {
  const text = ['ad_account', 'campaign', 'ad_group', 'ad', 'country', 'device', 'placement'];
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: adsDataSource,
        timestampSpec: { column: 'time', format: 'iso' },
        dimensionsSpec: { dimensions: text },
        metricsSpec: [
          { type: 'count', name: 'rows' },
          { type: 'longSum', name: 'impressions', fieldName: 'impressions' },
          { type: 'longSum', name: 'clicks', fieldName: 'clicks' },
          { type: 'longSum', name: 'spend_micros', fieldName: 'spend_micros' },
          { type: 'hyperUnique', name: 'users', fieldName: 'user_id' },
        ],
        granularitySpec: {
          type: 'uniform',
          segmentGranularity: 'day',
          queryGranularity: 'hour',
          rollup: true,
          intervals: ['2026-06-01/2026-08-30'],
        },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'local', baseDir, filter: 'ads-*.csv' },
        inputFormat: { type: 'csv', findColumnsFromHeader: true },
      },
      tuningConfig: { type: 'index_parallel' },
    },
  };
}
