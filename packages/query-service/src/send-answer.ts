/** Sends answers and errors. An answer that breaks off midway never looks like a whole one. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { InvariantError } from '@isotherm/errors';
import type { Message, QueryAnswer, QueryAnswerContext } from '@isotherm/rpc';
import { JsonIndenter } from './indent-json.ts';
import type { Refusal } from './refusal.ts';
import { headerText, responseContextText } from './response-context.ts';

/** How an answer is sent. */
interface AnswerOptions {
  readonly queryId: string;
  readonly isPretty: boolean;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** Told the facts of the answer before its first byte leaves. */
  readonly onContext: (context: QueryAnswerContext) => void;
}

/** Passes an answer on as it comes, no faster than the client reads. @throws what the broker throws */
export async function sendAnswer(
  response: ServerResponse,
  items: AsyncIterable<Message<QueryAnswer>>,
  { queryId, isPretty, signal, onContext }: AnswerOptions,
): Promise<void> {
  const indenter = isPretty ? new JsonIndenter() : null;
  for await (const { json, bytes } of items) {
    if (!response.headersSent) {
      if (json.context === null) throw new InvariantError('An answer has no context.');
      onContext(json.context);
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'X-Druid-Query-Id': headerText(queryId),
        'X-Druid-Response-Context': responseContextText(json.context),
      });
    }
    for (const chunk of bytes) {
      const laidOut = indenter === null ? chunk : indenter.indent(chunk);
      if (!response.write(laidOut)) await once(response, 'drain', { signal });
    }
  }
  if (!response.headersSent) throw new InvariantError('An answer has no items.');
  response.end();
}

/** Sends a value as JSON. */
export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}

/**
 * Sends an error in Druid's shape. When the answer has begun, the stream is destroyed instead: a clean
 * end would make the client take a part for the whole.
 */
export function sendError(
  response: ServerResponse,
  { status, headers, body }: Refusal,
  queryId: string | null = null,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'application/json',
    ...(queryId === null ? {} : { 'X-Druid-Query-Id': headerText(queryId) }),
  });
  response.end(`${JSON.stringify(body)}\n`);
}
