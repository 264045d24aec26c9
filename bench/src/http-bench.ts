/**
 * The queries over HTTP: one client after the other, then 16 at once with many small queries, then
 * one with a filter of 100,000 values. The client shares the two cores with the service.
 */
import { type HttpService, startService } from './http-service.ts';
import { checkAgree, checkEstimates, hyperUniqueTolerance, nativeAnswer } from './answers.ts';
import type { AnswerRow } from './answers.ts';
import { medianMs, quantile, timeOnce } from './measure.ts';
import type { BenchQuery } from './queries.ts';
import { dimensionOf, textOf } from './table.ts';

const clientCount = 16;
const loadMs = 4000;
const manyValues = 100_000;

/** One query over HTTP. */
export interface HttpFigures {
  readonly ms: number;
  readonly bytes: number;
}

/** Many clients at once. */
export interface LoadFigures {
  readonly queriesPerSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Everything that is measured over HTTP. */
export interface HttpReport {
  readonly queries: Readonly<Record<string, HttpFigures>>;
  readonly oneAd16Clients: LoadFigures;
  readonly fiveAds16Clients: LoadFigures;
  readonly in100k: HttpFigures;
}

/** Starts the service, checks its answers against the engine's, and measures. */
export async function benchHttp(
  dataDir: string,
  queries: readonly BenchQuery[],
  options: {
    readonly answers: ReadonlyMap<string, readonly AnswerRow[]>;
    readonly exactUsers: readonly AnswerRow[];
    /** Q9; the queries under load are made from it. */
    readonly oneAd: Native;
    readonly ads: readonly string[];
    readonly log: (line: string) => void;
  },
): Promise<HttpReport> {
  const service = await startService(dataDir);
  try {
    const figures: Record<string, HttpFigures> = {};
    for (const query of queries) {
      const rows = nativeAnswer(query, (await service.post(encode(query.native))).toString('utf8'));
      if (query.isApproximate) {
        const told = { name: 'http', tolerance: hyperUniqueTolerance };
        checkEstimates(query, told, rows, options.exactUsers);
      } else {
        checkAgree(query, { http: rows, engine: options.answers.get(query.name) ?? [] });
      }
      figures[query.name] = await timeQuery(service, query.native);
      options.log(`${query.name} over HTTP: ${figures[query.name].ms.toFixed(2)} ms`);
    }
    const { oneAd } = options;
    const one = options.ads.map((ad) => withFilter(oneAd, { dimension: 'ad', values: [ad] }));
    const oneAd16Clients = await underLoad(service, one);
    const fiveAds16Clients = await underLoad(service, fiveAdsQueries(oneAd, options.ads));
    const in100k = await timeQuery(service, manyAds(oneAd));
    return { queries: figures, oneAd16Clients, fiveAds16Clients, in100k };
  } finally {
    await service.close();
  }
}

type Native = Readonly<Record<string, unknown>>;

function withFilter(
  native: Native,
  filter: { readonly dimension: string; readonly values: readonly string[] },
): Native {
  const [first = ''] = filter.values;
  return {
    ...native,
    filter:
      filter.values.length === 1
        ? { type: 'selector', dimension: filter.dimension, value: first }
        : { type: 'in', ...filter },
  };
}

/** Five ads, seven days, by ad and day: a report page of an advertiser. */
function fiveAdsQueries(oneAd: Native, ads: readonly string[]): Native[] {
  const { context: _, ...rest } = oneAd;
  return ads.slice(0, -5).map((_ad, at) =>
    withFilter(
      {
        ...rest,
        queryType: 'groupBy',
        dimensions: ['ad'],
        intervals: ['2026-03-02/2026-03-09'],
      },
      { dimension: 'ad', values: ads.slice(at, at + 5) },
    ),
  );
}

/** One sum over 100,000 ads. */
function manyAds(oneAd: Native): Native {
  const ad = dimensionOf('ad');
  const values = Array.from({ length: manyValues }, (_, at) => textOf(ad, at * 5));
  return withFilter({ ...oneAd, granularity: 'all' }, { dimension: 'ad', values });
}

async function timeQuery(service: HttpService, native: unknown): Promise<HttpFigures> {
  const body = encode(native);
  const answer = await service.post(body);
  const ms = await medianMs(() => service.post(body));
  return { ms, bytes: answer.byteLength };
}

/** A closed loop of clients that take the queries in turn. */
async function underLoad(service: HttpService, natives: readonly Native[]): Promise<LoadFigures> {
  const bodies = natives.map(encode);
  let next = 0;
  const client = async (untilMs: number, times: number[]): Promise<void> => {
    while (performance.now() < untilMs) {
      const body = bodies[next++ % bodies.length];
      times.push(await timeOnce(() => service.post(body)));
    }
  };
  const all = (untilMs: number, times: number[]): Promise<unknown> =>
    Promise.all(Array.from({ length: clientCount }, () => client(untilMs, times)));
  await all(performance.now() + loadMs / 4, []);
  const times: number[] = [];
  const started = performance.now();
  await all(started + loadMs, times);
  const seconds = (performance.now() - started) / 1000;
  return {
    queriesPerSecond: Math.round(times.length / seconds),
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
  };
}

function encode(native: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(native));
}
