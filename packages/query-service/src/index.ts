export { queryServiceApp } from './app.ts';
export type { EdgeConfig } from './app.ts';
export type { AccessScope } from './access-scope.ts';
export type { BrokerClient } from './broker-client.ts';
export { parseQueryServiceConfig } from './config.ts';
export type { QueryServiceConfig } from './config.ts';
export type { Service } from './exchange.ts';
export { main } from './main.ts';
export { serviceMetrics } from './metrics.ts';
export type { ServiceMetrics } from './metrics.ts';
export { startQueryService } from './service.ts';
export type { QueryService, QueryServiceOptions } from './service.ts';
// A type of the options: who starts all roles in one process makes one for them.
export { LocalCalls } from '@isotherm/rpc';
