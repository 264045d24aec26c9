/** The query of a request: parsed already when the caller shares the process, else from its text. */
import { InvalidQueryError } from '@isotherm/errors';
import { type Query, parseQuery } from '@isotherm/query';
import type { Message, QueryRequest } from '@isotherm/rpc';

/** A query with what historicals and planning need beside it. */
export interface GivenQuery {
  readonly query: Query;
  /** Its JSON in UTF-8, for historicals. */
  readonly text: Uint8Array;
  /** Datasources that the caller may know of; null = all. */
  readonly allowedDataSources: readonly string[] | null;
}

/**
 * Reads the query of a request.
 *
 * @param defaultTimeoutMs time limit of a query that names none
 * @throws InvalidQueryError as `parseQuery`, or code INVALID_JSON when the text is none
 */
export function readQuery(
  { json, bytes, query }: Message<QueryRequest>,
  defaultTimeoutMs: number,
): GivenQuery {
  const { queryId, allowedDataSources } = json;
  const text = bytes[0] ?? new Uint8Array();
  const parsed =
    query === undefined
      ? parseQuery(parseText(text), { queryId, timeoutMs: defaultTimeoutMs })
      : withTimeLimit(query, defaultTimeoutMs);
  return { query: parsed, text, allowedDataSources };
}

function parseText(text: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (cause) {
    throw new InvalidQueryError('The query is not JSON in UTF-8. Send it as such.', {
      code: 'INVALID_JSON',
      cause,
    });
  }
}

/** The caller does not know the default, and says 0 where the query names no limit. */
function withTimeLimit(query: Query, timeoutMs: number): Query {
  const { context } = query;
  return context.timeoutMs > 0 ? query : { ...query, context: { ...context, timeoutMs } };
}
