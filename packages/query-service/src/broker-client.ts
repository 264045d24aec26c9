/** The broker as the query service sees it; tests put another one in its place. */
import type {
  BrokerStatus,
  DataSourceSummary,
  Message,
  QueryAnswer,
  QueryRequest,
  RpcClient,
} from '@isotherm/rpc';

/** Calls of a broker. All throw UnavailableError when it cannot be reached. */
export interface BrokerClient {
  /** Answers a query; see `broker.query` in the routes. Stopping early, or the signal, cancels it. */
  query(request: Message<QueryRequest>, signal: AbortSignal): AsyncIterable<Message<QueryAnswer>>;
  cancel(queryId: string): Promise<boolean>;
  dataSources(): Promise<readonly DataSourceSummary[]>;
  status(): Promise<BrokerStatus>;
}

/** Small calls take no longer than this. */
const timeoutMs = 10_000;

/** The broker behind a connection. */
export function rpcBroker(client: RpcClient): BrokerClient {
  return {
    query: (request, signal) => client.call('broker.query', request, { signal }),
    async cancel(queryId) {
      const message = { json: { queryId }, bytes: [] };
      return (await client.callOnce('broker.cancel', message, { timeoutMs })).json.cancelled;
    },
    async dataSources() {
      return (await client.callOnce('broker.dataSources', { json: {}, bytes: [] }, { timeoutMs }))
        .json;
    },
    async status() {
      return (await client.callOnce('broker.status', { json: {}, bytes: [] }, { timeoutMs })).json;
    },
  };
}
