/** Every path that the service answers. */
import {
  describeDataSource,
  listDataSources,
  listDimensions,
  listMetrics,
} from './datasource-handlers.ts';
import type { Exchange, Service } from './exchange.ts';
import { answerQuery } from './query-handler.ts';
import {
  cancelQuery,
  showHealth,
  showMetrics,
  showReady,
  showSelfDiscovered,
  showStatus,
} from './status-handlers.ts';

/** One method on one path; a slash at its end makes no difference. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Parts that begin with `:` are parameters. */
  readonly path: string;
  /** Other methods on such paths mean other things, so they are unknown paths and not wrong methods. */
  readonly isOpenToOthers?: boolean;
  readonly handle: (exchange: Exchange, service: Service) => Promise<void> | void;
}

/** All routes. A path with parameters stands after those that it would also match. */
export const routes: readonly Route[] = [
  { method: 'POST', path: '/druid/v2', handle: answerQuery },
  { method: 'GET', path: '/druid/v2/datasources', handle: listDataSources },
  { method: 'GET', path: '/druid/v2/datasources/:dataSource', handle: describeDataSource },
  { method: 'GET', path: '/druid/v2/datasources/:dataSource/dimensions', handle: listDimensions },
  { method: 'GET', path: '/druid/v2/datasources/:dataSource/metrics', handle: listMetrics },
  { method: 'DELETE', path: '/druid/v2/:queryId', isOpenToOthers: true, handle: cancelQuery },
  { method: 'GET', path: '/status', handle: showStatus },
  { method: 'GET', path: '/status/health', handle: showHealth },
  { method: 'GET', path: '/status/ready', handle: showReady },
  { method: 'GET', path: '/status/selfDiscovered', handle: showSelfDiscovered },
  { method: 'GET', path: '/status/selfDiscovered/status', handle: showSelfDiscovered },
  { method: 'GET', path: '/metrics', handle: showMetrics },
];
