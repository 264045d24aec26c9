/**
 * An HTTP client that costs next to nothing, so that a closed loop measures the service: one socket,
 * one request at a time, requests written as they were encoded beforehand, answers only cut at their end.
 */
import { type Socket, connect } from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');

/** One kept-alive connection. */
export interface LeanClient {
  /** Sends a request and gives the body of its answer. @throws Error unless the status is 200 */
  ask(request: Uint8Array): Promise<Buffer>;
  close(): void;
}

/** Encodes a POST of JSON once, for any number of calls. */
export function encodePost(url: URL, json: unknown): Uint8Array {
  const body = Buffer.from(JSON.stringify(json));
  const head = `POST /druid/v2 HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** Connects. */
export async function openLeanClient(url: URL): Promise<LeanClient> {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return { ask: askOn(socket), close: () => socket.destroy() };
}

interface Settle {
  readonly resolve: (body: Buffer) => void;
  readonly reject: (error: Error) => void;
}

function askOn(socket: Socket): LeanClient['ask'] {
  let received: Buffer = Buffer.alloc(0);
  let settle: Settle | null = null;
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const body = bodyOf(received);
    if (body === null) return;
    const isFine = received.subarray(9, 12).toString('latin1') === '200';
    const text = received.toString('utf8');
    received = Buffer.alloc(0);
    if (isFine) settle?.resolve(body);
    else settle?.reject(new Error(text));
  });
  socket.once('close', () => settle?.reject(new Error('The service closed the connection.')));
  return (request) => {
    socket.write(request);
    return new Promise<Buffer>((resolve, reject) => {
      settle = { resolve, reject };
    });
  };
}

/** The body once it is whole: by its length, or as chunks; null before. */
function bodyOf(bytes: Buffer): Buffer | null {
  const bodyStart = bytes.indexOf(headEnd) + headEnd.length;
  if (bodyStart < headEnd.length) return null;
  const head = bytes.toString('latin1', 0, bodyStart);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) return joinChunks(bytes, bodyStart);
  const bodyEnd = bodyStart + Number(length);
  return bytes.length < bodyEnd ? null : bytes.subarray(bodyStart, bodyEnd);
}

function joinChunks(bytes: Buffer, bodyStart: number): Buffer | null {
  const chunks: Buffer[] = [];
  for (let at = bodyStart; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (bytes.length < end + 2) return null;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}
