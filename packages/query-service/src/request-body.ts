/** Reads the body of a request, and no more of it than is allowed. */
import type { IncomingMessage } from 'node:http';
import { CancelledError } from '@isotherm/errors';
import { bodyTooLarge, notJson } from './refusal.ts';

/**
 * Reads a JSON body as bytes. Only `application/json` is taken: a form of another site cannot send that.
 *
 * @throws Refusal 413 before reading when the announced length is too large, else as soon as it is; 415
 */
export async function readJsonBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Uint8Array> {
  checkMediaType(request);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw bodyTooLarge(maxBytes);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let byteCount = 0;
    request.on('data', (chunk: Buffer) => {
      byteCount += chunk.length;
      if (byteCount <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      // What still comes is read and forgotten, so that the client gets to read the answer.
      request.removeAllListeners('data').resume();
      reject(bodyTooLarge(maxBytes));
    });
    request.on('end', () => {
      const [only] = chunks;
      resolve(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks));
    });
    const lost = (): void => reject(new CancelledError('The client went away.'));
    request.on('error', lost).on('aborted', lost);
  });
}

function checkMediaType(request: IncomingMessage): void {
  const given = request.headers['content-type'] ?? '';
  const [mediaType = ''] = given.split(';');
  if (mediaType.trim().toLowerCase() !== 'application/json') {
    throw notJson(`"Content-Type" is "${given}", which is not read here.`);
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw notJson(`"Content-Encoding" is "${encoding}", which is not read here.`);
  }
}
