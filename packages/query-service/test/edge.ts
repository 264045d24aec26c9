/** The edge on a free port, with a broker that does what a test says, and a plain HTTP client. */
import { type IncomingHttpHeaders, type Server, createServer, request } from 'node:http';
import { nodeClock, seededRandom } from '@isotherm/platform';
import type { Message, QueryAnswer, QueryAnswerContext, QueryRequest } from '@isotherm/rpc';
import { type BrokerClient, queryServiceApp, serviceMetrics } from '../src/index.ts';

/** Facts of an answer over one segment. */
export const answerContext: QueryAnswerContext = {
  timelineVersion: 5,
  segmentsAnswered: 1,
  segmentsTotal: 1,
  scannedRows: 1000,
  rowCount: 1,
  partial: false,
  missingSegments: [],
  uncoveredIntervals: [],
};

/** An answer of these texts, one item each. */
export async function* answer(...texts: readonly string[]): AsyncGenerator<Message<QueryAnswer>> {
  for (const [index, text] of texts.entries()) {
    const bytes = [new TextEncoder().encode(text)];
    yield { json: { context: index === 0 ? answerContext : null }, bytes };
  }
}

/** A broker of which a test sets what it needs. */
export interface FakeBroker extends BrokerClient {
  readonly requests: Message<QueryRequest>[];
  readonly signals: AbortSignal[];
  readonly cancelled: string[];
  answering: (
    request: Message<QueryRequest>,
    signal: AbortSignal,
  ) => AsyncIterable<Message<QueryAnswer>>;
}

function fakeBroker(): FakeBroker {
  const broker: FakeBroker = {
    requests: [],
    signals: [],
    cancelled: [],
    answering: () => answer('[]'),
    query(given, signal) {
      broker.requests.push(given);
      broker.signals.push(signal);
      return broker.answering(given, signal);
    },
    async cancel(queryId) {
      broker.cancelled.push(queryId);
      return false;
    },
    async dataSources() {
      return [
        {
          name: 'ads',
          dimensions: ['country', 'device'],
          metrics: ['clicks'],
          segmentCount: 3,
          rowCount: 3000,
        },
      ];
    },
    async status() {
      return { timelineVersion: 5, visibleSegments: 3, unavailableSegments: 0, viewAgeMs: 0 };
    },
  };
  return broker;
}

/** A service that listens. */
export interface Edge {
  readonly broker: FakeBroker;
  readonly port: number;
  readonly log: string[];
  readonly unexpected: unknown[];
  send(options: RequestOptions): Promise<Reply>;
  close(): Promise<void>;
}

/** A request; a body that is no text or bytes goes as JSON. */
export interface RequestOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** False when the stream broke off. */
  readonly isWhole: boolean;
}

export async function startEdge(
  config: { listen?: string; allowedHosts?: readonly string[]; slowQueryMs?: number } = {},
): Promise<Edge> {
  const broker = fakeBroker();
  const log: string[] = [];
  const unexpected: unknown[] = [];
  const app = queryServiceApp(
    {
      broker,
      clock: nodeClock(),
      random: seededRandom(1),
      metrics: serviceMetrics({ withProcess: false }),
      maxBodyBytes: 16 * 1024 * 1024,
      slowQueryMs: config.slowQueryMs ?? 60_000,
      log: (line) => log.push(line),
      logUnexpected: (error) => unexpected.push(error),
    },
    { listen: config.listen ?? '127.0.0.1:8888', allowedHosts: config.allowedHosts ?? [] },
  );
  const server = createServer(app);
  const port = await listen(server);
  return {
    broker,
    port,
    log,
    unexpected,
    send: (options) => send(port, options),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      if (typeof bound === 'object' && bound !== null) resolve(bound.port);
      else reject(new Error('It does not listen.'));
    });
  });
}

/** Sends one request on a connection of its own. */
export function send(port: number, options: RequestOptions): Promise<Reply> {
  const { method = 'POST', path = '/druid/v2', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port,
        host: '127.0.0.1',
        method,
        path,
        agent: false,
        headers: { ...(body === undefined ? {} : jsonHeaders), ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        const end = (isWhole: boolean): void =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
            isWhole,
          });
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => end(true));
        response.on('error', () => end(false));
      },
    );
    sent.on('error', reject);
    if (body instanceof Uint8Array || typeof body === 'string') sent.end(body);
    else sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const jsonHeaders = { 'Content-Type': 'application/json' };

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`It never held: ${String(holds)}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}
