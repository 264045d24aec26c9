/** `isotherm standalone` as a process of its own, asked over HTTP on loopback with kept-alive sockets. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { httpClient } from '../../packages/cli/bench/http-client.ts';

const command = fileURLToPath(new URL('../../packages/cli/bin/isotherm.mjs', import.meta.url));
const stopMs = 10_000;

/** A running service. */
export interface HttpService {
  /** Posts a native query and reads the whole answer. @throws Error with the body unless the status is 200 */
  post(body: Uint8Array): Promise<Buffer>;
  close(): Promise<void>;
}

/** Starts the service on a free port and waits until it says that it is ready. */
export async function startService(dataDir: string): Promise<HttpService> {
  const words = [command, 'standalone', '--data-dir', dataDir, '--port', '0'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const ready = /^ready (\S+)$/m.exec(output)?.[1];
      if (ready !== undefined) resolve(ready);
    });
    void ended.then(() => reject(new Error(`"isotherm standalone" ended early: ${errors}`)));
  });
  const client = httpClient(new URL(url));
  return {
    post: (body) => client.post('/druid/v2', body),
    async close() {
      client.close();
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
