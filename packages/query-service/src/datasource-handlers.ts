/** `/druid/v2/datasources`: names and columns of what the caller may see. */
import { NotFoundError, didYouMean } from '@isotherm/errors';
import type { DataSourceSummary } from '@isotherm/rpc';
import { mayKnow } from './access-scope.ts';
import type { Exchange, Service } from './exchange.ts';
import { sendJson } from './send-answer.ts';

/** Lists names: `["ads", …]`. */
export async function listDataSources(exchange: Exchange, service: Service): Promise<void> {
  const visible = await visibleSummaries(exchange, service);
  sendJson(
    exchange.response,
    visible.map(({ name }) => name),
  );
}

/** Columns of one: `{"dimensions": […], "metrics": […]}`. */
export async function describeDataSource(exchange: Exchange, service: Service): Promise<void> {
  const { dimensions, metrics } = await oneSummary(exchange, service);
  sendJson(exchange.response, { dimensions, metrics });
}

/** Dimensions of one: `[…]`. */
export async function listDimensions(exchange: Exchange, service: Service): Promise<void> {
  sendJson(exchange.response, (await oneSummary(exchange, service)).dimensions);
}

/** Metrics of one: `[…]`. */
export async function listMetrics(exchange: Exchange, service: Service): Promise<void> {
  sendJson(exchange.response, (await oneSummary(exchange, service)).metrics);
}

async function visibleSummaries(
  { scope }: Exchange,
  { broker }: Service,
): Promise<DataSourceSummary[]> {
  return (await broker.dataSources()).filter(({ name }) => mayKnow(scope, name));
}

async function oneSummary(exchange: Exchange, service: Service): Promise<DataSourceSummary> {
  const name = exchange.params['dataSource'] ?? '';
  const visible = await visibleSummaries(exchange, service);
  const found = visible.find((summary) => summary.name === name);
  if (found !== undefined) return found;
  const names = visible.map((summary) => summary.name);
  throw new NotFoundError(
    `Datasource "${name}" does not exist. GET /druid/v2/datasources lists them.${didYouMean(name, names)}`,
    { code: 'UNKNOWN_DATASOURCE', details: { dataSource: name } },
  );
}
