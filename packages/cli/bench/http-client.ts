/**
 * A lean HTTP/1.1 client for load: kept-alive sockets, one request at a time on each, answers read by
 * length or in chunks. `node:http`'s own client takes as much time as the service here, and shares its cores.
 */
import { type Socket, connect } from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');

/** Sockets are made when all others are busy, and kept. */
export interface HttpClient {
  /** Posts JSON and reads the whole answer. @throws Error with the body unless the status is 200 */
  post(path: string, body: Uint8Array): Promise<Buffer>;
  close(): void;
}

/** A client of one address. */
export function httpClient({ hostname, port }: URL): HttpClient {
  const idle: Wire[] = [];
  const all = new Set<Wire>();
  return {
    async post(path, body) {
      const wire = idle.pop() ?? new Wire(connect(Number(port), hostname));
      all.add(wire);
      const head = `POST ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: ${body.byteLength}\r\n\r\n`;
      const { status, bytes } = await wire.ask(head, body);
      idle.push(wire);
      if (status !== 200) throw new Error(`HTTP ${status}: ${bytes.toString('utf8')}`);
      return bytes;
    },
    close() {
      for (const wire of all) wire.close();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly bytes: Buffer;
}

/** One socket, with at most one request under way. */
class Wire {
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #asked: PromiseWithResolvers<Answer> | null = null;

  constructor(socket: Socket) {
    this.#socket = socket.setNoDelay(true);
    // Text comes only from sockets that were given an encoding.
    socket.on('data', (bytes) => this.#take(bytes as Buffer));
    socket.on('error', (error) => this.#asked?.reject(error));
    socket.on('close', () => this.#asked?.reject(new Error('The service closed a connection.')));
  }

  ask(head: string, body: Uint8Array): Promise<Answer> {
    this.#asked = Promise.withResolvers<Answer>();
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.#socket.write(body);
    this.#socket.uncork();
    return this.#asked.promise;
  }

  close(): void {
    this.#asked = null;
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#received.push(bytes);
    // A long answer in chunks ends with an empty one: nothing else is worth a look before it has come.
    const first = this.#received[0] ?? bytes;
    if (this.#received.length > 1 && isChunked(first) && !endsChunks(bytes)) return;
    const answer = answerOf(this.#received.length === 1 ? bytes : Buffer.concat(this.#received));
    if (answer === null) return;
    const asked = this.#asked;
    this.#received = [];
    this.#asked = null;
    asked?.resolve(answer);
  }
}

function isChunked(start: Buffer): boolean {
  return /transfer-encoding: chunked/i.test(start.toString('latin1', 0, 1024));
}

function endsChunks(bytes: Buffer): boolean {
  return bytes.toString('latin1', bytes.length - 5).endsWith('0\r\n\r\n') || bytes.length < 5;
}

/** The answer, once all of it is there. */
function answerOf(bytes: Buffer): Answer | null {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return null;
  const head = bytes.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const body = bytes.subarray(end + headEnd.length);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    return body.length < Number(length) ? null : { status, bytes: body };
  }
  const joined = joinChunks(body);
  return joined === null ? null : { status, bytes: joined };
}

function joinChunks(body: Buffer): Buffer | null {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const end = body.indexOf(lineEnd, at);
    if (end < 0) return null;
    const size = Number.parseInt(body.toString('latin1', at, end), 16);
    const start = end + lineEnd.length;
    if (body.length < start + size + lineEnd.length) return null;
    if (size === 0) return chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks);
    chunks.push(body.subarray(start, start + size));
    at = start + size + lineEnd.length;
  }
}
