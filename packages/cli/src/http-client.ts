/** Asks a query service over HTTP and turns whatever goes wrong into an error with a next step. */
import { UnavailableError, InvalidInputError } from '@isotherm/errors';

/** An answer that was read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** What the answer covers and cost, from X-Druid-Response-Context; empty when there is none. */
  readonly context: Readonly<Record<string, unknown>>;
}

/** @throws InvalidInputError for a wrong URL, UnavailableError when nothing answers or the answer breaks off */
export async function request(
  url: string,
  path: string,
  options: { readonly body?: string; readonly signal?: AbortSignal } = {},
): Promise<HttpAnswer> {
  const target = targetUrl(url, path);
  try {
    const response = await fetch(target, {
      method: options.body === undefined ? 'GET' : 'POST',
      ...(options.body === undefined
        ? {}
        : { body: options.body, headers: { 'content-type': 'application/json' } }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const context = parseContext(response.headers.get('x-druid-response-context'));
    return { status: response.status, body: await response.text(), context };
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new UnavailableError(
      `No complete answer came from ${target.origin} (${causeOf(error)}). Expected a query service there. Start one with "isotherm standalone", or name its address with --url.`,
      { code: 'NO_ANSWER', cause: error },
    );
  }
}

/** The sentence in an error body: `errorMessage` as Druid writes it, else the start of the text. */
export function errorMessageOf(answer: HttpAnswer): string {
  try {
    const body: unknown = JSON.parse(answer.body);
    if (typeof body === 'object' && body !== null && 'errorMessage' in body) {
      return String(body.errorMessage);
    }
  } catch {
    // Not from a query service, perhaps from a proxy; its text is shown as it is.
  }
  const text = answer.body.trim().slice(0, 300);
  return text === '' ? `The server answered with status ${answer.status}.` : text;
}

function targetUrl(url: string, path: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) {
    return new URL(parsed.pathname.replace(/\/$/, '') + path, parsed.origin);
  }
  throw new InvalidInputError(
    `URL "${url}" cannot be read. Expected something like http://127.0.0.1:8888.`,
    { code: 'USAGE' },
  );
}

function parseContext(header: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(header ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function causeOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : String(cause);
}
