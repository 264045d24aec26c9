/** What `/metrics` shows, in Prometheus' text format and in base units. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The metrics of one service. */
export interface ServiceMetrics {
  readonly registry: Registry;
  /** Seconds from the first byte of the request to the last of the answer. */
  readonly queryDuration: Histogram<'type' | 'status'>;
  readonly inFlight: Gauge;
  /** Requests refused before they ran; `reason` is the error code. */
  readonly rejected: Counter<'reason'>;
  readonly rowsScanned: Counter;
}

const seconds = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300];

/** Makes the metrics. @param withProcess also CPU, memory and event loop of this process */
export function serviceMetrics({ withProcess }: { withProcess: boolean }): ServiceMetrics {
  const registry = new Registry();
  if (withProcess) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    queryDuration: new Histogram({
      name: 'isotherm_query_duration_seconds',
      help: 'Time from request to the end of the answer, by query type and HTTP status; 499 = the client went away.',
      labelNames: ['type', 'status'],
      buckets: seconds,
      registers,
    }),
    inFlight: new Gauge({
      name: 'isotherm_queries_inflight',
      help: 'Queries that run or wait at this moment.',
      registers,
    }),
    rejected: new Counter({
      name: 'isotherm_query_rejected_total',
      help: 'Requests refused because of load, size, form or origin, by error code.',
      labelNames: ['reason'],
      registers,
    }),
    rowsScanned: new Counter({
      name: 'isotherm_rows_scanned_total',
      help: 'Rows that historicals looked at for answered queries.',
      registers,
    }),
  };
}
