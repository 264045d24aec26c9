/**
 * Which groups the workers of a node are asked for. When no other node has rows of the query, those that
 * cannot be in its answer are left out, as the engine's metric-leaders.ts proves:
 *
 *   one worker    it sees all rows and leaves them out itself
 *   several       leaders of each ─▶ candidates over all ─▶ all aggregators of the candidates from each
 *
 * Nothing is kept in a worker between the two rounds. Wherever a round is in doubt (a segment went
 * missing, the metric may be negative in some share, there are too many leaders), all groups are asked for.
 */
import { InvariantError } from '@isotherm/errors';
import type { GroupedPartial, PartialColumn } from '@isotherm/query';
import { decodePartials } from '@isotherm/rpc';
import type { RunPart, RunReply } from './worker-messages.ts';

/** Asks every worker that has a share of the rows. */
type Ask = (part: RunPart) => Promise<RunReply[]>;

/** Candidates that are asked for by their values; for more the second round would cost what it saves. */
const candidateLimit = 8192;

/** @param options.isAlone no rows of the query are elsewhere, and none are known to be missing */
export async function askForAnswer(
  ask: Ask,
  { isAlone, shareCount }: { readonly isAlone: boolean; readonly shareCount: number },
): Promise<RunReply[]> {
  if (!isAlone || shareCount < 1) return ask({ type: 'every' });
  // A worker that misses a segment leaves nothing out.
  if (shareCount === 1) return ask({ type: 'answer' });
  const first = await ask({ type: 'leaders', shareCount });
  if (first.every(({ leaders }) => leaders === null)) return first;
  const candidates = findCandidates(first);
  if (candidates === null) return ask({ type: 'every' });
  const replies = await ask({ type: 'groups', ...candidates });
  if (replies.some(({ missingKeys }) => missingKeys.length > 0)) return ask({ type: 'every' });
  return replies.map((reply, i) => ({
    ...reply,
    scannedRows: reply.scannedRows + (first[i]?.scannedRows ?? 0),
  }));
}

/** What the shares say of one group. */
interface Total {
  /** Over the shares that gave it. */
  sum: bigint;
  /** The most that the other shares may add. */
  rest: bigint;
}

/**
 * The groups that can be among the first `count`, or equal to the last of them.
 *
 * @returns null where a share did not give leaders, or they are none or too many
 */
function findCandidates(
  replies: readonly RunReply[],
): { readonly values: readonly (string | null)[]; readonly startMs: number } | null {
  const totals = new Map<string | null, Total>();
  const allRests = replies.reduce((sum, { leaders }) => sum + (leaders?.restMost ?? 0n), 0n);
  let startMs = Infinity;
  let count = 0;
  for (const { bytes, leaders } of replies) {
    if (leaders === null) return null;
    count = leaders.count;
    for (const partial of decodePartials(bytes)) {
      if (partial.kind !== 'grouped' || partial.rowCount === 0) continue;
      startMs = Math.min(startMs, partial.times[0] ?? Infinity);
      addTotals(totals, partial, { restMost: leaders.restMost, allRests });
    }
  }
  const sums = Array.from(totals.values(), ({ sum }) => sum).sort(descending);
  const least = sums[Math.min(count, sums.length) - 1];
  if (least === undefined) return null;
  const values = [...totals].flatMap(([value, { sum, rest }]) =>
    sum + rest >= least ? [value] : [],
  );
  return values.length > candidateLimit ? null : { values, startMs };
}

function addTotals(
  totals: Map<string | null, Total>,
  { dimensions, states }: GroupedPartial,
  { restMost, allRests }: { readonly restMost: bigint; readonly allRests: bigint },
): void {
  const [[keys], [metric]] = [dimensions, states];
  if (!isText(keys) || metric?.type !== 'long') {
    throw new InvariantError('Leaders are groups of one text, with one long.');
  }
  const texts = keys.dictionary.texts();
  for (const [row, id] of keys.ids.entries()) {
    const text = texts[id] ?? null;
    const total = totals.get(text) ?? { sum: 0n, rest: allRests };
    total.sum += metric.values[row] ?? 0n;
    total.rest -= restMost;
    totals.set(text, total);
  }
}

function isText(
  column: PartialColumn | undefined,
): column is Extract<PartialColumn, { type: 'string' }> {
  return column?.type === 'string';
}

function descending(a: bigint, b: bigint): number {
  return a < b ? 1 : a > b ? -1 : 0;
}
