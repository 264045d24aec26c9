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
export type { Handler, Handlers, RpcServer, ServeOptions } from './server.ts';
export { rpcClient } from './client.ts';
export type { RpcClient } from './client.ts';
export type { CallOptions } from './call-limits.ts';
export { reconnectDelays } from './reconnect-delays.ts';
export { decodePartials } from './partial/decode-partials.ts';
export { encodePartials } from './partial/encode-partials.ts';
