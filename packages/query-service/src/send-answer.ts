/** Sends answers and errors. An answer that breaks off midway never looks like a whole one. */
import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
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

/** What every response says: nothing is cached, and types are what they say. */
export const commonHeaders = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
} as const;

/**
 * Passes an answer on as it comes, no faster than the client reads. Its first item waits for the next one:
 * an answer of one item, as most are, leaves in one piece with its length, and a fault after the first
 * item still gets an error for an answer.
 *
 * @throws what the broker throws
 */
export async function sendAnswer(
  response: ServerResponse,
  items: AsyncIterable<Message<QueryAnswer>>,
  { queryId, isPretty, signal, onContext }: AnswerOptions,
): Promise<void> {
  const indenter = isPretty ? new JsonIndenter() : null;
  const laidOut = (bytes: readonly Uint8Array[]): readonly Uint8Array[] =>
    indenter === null ? bytes : bytes.map((chunk) => indenter.indent(chunk));
  const write = async (chunks: readonly Uint8Array[]): Promise<void> => {
    for (const chunk of chunks) {
      if (!response.write(chunk)) await once(response, 'drain', { signal });
    }
  };
  let headers: OutgoingHttpHeaders | null = null;
  let first: readonly Uint8Array[] = [];
  for await (const { json, bytes } of items) {
    if (headers === null) {
      if (json.context === null) throw new InvariantError('An answer has no context.');
      onContext(json.context);
      headers = answerHeaders(queryId, json.context);
      first = laidOut(bytes);
      continue;
    }
    if (!response.headersSent) {
      response.writeHead(200, headers);
      await write(first);
    }
    await write(laidOut(bytes));
  }
  if (headers === null) throw new InvariantError('An answer has no items.');
  if (response.headersSent) response.end();
  else endWith(response, headers, first);
}

function answerHeaders(queryId: string, context: QueryAnswerContext): OutgoingHttpHeaders {
  return {
    ...commonHeaders,
    'Content-Type': 'application/json',
    'X-Druid-Query-Id': headerText(queryId),
    'X-Druid-Response-Context': responseContextText(context),
  };
}

function endWith(
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  chunks: readonly Uint8Array[],
): void {
  const [only] = chunks;
  const body = only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
  headers['Content-Length'] = body.length;
  response.writeHead(200, headers);
  response.end(body);
}

/** Sends a value as JSON. */
export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { ...commonHeaders, 'Content-Type': 'application/json' });
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
    ...commonHeaders,
    ...headers,
    'Content-Type': 'application/json',
    ...(queryId === null ? {} : { 'X-Druid-Query-Id': headerText(queryId) }),
  });
  response.end(`${JSON.stringify(body)}\n`);
}
