/**
 * The HTTP edge, an express application with one way around it:
 *
 *   request ─▶ Host ─▶ scope ─▶ route ─▶ handler
 *                └───────┴────────┴──────────┴─▶ error in Druid's shape
 *
 * Native queries without parameters, which come by thousands a second, do not pass express: their
 * `Host` is checked by the same function and they go to the same handler.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { didYouMean } from '@isotherm/errors';
import express, { type NextFunction, type Request, type Response } from 'express';
import { type AccessScope, unauthenticatedScope } from './access-scope.ts';
import { isLoopback, type QueryServiceConfig } from './config.ts';
import type { Service } from './exchange.ts';
import { answerQuery } from './query-handler.ts';
import { asRefusal, badUrl, hostNotAllowed, methodNotAllowed, unknownPath } from './refusal.ts';
import { type Route, routes } from './routes.ts';
import { sendError } from './send-answer.ts';

/** What decides about a request before its route does. */
export type EdgeConfig = Pick<QueryServiceConfig, 'listen' | 'allowedHosts'>;

/** Makes the application; it listens nowhere by itself. */
export function queryServiceApp(service: Service, config: EdgeConfig): RequestListener {
  const app = expressApp(service, config);
  const check = isLoopback(config.listen) ? hostCheck(config.allowedHosts) : () => {};
  return (request, response) => {
    if (!isPlainQuery(request)) {
      app(request, response);
      return;
    }
    try {
      check(request);
    } catch (error) {
      refuse(error, response, service);
      return;
    }
    const exchange = { request, response, scope: scopeOf(), params: {}, isPretty: false };
    void answerQuery(exchange, service);
  };
}

const plainPaths: ReadonlySet<string | undefined> = new Set(['/druid/v2', '/druid/v2/']);

function isPlainQuery({ method, url }: IncomingMessage): boolean {
  return method === 'POST' && plainPaths.has(url);
}

function expressApp(service: Service, config: EdgeConfig): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  if (isLoopback(config.listen)) {
    const check = hostCheck(config.allowedHosts);
    app.use((request: Request, _response: Response, next: NextFunction) => {
      check(request);
      next();
    });
  }
  for (const [path, ofPath] of Map.groupBy(routes, (route) => route.path)) {
    for (const route of ofPath) addRoute(app, route, service);
    if (ofPath.some(({ isOpenToOthers }) => isOpenToOthers)) continue;
    const methods = ofPath.map(({ method }) => method);
    app.all(path, (request) => {
      throw methodNotAllowed(request.method, request.path, methods);
    });
  }
  app.use((request: Request) => {
    throw unknownPath(request.path, nearestPath(request.path));
  });
  app.use(answerError(service));
  return app;
}

function addRoute(app: express.Express, route: Route, service: Service): void {
  const handle = async (request: Request, response: Response): Promise<void> => {
    const exchange = {
      request,
      response,
      scope: scopeOf(),
      params: textParams(request.params),
      isPretty: Object.hasOwn(request.query, 'pretty') && request.query['pretty'] !== 'false',
    };
    await route.handle(exchange, service);
  };
  switch (route.method) {
    case 'GET':
      app.get(route.path, handle);
      break;
    case 'POST':
      app.post(route.path, handle);
      break;
    case 'DELETE':
      app.delete(route.path, handle);
      break;
  }
}

/** Whoever reaches the listener may see all: `parseQueryServiceConfig` keeps it on this machine unless told otherwise. */
function scopeOf(): AccessScope {
  return unauthenticatedScope;
}

/** Only wildcards give lists, and no route has one. */
function textParams(params: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
}

/** Keeps pages of other sites from reaching this machine under a name of theirs (DNS rebinding). */
function hostCheck(allowedHosts: readonly string[]): (request: IncomingMessage) => void {
  const allowed = new Set(['localhost', '127.0.0.1', '[::1]', ...allowedHosts]);
  return (request) => {
    const given = request.headers.host ?? '';
    const host = given.replace(/:\d+$/, '').toLowerCase();
    if (!allowed.has(host)) throw hostNotAllowed(given);
  };
}

function nearestPath(path: string): string {
  const paths = [...new Set(routes.map((route) => route.path))];
  return ` Paths: ${paths.join(', ')}.${didYouMean(path, paths)}`;
}

function answerError(service: Service) {
  // Express tells an error handler by its four parameters.
  return (error: unknown, _request: Request, response: Response, _next: NextFunction): void =>
    refuse(error instanceof URIError ? badUrl() : error, response, service);
}

function refuse(error: unknown, response: ServerResponse, service: Service): void {
  const refusal = asRefusal(error);
  if (refusal.error.kind === 'InvariantError') service.logUnexpected(error);
  if (refusal.status === 403) service.metrics.rejected.inc({ reason: refusal.error.code });
  sendError(response, refusal);
}
