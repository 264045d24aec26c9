/** A thread that writes segments: one request, one file in memory. It touches no disk. */
import { parentPort } from 'node:worker_threads';
import { IsothermError } from '@isotherm/errors';
import { writeSegment } from '@isotherm/segment';
import { unpackInput, type WriteReply, type WriteRequest } from './write-messages.ts';

// The queue posts nothing but requests.
parentPort?.on('message', (request: WriteRequest) => {
  const reply = answer(request);
  const bytes = reply.type === 'written' ? reply.written.bytes : null;
  const isWhole =
    bytes?.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
  parentPort?.postMessage(reply, isWhole ? [bytes.buffer] : []);
});

function answer({ id, input, options }: WriteRequest): WriteReply {
  try {
    return { type: 'written', id, written: writeSegment(unpackInput(input), options) };
  } catch (error) {
    const isOurs = error instanceof IsothermError;
    const message = error instanceof Error ? error.message : String(error);
    return {
      type: 'failed',
      id,
      kind: isOurs ? error.kind : '',
      code: isOurs ? error.code : '',
      message,
    };
  }
}
