/** `/status` and what lies below it, `/metrics`, and cancelling. */
import type { Exchange, Service } from './exchange.ts';
import { commonHeaders, sendJson } from './send-answer.ts';
import { druidVersion, version } from './version.ts';

/** Version and memory, in Druid's shape. Clients switch on `version`, so it is the Druid that we answer like. */
export function showStatus({ response }: Exchange): void {
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
  sendJson(response, {
    version: druidVersion,
    modules: [{ name: 'isotherm', artifact: 'query-service', version }],
    memory: {
      maxMemory: rss,
      totalMemory: heapTotal,
      freeMemory: heapTotal - heapUsed,
      usedMemory: heapUsed,
      directMemory: external,
    },
  });
}

/** The process answers. */
export function showHealth({ response }: Exchange): void {
  sendJson(response, true);
}

/** Druid's form of the same. */
export function showSelfDiscovered({ response }: Exchange): void {
  sendJson(response, { selfDiscovered: true });
}

/** 200 once queries find a known timeline of which every segment is served, else 503 and why. */
export async function showReady({ response }: Exchange, { broker }: Service): Promise<void> {
  const status = await broker.status();
  const { timelineVersion, unavailableSegments } = status;
  const isReady = timelineVersion !== null && unavailableSegments === 0;
  if (!isReady) response.setHeader('Retry-After', '1');
  const reason =
    timelineVersion === null
      ? 'The broker does not know the timeline yet.'
      : `${unavailableSegments} of ${status.visibleSegments} visible segments are served by no node.`;
  sendJson(
    response,
    { ready: isReady, ...(isReady ? {} : { reason }), ...status },
    isReady ? 200 : 503,
  );
}

/** Prometheus' text format. */
export async function showMetrics({ response }: Exchange, { metrics }: Service): Promise<void> {
  const text = await metrics.registry.metrics();
  response.writeHead(200, { ...commonHeaders, 'Content-Type': metrics.registry.contentType });
  response.end(text);
}

/** Cancels queries by id; 202 whether there were any or not, as Druid answers. */
export async function cancelQuery({ response, params }: Exchange, service: Service): Promise<void> {
  await service.broker.cancel(params['queryId'] ?? '');
  response.writeHead(202, commonHeaders);
  response.end();
}
