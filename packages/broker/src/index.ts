export { startBroker } from './broker.ts';
export type { Broker, BrokerOptions } from './broker.ts';
export { parseBrokerConfig } from './config.ts';
export type { BrokerConfig } from './config.ts';
export { main } from './main.ts';
