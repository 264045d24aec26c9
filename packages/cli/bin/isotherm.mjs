#!/usr/bin/env node
// Starts the command on Node 26. An older Node cannot run TypeScript: then this file, which is plain
// JavaScript for that reason, hands over to the Node that the checkout has installed for itself.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const neededMajor = 26;

if (Number.parseInt(process.versions.node, 10) >= neededMajor) {
  // Keeps the TypeScript that was stripped and compiled: a start costs a third of the time from then on.
  nodeModule.enableCompileCache(
    fileURLToPath(new URL('../../../node_modules/.cache/isotherm', import.meta.url)),
  );
  const { runProcess } = await import('../src/main.ts');
  await runProcess(process.argv.slice(2));
} else {
  handOver(fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url)));
}

function handOver(node) {
  if (!existsSync(node)) {
    console.error(
      `isotherm: Node ${process.versions.node} is too old. Expected Node ${neededMajor} or newer. ` +
        'Run "npm run bootstrap" in the checkout, which installs one beside it, then try again.',
    );
    process.exit(3);
  }
  const script = fileURLToPath(import.meta.url);
  const child = spawn(node, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes; everything else reaches only this one.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    console.error(
      `isotherm: "${node}" cannot be started (${error.code}). Run "npm run bootstrap" again.`,
    );
    process.exit(3);
  });
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
