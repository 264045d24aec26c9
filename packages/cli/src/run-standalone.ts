/** Runs a cluster in this process until it is told to stop. */
import { checkPortIsFree } from './check-port.ts';
import { untilReady } from './cluster-ready.ts';
import type { Invocation } from './command.ts';
import { dataDirAt } from './data-dir.ts';
import { exitCodes } from './exit-codes.ts';
import { startCluster } from './standalone-cluster.ts';
import { untilAborted } from './until-aborted.ts';

/** Starts, waits until all visible segments are loaded, prints the ready line, and serves. */
export async function runStandalone({ values, host }: Invocation): Promise<number> {
  const log = (line: string): void => host.stderr.write(`${line}\n`);
  await checkPortIsFree(values.integer('port'));
  const cluster = await startCluster(dataDirAt(values.text('data-dir'), host), {
    port: values.integer('port'),
    threads: values.optionalInteger('threads'),
    memoryMib: values.optionalInteger('memory'),
    log,
  });
  try {
    const notes = await untilReady(cluster, {
      timeoutMs: values.integer('ready-timeout') * 1000,
      signal: host.interrupted,
    });
    for (const note of notes) log(note);
    host.stdout.write(`ready ${cluster.url}\n`);
    await untilAborted(host.interrupted);
  } finally {
    await cluster.close();
  }
  return exitCodes.ok.code;
}
