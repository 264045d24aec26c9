/** Sums up the CPU profiles that `node --cpu-prof` left in a folder, one a thread. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/** The parts of V8's format that are read. */
interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const shownFunctions = 40;
const shownFiles = 25;

/** Prints the functions and files in which each thread spent its time, idle time left out. */
export function printProfile(folder: string): void {
  for (const file of readdirSync(folder).sort()) {
    // Node wrote it.
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile;
    const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
    const byFunction = new Map<string, number>();
    const byFile = new Map<string, number>();
    let busy = 0;
    for (const [index, id] of profile.samples.entries()) {
      const frame = frames.get(id);
      const micros = profile.timeDeltas[index] ?? 0;
      if (frame === undefined || frame.functionName === '(idle)') continue;
      busy += micros;
      const place = frame.url.replace(/^.*\/(packages|node_modules)\//, '');
      const name = `${frame.functionName || '(anonymous)'} ${place}:${frame.lineNumber + 1}`;
      byFunction.set(name, (byFunction.get(name) ?? 0) + micros);
      const source = place === '' ? frame.functionName : place;
      byFile.set(source, (byFile.get(source) ?? 0) + micros);
    }
    console.log(`\n${file}: ${(busy / 1e6).toFixed(2)} s busy`);
    printLargest(byFunction, busy, shownFunctions);
    console.log('  by file');
    printLargest(byFile, busy, shownFiles);
  }
}

function printLargest(shares: ReadonlyMap<string, number>, whole: number, count: number): void {
  const largest = [...shares].sort((a, b) => b[1] - a[1]).slice(0, count);
  for (const [name, micros] of largest) {
    console.log(`  ${((micros / whole) * 100).toFixed(1).padStart(5)} %  ${name}`);
  }
}
