/** Where the time of one query goes: the engine on this thread, under V8's sampling profiler. */
import { Session, type Profiler } from 'node:inspector/promises';
import {
  type RunPiece,
  SharedDictionaries,
  defaultBatchRows,
  neededColumns,
  runSegments,
} from '@isotherm/engine';
import { kernelMemory } from '@isotherm/kernels';
import { type PartialResult, finishQuery, mergePartials, parseQuery } from '@isotherm/query';
import { intersectIntervals } from '@isotherm/timeline';
import { medianMs, timeOnce } from './measure.ts';
import type { BenchQuery } from './queries.ts';
import { type SegmentFile, loadSegment } from './segment-files.ts';

const shownFunctions = 12;
const profileMs = 3000;

/** @returns lines of text: the parts of a run, then functions by the time spent in them */
export async function profileQuery(
  dataDir: string,
  files: readonly SegmentFile[],
  { name, title, native }: BenchQuery,
): Promise<string> {
  const query = parseQuery(native, { queryId: name, timeoutMs: 300_000 });
  const held = await Promise.all(
    files.map(async (file) => ({ file, segment: await loadSegment(dataDir, file) })),
  );
  const dictionaries = new SharedDictionaries({ memory: kernelMemory(), limitBytes: 2 ** 29 });
  const visibleIntervals = files.map(({ interval }) => interval);
  const scan = async (): Promise<PartialResult[]> => {
    const segments: RunPiece[] = [];
    for (const { file, segment } of held) {
      const intervals = query.intervals.flatMap(
        (asked) => intersectIntervals(asked, file.interval) ?? [],
      );
      if (intervals.length === 0) continue;
      await segment.load(neededColumns(query, segment, intervals));
      segments.push({ segmentId: file.path, segment, intervals });
    }
    const [batchRows, checkpoint] = [defaultBatchRows, () => {}];
    return runSegments({ query, segments, batchRows, checkpoint, dictionaries });
  };
  const parts = { segments: 0, merge: 0, finish: 0 };
  const run = async (): Promise<void> => {
    let partials: PartialResult[] = [];
    parts.segments = await timeOnce(async () => (partials = await scan()));
    parts.merge = await timeOnce(async () => (partials = mergePartials(query, partials)));
    parts.finish = await timeOnce(async () => finishQuery(query, partials, { visibleIntervals }));
  };
  await run();
  const { profile, ms } = await sampled(run);
  const lines = Object.entries(parts).map(([part, time]) => `  ${part} ${time.toFixed(2)} ms`);
  return [
    `${name}: ${title}; ${ms.toFixed(2)} ms on one thread, without sending it to a worker`,
    ...lines,
    ...topFunctions(profile),
    '',
  ].join('\n');
}

async function sampled(
  run: () => Promise<void>,
): Promise<{ profile: Profiler.Profile; ms: number }> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  const ms = await medianMs(run, { minRuns: 3, maxRuns: 2000, budgetMs: profileMs });
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return { profile, ms };
}

/** Functions by their own time, as shares of all samples. */
function topFunctions(profile: Profiler.Profile): string[] {
  const samples = new Map<string, number>();
  let total = 0;
  for (const { callFrame, hitCount = 0 } of profile.nodes) {
    const { functionName, url, lineNumber } = callFrame;
    const file = url.replace(/^.*\/packages\//, '');
    const place = file === '' ? '' : ` ${file}:${lineNumber + 1}`;
    const name = `${functionName === '' ? '(top level)' : functionName}${place}`;
    samples.set(name, (samples.get(name) ?? 0) + hitCount);
    total += hitCount;
  }
  return [...samples]
    .sort((a, b) => b[1] - a[1])
    .slice(0, shownFunctions)
    .map(([name, count]) => `  ${((count / total) * 100).toFixed(1).padStart(5)} %  ${name}`);
}
