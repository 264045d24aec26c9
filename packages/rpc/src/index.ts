export type {
  BrokerStatus,
  DataSourceSummary,
  HistoricalNode,
  Message,
  NodeCommand,
  QueryAnswer,
  QueryAnswerContext,
  QueryRequest,
  Routes,
  SegmentsAnswer,
  SegmentsRequest,
  ServedReport,
  ServingNode,
  TimelineUpdate,
} from './routes.ts';
export { serveRpc } from './server.ts';
export type { RpcServer, ServeOptions } from './server.ts';
export type { Handler, Handlers } from './handlers.ts';
export { rpcClient } from './client.ts';
export type { RpcClient } from './client.ts';
export { LocalCalls } from './local-calls.ts';
export type { CallOptions } from './call-limits.ts';
export { reconnectDelays } from './reconnect-delays.ts';
export { decodePartials } from './partial/decode-partials.ts';
export { encodePartials } from './partial/encode-partials.ts';
