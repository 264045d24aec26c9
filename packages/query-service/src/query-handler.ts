/** `POST /druid/v2`: reads and checks a native query, asks the broker, and passes the answer on. */
import { CancelledError } from '@isotherm/errors';
import { parseQuery } from '@isotherm/query';
import type { Exchange, Service } from './exchange.ts';
import { parseJson } from './parse-json.ts';
import { type QueryRecord, newRecord, queryLogLine } from './query-log.ts';
import { readJsonBody } from './request-body.ts';
import { type Refusal, asRefusal } from './refusal.ts';
import { sendAnswer, sendError } from './send-answer.ts';

/** A query that names no time limit has the broker's, which is not known here. */
const brokersTimeoutMs = 0;
/** What the log and the metrics call the status of a query whose client went away. */
const clientGone = 499;

/** Answers one query. Never rejects: errors are the answer. */
export async function answerQuery(exchange: Exchange, service: Service): Promise<void> {
  const { response } = exchange;
  const { clock, metrics, random } = service;
  const startedMs = clock.monotonicMs();
  const record = newRecord(random.id());
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort(new CancelledError('The client went away.'));
  });
  metrics.inFlight.inc();
  try {
    await runQuery(exchange, service, { record, signal: gone.signal });
  } catch (error) {
    const refusal = asRefusal(error);
    const isGone = gone.signal.aborted;
    noteFailure(record, { refusal, isGone });
    if (refusal.error.kind === 'InvariantError' && !isGone) service.logUnexpected(error);
    sendError(response, refusal, record.queryId);
  } finally {
    metrics.inFlight.dec();
    noteEnd(record, clock.monotonicMs() - startedMs, service);
  }
}

async function runQuery(
  { request, response, scope, isPretty }: Exchange,
  { broker, maxBodyBytes }: Service,
  { record, signal }: { record: QueryRecord; signal: AbortSignal },
): Promise<void> {
  const { json, text } = parseJson(await readJsonBody(request, maxBodyBytes));
  const query = parseQuery(json, { queryId: record.queryId, timeoutMs: brokersTimeoutMs });
  record.queryId = query.context.queryId;
  record.queryType = query.queryType;
  record.dataSource = query.dataSource.name;
  record.intervals = query.intervals;
  const { queryId } = record;
  const asked = { queryId, allowedDataSources: scope.dataSources };
  const items = broker.query({ json: asked, bytes: [text], query }, signal);
  await sendAnswer(response, items, {
    queryId,
    isPretty,
    signal,
    onContext: ({ scannedRows, rowCount, segmentsAnswered, segmentsTotal }) =>
      Object.assign(record, { scannedRows, rowCount, segmentsAnswered, segmentsTotal }),
  });
}

function noteFailure(
  record: QueryRecord,
  { refusal: { status, error }, isGone }: { refusal: Refusal; isGone: boolean },
): void {
  record.status = isGone ? clientGone : status;
  record.code = isGone ? 'CLIENT_GONE' : error.code;
  record.reason = status >= 500 && !isGone ? error.message : null;
}

function noteEnd(
  record: QueryRecord,
  durationMs: number,
  { clock, metrics, slowQueryMs, log }: Service,
): void {
  const { queryType: type, status, code } = record;
  metrics.queryDuration.observe({ type, status: String(status) }, durationMs / 1000);
  metrics.rowsScanned.inc(record.scannedRows);
  if (code !== null && refusedStatuses.has(status)) metrics.rejected.inc({ reason: code });
  if (code !== null || durationMs >= slowQueryMs) {
    log(queryLogLine(record, { nowMs: clock.nowMs(), durationMs }));
  }
}

/** Statuses of requests that were turned away without having run. */
const refusedStatuses: ReadonlySet<number> = new Set([400, 404, 413, 415, 429]);
