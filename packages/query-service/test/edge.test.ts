import { connect } from 'node:net';
import { CapacityError, TimeoutError, UnavailableError } from '@isotherm/errors';
import type { Message, QueryRequest } from '@isotherm/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Edge, type RequestOptions, answer, answerContext, startEdge, until } from './edge.ts';

const query = {
  queryType: 'timeseries',
  dataSource: 'ads',
  granularity: 'all',
  intervals: '2026-01-01/2026-01-05',
  aggregations: [{ type: 'count', name: 'rows' }],
};

let edge: Edge;
beforeEach(async () => {
  edge = await startEdge();
});
afterEach(() => edge.close());

/** The query as nodes in other processes will read it. */
function textsOf(request: Message<QueryRequest> | undefined): unknown[] {
  return (request?.bytes ?? []).map((bytes): unknown =>
    JSON.parse(new TextDecoder().decode(bytes)),
  );
}

describe('POST /druid/v2', () => {
  it.each(['/druid/v2', '/druid/v2/', '/druid/v2?pretty=false'])('answers at %s', async (path) => {
    edge.broker.answering = () => answer('[{"timestamp":"t",', '"result":{"rows":3}}]');
    const reply = await edge.send({ path, body: query });
    expect([reply.status, reply.body, reply.isWhole]).toEqual([
      200,
      '[{"timestamp":"t","result":{"rows":3}}]',
      true,
    ]);
  });

  it('passes the query on as it came, with an id and what the caller may see', async () => {
    await edge.send({ body: { ...query, context: { queryId: 'mine' } } });
    const [request] = edge.broker.requests;
    expect(request?.json).toEqual({ queryId: 'mine', allowedDataSources: null });
    expect(textsOf(request)).toEqual([{ ...query, context: { queryId: 'mine' } }]);
    // A time limit of 0 is the broker's to set.
    expect(request?.query).toMatchObject({ context: { queryId: 'mine', timeoutMs: 0 } });
  });

  it('keeps every digit of long numbers', async () => {
    const filter = '{"type":"selector","dimension":"id","value":9007199254740993}';
    const body = JSON.stringify(query).replace('{', `{"filter":${filter},`);
    expect((await edge.send({ body })).status).toBe(200);
    const filtered = { filter: { value: '9007199254740993' } };
    expect(textsOf(edge.broker.requests[0])).toMatchObject([filtered]);
    expect(edge.broker.requests[0]?.query).toMatchObject(filtered);
  });

  it('tells the query id and the facts of the answer in headers', async () => {
    const { headers } = await edge.send({ body: { ...query, context: { queryId: 'q9' } } });
    expect(headers['x-druid-query-id']).toBe('q9');
    expect(JSON.parse(String(headers['x-druid-response-context']))).toEqual({
      ...answerContext,
      uncoveredIntervalsOverflowed: false,
    });
    expect(headers['content-type']).toBe('application/json');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('gives a query an id when it has none', async () => {
    const { headers } = await edge.send({ body: query });
    expect(headers['x-druid-query-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(edge.broker.requests[0]?.json.queryId).toBe(headers['x-druid-query-id']);
  });

  it('has its length when it is short, with and without a slash at the end of the path', async () => {
    edge.broker.answering = () => answer('[{"a":1}]');
    for (const path of ['/druid/v2', '/druid/v2/', '/druid/v2?x=1']) {
      const { status, headers, body } = await edge.send({ path, body: query });
      expect([status, headers['content-length'], body]).toEqual([200, '9', '[{"a":1}]']);
    }
  });

  it('lays the answer out with ?pretty', async () => {
    edge.broker.answering = () => answer('[{"a":1', ',"b":[]}]');
    const { body } = await edge.send({ path: '/druid/v2/?pretty', body: query });
    expect(body).toBe('[\n  {\n    "a": 1,\n    "b": []\n  }\n]');
  });
});

describe('an error', () => {
  const table: [name: string, error: Error, status: number, headers: Record<string, string>][] = [
    [
      'of load',
      new CapacityError('Full.', { retryAfterSeconds: 0.2 }),
      429,
      { 'retry-after': '1' },
    ],
    ['of availability', new UnavailableError('Away.'), 503, { 'retry-after': '1' }],
    ['of time', new TimeoutError('Late.'), 504, {}],
  ];
  it.each(table)('%s has its status and headers', async (_name, error, status, headers) => {
    // An answer that consists of its failure.
    // eslint-disable-next-line require-yield
    edge.broker.answering = async function* () {
      throw error;
    };
    const reply = await edge.send({ body: { ...query, context: { queryId: 'q1' } } });
    expect(reply.status).toBe(status);
    expect(reply.headers).toMatchObject({ ...headers, 'x-druid-query-id': 'q1' });
    expect(reply.headers['content-type']).toBe('application/json');
    expect(JSON.parse(reply.body)).toMatchObject({ errorMessage: error.message });
  });

  it('that nobody foresaw tells nothing of itself', async () => {
    // eslint-disable-next-line require-yield
    edge.broker.answering = async function* () {
      throw new TypeError('secret place');
    };
    const reply = await edge.send({ body: query });
    expect(reply.status).toBe(500);
    expect(reply.body).not.toContain('secret');
    expect(String(edge.unexpected[0])).toBe('TypeError: secret place');
  });

  it('is the answer when the broker answers nothing at all', async () => {
    edge.broker.answering = () => answer();
    expect((await edge.send({ body: query })).status).toBe(500);
  });

  it('after the first byte breaks the stream off, and never ends it', async () => {
    edge.broker.answering = async function* () {
      yield* answer('[{"timestamp":"t"}', ',');
      await pause();
      throw new UnavailableError('A node was lost.');
    };
    const reply = await edge.send({ body: query });
    expect([reply.status, reply.isWhole]).toEqual([200, false]);
  });

  it('after the first item alone is still the answer, since nothing was sent', async () => {
    edge.broker.answering = async function* () {
      yield* answer('[{"timestamp":"t"}');
      throw new UnavailableError('A node was lost.');
    };
    const reply = await edge.send({ body: query });
    expect([reply.status, reply.isWhole, reply.headers['retry-after']]).toEqual([503, true, '1']);
    expect(JSON.parse(reply.body)).toMatchObject({ errorMessage: 'A node was lost.' });
  });

  it('leaves nothing that looks like an end on the wire', async () => {
    edge.broker.answering = async function* () {
      yield* answer('[1', ',');
      await pause();
      throw new UnavailableError('A node was lost.');
    };
    const wire = await rawExchange(edge.port, JSON.stringify(query));
    expect(wire).toContain('[1');
    expect(wire.endsWith('0\r\n\r\n')).toBe(false);
  });
});

describe('a request that is refused', () => {
  const big = new Uint8Array(20_000_000).fill(0x20);
  const table: [
    name: string,
    options: RequestOptions,
    status: number,
    code: string,
    message: string,
  ][] = [
    [
      'text instead of JSON',
      { body: 'a', headers: { 'Content-Type': 'text/plain' } },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      '"Content-Type" is "text/plain", which is not read here. Send JSON with "Content-Type: application/json".',
    ],
    [
      'compressed',
      { body: 'a', headers: { 'Content-Encoding': 'gzip' } },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      '"Content-Encoding" is "gzip", which is not read here. Send JSON with "Content-Type: application/json".',
    ],
    [
      'of 20 MB',
      { body: big },
      413,
      'BODY_TOO_LARGE',
      'The request body is larger than 16777216 bytes. Send fewer values, or several queries.',
    ],
    [
      'of 20 MB that do not say so',
      { body: big, headers: { 'Transfer-Encoding': 'chunked' } },
      413,
      'BODY_TOO_LARGE',
      'The request body is larger than 16777216 bytes. Send fewer values, or several queries.',
    ],
    [
      'nested 65 levels deep',
      { body: '['.repeat(65) },
      400,
      'JSON_TOO_DEEP',
      'Invalid native query: The request is nested more than 64 levels deep. Flatten its filters, or use "in".',
    ],
    [
      'without a query type',
      { body: {} },
      400,
      'MISSING_FIELD',
      'Invalid native query: "queryType" is missing. Add it.',
    ],
    [
      'with the wrong method',
      { method: 'PUT' },
      405,
      'METHOD_NOT_ALLOWED',
      'PUT does not work on "/druid/v2". Use POST.',
    ],
    [
      'for a path that cannot be read',
      { method: 'DELETE', path: '/druid/v2/%E0%A4%A' },
      400,
      'INVALID_URL',
      'The address of the request cannot be read. Check its percent signs.',
    ],
    [
      'under a name of another site',
      { method: 'GET', path: '/status', headers: { Host: 'evil.example:8888' } },
      403,
      'HOST_NOT_ALLOWED',
      'Host "evil.example:8888" is not one that this service answers to. Use 127.0.0.1 or localhost, or add it to "allowedHosts".',
    ],
  ];
  it.each(table)('%s', async (_name, options, status, code, errorMessage) => {
    const reply = await edge.send(options);
    expect([reply.status, reply.isWhole]).toEqual([status, true]);
    expect(JSON.parse(reply.body)).toMatchObject({ code, errorMessage });
    expect(reply.headers['content-type']).toBe('application/json');
    expect(edge.broker.requests).toEqual([]);
  });

  it('has the whole of Druid’s error body, and ours', async () => {
    const bodyOf = async (options: RequestOptions): Promise<unknown> =>
      JSON.parse((await edge.send(options)).body);
    expect(await bodyOf({ body: big })).toEqual({
      error: 'druidException',
      errorCode: 'invalidInput',
      persona: 'USER',
      category: 'INVALID_INPUT',
      errorMessage:
        'The request body is larger than 16777216 bytes. Send fewer values, or several queries.',
      errorClass: null,
      host: null,
      code: 'BODY_TOO_LARGE',
      details: { maxBytes: 16_777_216 },
    });
    expect(await bodyOf({ body: '{"queryType"' })).toEqual({
      error: 'Json parse failed',
      errorCode: 'legacyQueryException',
      persona: 'USER',
      category: 'INVALID_INPUT',
      errorMessage:
        'Invalid native query: The request body ends too early: line 1, column 13. Check quotes, commas and brackets before that place.',
      errorClass: null,
      host: null,
      code: 'INVALID_JSON',
      details: { line: 1, column: 13 },
    });
  });

  it('of 20 MB is answered within 50 ms', async () => {
    await edge.send({ method: 'GET', path: '/status' });
    const durations: number[] = [];
    // The best of a few, because other tests share the machine.
    for (let attempt = 0; attempt < 5; attempt++) {
      const startedMs = performance.now();
      expect((await edge.send({ body: big })).status).toBe(413);
      durations.push(performance.now() - startedMs);
    }
    expect(Math.min(...durations)).toBeLessThan(50);
  });

  it.each([
    ['POST', '/druid/v2/sql'],
    ['POST', '/druid/v2/sql/'],
    ['GET', '/druid/v2/sql'],
    ['GET', '/druid/coordinator/v1/loadstatus'],
    ['POST', '/druid/indexer/v1/task'],
  ])('%s %s is unknown, which clients take for "not there"', async (method, path) => {
    const reply = await edge.send({ method, path });
    expect([reply.status, (JSON.parse(reply.body) as { code: string }).code]).toEqual([
      404,
      'UNKNOWN_PATH',
    ]);
  });

  it('names the methods that work', async () => {
    const { headers } = await edge.send({ method: 'PATCH', path: '/druid/v2' });
    expect(headers['allow']).toBe('POST');
  });

  it('for a path that does not exist names the nearest one', async () => {
    const reply = await edge.send({ method: 'GET', path: '/statuss' });
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.body)).toMatchObject({
      errorMessage:
        'Path "/statuss" does not exist. Paths: /druid/v2, /druid/v2/datasources, /druid/v2/datasources/:dataSource, /druid/v2/datasources/:dataSource/dimensions, /druid/v2/datasources/:dataSource/metrics, /druid/v2/:queryId, /status, /status/health, /status/ready, /status/selfDiscovered, /status/selfDiscovered/status, /metrics. Did you mean "/status"?',
    });
  });
});

describe('a Host header', () => {
  it.each(['localhost:8888', '127.0.0.1', '[::1]:8888', 'LOCALHOST'])(
    'of %s is ours',
    async (Host) => {
      expect((await edge.send({ method: 'GET', path: '/status', headers: { Host } })).status).toBe(
        200,
      );
    },
  );

  it('of another site is refused for queries as for everything else, and counted', async () => {
    for (const path of ['/druid/v2', '/druid/v2?pretty']) {
      const { status, body } = await edge.send({
        path,
        body: query,
        headers: { Host: 'evil.example' },
      });
      expect([status, JSON.parse(body)]).toMatchObject([403, { code: 'HOST_NOT_ALLOWED' }]);
    }
    expect(edge.broker.requests).toEqual([]);
    const metrics = await edge.send({ method: 'GET', path: '/metrics' });
    expect(metrics.body).toContain('isotherm_query_rejected_total{reason="HOST_NOT_ALLOWED"} 2');
  });

  it('of a name in allowedHosts is ours too; all are where other machines may ask', async () => {
    const named = await startEdge({ allowedHosts: ['olap.internal'] });
    const open = await startEdge({ listen: '0.0.0.0:8888' });
    const headers = { Host: 'olap.internal:8888' };
    expect((await named.send({ method: 'GET', path: '/status', headers })).status).toBe(200);
    expect((await open.send({ method: 'GET', path: '/status', headers })).status).toBe(200);
    await named.close();
    await open.close();
  });
});

describe('a client', () => {
  it('that goes away cancels its query', async () => {
    edge.broker.answering = async function* (_request, signal) {
      yield* answer('[');
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      signal.throwIfAborted();
    };
    const socket = connect(edge.port, '127.0.0.1');
    const body = JSON.stringify(query);
    socket.write(httpPost(body));
    await until(() => edge.broker.signals.length === 1);
    socket.destroy();
    await until(() => edge.broker.signals[0]?.aborted === true);
    await until(() => edge.log.length === 1);
    expect(JSON.parse(edge.log[0] ?? '')).toMatchObject({ status: 499, code: 'CLIENT_GONE' });
    expect(edge.unexpected).toEqual([]);
  });

  it('that reads slowly slows the answer down', async () => {
    const chunk = 'x'.repeat(64 * 1024);
    const chunkCount = 1000;
    let taken = 0;
    edge.broker.answering = async function* () {
      for (; taken < chunkCount; taken++) {
        const context = taken === 0 ? answerContext : null;
        yield { json: { context }, bytes: [new TextEncoder().encode(chunk)] };
      }
    };
    const socket = connect(edge.port, '127.0.0.1').pause();
    socket.write(httpPost(JSON.stringify(query)));
    let before = -1;
    await until(() => taken > 0);
    while (before !== taken) {
      before = taken;
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
    expect(taken).toBeLessThan(chunkCount / 2);
    expect(edge.unexpected).toEqual([]);
    socket.resume();
    await until(() => taken === chunkCount);
    socket.destroy();
  });
});

describe('the other paths', () => {
  const table: [method: string, path: string, status: number, body: unknown][] = [
    ['GET', '/status/health', 200, true],
    ['GET', '/status/selfDiscovered', 200, { selfDiscovered: true }],
    ['GET', '/druid/v2/datasources', 200, ['ads']],
    ['GET', '/druid/v2/datasources/', 200, ['ads']],
    [
      'GET',
      '/druid/v2/datasources/ads',
      200,
      { dimensions: ['country', 'device'], metrics: ['clicks'] },
    ],
    ['GET', '/druid/v2/datasources/ads/dimensions', 200, ['country', 'device']],
    ['GET', '/druid/v2/datasources/ads/metrics', 200, ['clicks']],
    [
      'GET',
      '/status/ready',
      200,
      {
        ready: true,
        timelineVersion: 5,
        visibleSegments: 3,
        unavailableSegments: 0,
        viewAgeMs: 0,
      },
    ],
  ];
  it.each(table)('%s %s', async (method, path, status, body) => {
    const reply = await edge.send({ method, path });
    expect([reply.status, JSON.parse(reply.body)]).toEqual([status, body]);
  });

  it('GET /status shows the version of Druid that clients look for', async () => {
    const { body } = await edge.send({ method: 'GET', path: '/status' });
    expect(JSON.parse(body)).toEqual({
      version: '33.0.0',
      modules: [{ name: 'isotherm', artifact: 'query-service', version: '0.1.0' }],
      memory: {
        maxMemory: expect.any(Number) as number,
        totalMemory: expect.any(Number) as number,
        freeMemory: expect.any(Number) as number,
        usedMemory: expect.any(Number) as number,
        directMemory: expect.any(Number) as number,
      },
    });
  });

  it('GET /status/ready is 503 while segments are served by nobody, and says so', async () => {
    edge.broker.status = async () => ({
      timelineVersion: 5,
      visibleSegments: 9,
      unavailableSegments: 2,
      viewAgeMs: 0,
    });
    const reply = await edge.send({ method: 'GET', path: '/status/ready' });
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(reply.body)).toMatchObject({
      ready: false,
      reason: '2 of 9 visible segments are served by no node.',
    });
  });

  it('GET of an unknown datasource is 404 with the nearest name', async () => {
    const reply = await edge.send({ method: 'GET', path: '/druid/v2/datasources/add' });
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.body)).toMatchObject({
      errorMessage:
        'Datasource "add" does not exist. GET /druid/v2/datasources lists them. Did you mean "ads"?',
    });
  });

  it('DELETE /druid/v2/{id} cancels, and is 202 whether the query exists or not', async () => {
    const reply = await edge.send({ method: 'DELETE', path: '/druid/v2/a%2Fb' });
    expect([reply.status, reply.body]).toEqual([202, '']);
    expect(edge.broker.cancelled).toEqual(['a/b']);
  });
});

