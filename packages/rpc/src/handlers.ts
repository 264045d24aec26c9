/** What a node answers calls with. */
import { NotFoundError } from '@isotherm/errors';
import type { Message, Routes } from './routes.ts';

/** Answers one call. The signal aborts when the caller gives up or its connection breaks. */
export type Handler<Name extends keyof Routes> = (
  request: Message<Routes[Name][0]>,
  call: { readonly signal: AbortSignal },
) => AsyncIterable<Message<Routes[Name][1]>>;

/** The calls that a node answers. */
export type Handlers = Partial<{ readonly [Name in keyof Routes]: Handler<Name> }>;

/** Hands a request to its handler. @throws NotFoundError code UNKNOWN_CALL naming the calls there are */
export function handle(
  handlers: Handlers,
  name: string,
  request: Message<unknown>,
  signal: AbortSignal,
): AsyncIterable<Message<unknown>> {
  if (!Object.hasOwn(handlers, name)) {
    throw new NotFoundError(
      `Call "${name}" is not answered by this node. It answers: ${Object.keys(handlers).sort().join(', ')}.`,
      { code: 'UNKNOWN_CALL' },
    );
  }
  // The name came from a peer, so its types are checked by nobody: peers share routes.ts.
  const handler = handlers[name as keyof Routes] as (
    request: Message<unknown>,
    call: { signal: AbortSignal },
  ) => AsyncIterable<Message<unknown>>;
  return handler(request, { signal });
}
