/**
 * The HTTP edge as an express application:
 *
 *   request ─▶ headers for all ─▶ Host ─▶ scope ─▶ route ─▶ handler
 *                                  └──────┴─────────┴──────────┴─▶ error in Druid's shape
 */
import { didYouMean } from '@isotherm/errors';
import express, { type NextFunction, type Request, type Response } from 'express';
import { type AccessScope, unauthenticatedScope } from './access-scope.ts';
import { isLoopback, type QueryServiceConfig } from './config.ts';
import type { Service } from './exchange.ts';
import { asRefusal, badUrl, hostNotAllowed, methodNotAllowed, unknownPath } from './refusal.ts';
import { type Route, routes } from './routes.ts';
import { sendError } from './send-answer.ts';

/** What decides about a request before its route does. */
export type EdgeConfig = Pick<QueryServiceConfig, 'listen' | 'allowedHosts'>;

/** Makes the application; it listens nowhere by itself. */
export function queryServiceApp(service: Service, config: EdgeConfig): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.use(setCommonHeaders);
  if (isLoopback(config.listen)) app.use(checkHost(config.allowedHosts));
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

function setCommonHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  next();
}

/** Keeps pages of other sites from reaching this machine under a name of theirs (DNS rebinding). */
function checkHost(allowedHosts: readonly string[]) {
  const allowed = new Set(['localhost', '127.0.0.1', '[::1]', ...allowedHosts]);
  return (request: Request, _response: Response, next: NextFunction): void => {
    const given = request.headers.host ?? '';
    const host = given.replace(/:\d+$/, '').toLowerCase();
    if (!allowed.has(host)) throw hostNotAllowed(given);
    next();
  };
}

function nearestPath(path: string): string {
  const paths = [...new Set(routes.map((route) => route.path))];
  return ` Paths: ${paths.join(', ')}.${didYouMean(path, paths)}`;
}

function answerError(service: Service) {
  // Express tells an error handler by its four parameters.
  return (error: unknown, _request: Request, response: Response, _next: NextFunction): void => {
    const refusal = asRefusal(error instanceof URIError ? badUrl() : error);
    if (refusal.error.kind === 'InvariantError') service.logUnexpected(error);
    if (refusal.status === 403) service.metrics.rejected.inc({ reason: refusal.error.code });
    sendError(response, refusal);
  };
}