describe('metrics and the log', () => {
  it('count queries by type and status, refusals by reason, and rows', async () => {
    await edge.send({ body: query });
    await edge.send({ body: '{' });
    await edge.send({ body: 'x', headers: { 'Content-Type': 'text/plain' } });
    const { body, headers } = await edge.send({ method: 'GET', path: '/metrics' });
    expect(headers['content-type']).toContain('text/plain; version=0.0.4');
    const lines = body.split('\n');
    expect(lines).toContain(
      'isotherm_query_duration_seconds_count{type="timeseries",status="200"} 1',
    );
    expect(lines).toContain('isotherm_query_duration_seconds_count{type="unknown",status="400"} 1');
    expect(lines).toContain('isotherm_query_rejected_total{reason="INVALID_JSON"} 1');
    expect(lines).toContain('isotherm_query_rejected_total{reason="UNSUPPORTED_MEDIA_TYPE"} 1');
    expect(lines).toContain('isotherm_rows_scanned_total 1000');
    expect(lines).toContain('isotherm_queries_inflight 0');
  });

  it('note failed queries, with names and counts and without the values of filters', async () => {
    // eslint-disable-next-line require-yield
    edge.broker.answering = async function* () {
      throw new TimeoutError('Too late.');
    };
    const filter = { type: 'selector', dimension: 'country', value: 'Atlantis' };
    await edge.send({ body: { ...query, filter, context: { queryId: 'q1' } } });
    const line = JSON.parse(edge.log[0] ?? '') as Record<string, unknown>;
    expect(line).toMatchObject({
      role: 'query-service',
      event: 'failed-query',
      queryId: 'q1',
      queryType: 'timeseries',
      dataSource: 'ads',
      status: 504,
      code: 'QUERY_TIMEOUT',
      reason: 'Too late.',
      intervals: ['2026-01-01T00:00:00.000Z/2026-01-05T00:00:00.000Z'],
    });
    expect(edge.log[0]).not.toContain('Atlantis');
  });

  it('note slow queries, and no others', async () => {
    await edge.send({ body: query });
    expect(edge.log).toEqual([]);
    const slow = await startEdge({ slowQueryMs: 0 });
    await slow.send({ body: query });
    await slow.close();
    expect(JSON.parse(slow.log[0] ?? '')).toMatchObject({
      event: 'slow-query',
      status: 200,
      code: null,
      scannedRows: 1000,
      segmentsAnswered: 1,
    });
  });
});

function httpPost(body: string): string {
  return `POST /druid/v2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function rawExchange(port: number, body: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let wire = '';
    socket.on('data', (chunk) => (wire += String(chunk)));
    socket.on('error', () => {});
    socket.on('close', () => resolve(wire));
    socket.write(httpPost(body));
  });
}

/** Lets bytes reach the client before something breaks. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
}
