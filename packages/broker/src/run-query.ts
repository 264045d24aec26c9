/**
 * One query from JSON to JSON:
 *
 *   parse ─▶ admit ─▶ plan ─▶ scatter ─▶ merge ─▶ finish ─▶ write
 *                       ▲         │ segments missing, once
 *                       └─────────┘
 *
 * An answer covers exactly the segments of one version of the timeline, or is an error that names the
 * missing ones; only `allowPartial` in the context lets less through, and the answer says so.
 */
import { IsothermError } from '@isotherm/errors';
import { formatInterval } from '@isotherm/timeline';
import { type PartialResult, finishQuery, mergePartials, writeResult } from '@isotherm/query';
import type { Message, QueryAnswer, QueryAnswerContext, QueryRequest } from '@isotherm/rpc';
import type { Admission } from './admission.ts';
import { type Piece, type QueryPlan, planQuery } from './plan.ts';
import { type GivenQuery, readQuery } from './read-query.ts';
import type { RunningQueries, RunningQuery } from './running-queries.ts';
import { askInWaves, mayEndEarly } from './scan-waves.ts';
import {
  type Gathered,
  type MissingPiece,
  type NodeAnswer,
  type Nodes,
  answersWithin,
  missingError,
  piecesWithout,
  scatter,
} from './scatter.ts';

/** What all queries of a broker share. */
export interface QueryParts {
  readonly nodes: Nodes;
  readonly admission: Admission;
  readonly running: RunningQueries;
  readonly defaultTimeoutMs: number;
}

/** Intervals and segments beyond these are not listed in the context of an answer. */
const maxListed = 100;

/**
 * Runs a query. The first item carries the facts of the answer; its text follows from there on.
 *
 * @param caller aborts when the caller goes away
 * @throws IsothermError of any kind that a query can end in, also after the first item
 */
export async function* runQuery(
  request: Message<QueryRequest>,
  caller: AbortSignal,
  parts: QueryParts,
): AsyncGenerator<Message<QueryAnswer>> {
  const given = readQuery(request, parts.defaultTimeoutMs);
  const { context } = given.query;
  const running = parts.running.start(context, caller);
  let leave: (() => void) | null = null;
  try {
    leave = await parts.admission.enter(context.priority, running.signal);
    yield* answerQuery(given, running, parts);
  } catch (error) {
    throw error instanceof IsothermError && error.kind === 'TimeoutError'
      ? running.timedOut()
      : error;
  } finally {
    leave?.();
    running.stop();
  }
}

async function* answerQuery(
  given: GivenQuery,
  running: RunningQuery,
  { nodes }: QueryParts,
): AsyncGenerator<Message<QueryAnswer>> {
  const { query } = given;
  const plan = (): QueryPlan => planQuery(query, nodes.view(), given.allowedDataSources);
  const gathered = await gather(given, plan, { running, nodes });
  const partials = inPlanOrder(gathered);
  const finished = finishQuery(query, mergePartials(query, partials), {
    visibleIntervals: gathered.plan.visibleIntervals,
  });
  let context: QueryAnswerContext | null = contextOf(gathered, finished.rowCount);
  for (const bytes of writeResult(query, finished)) {
    // Other queries, heartbeats and a cancellation get their turn between two chunks.
    if (context === null) await new Promise(setImmediate);
    running.signal.throwIfAborted();
    yield { json: { context }, bytes: [bytes] };
    context = null;
  }
}

/** What nodes answered to a plan. */
interface Gathering {
  readonly plan: QueryPlan;
  readonly answers: readonly NodeAnswer[];
  readonly missing: readonly MissingPiece[];
}

/** Asks for all pieces; when some stay missing, plans once more by the newest view. */
async function gather(
  { query, text }: GivenQuery,
  plan: () => QueryPlan,
  { running, nodes }: { running: RunningQuery; nodes: Nodes },
): Promise<Gathering> {
  const { queryId, priority, allowPartial } = query.context;
  const { signal } = running;
  const remainingMs = () => running.remainingMs();
  const { queryType } = query;
  const request = { queryId, queryType, queryText: text, priority, signal, remainingMs };
  const ask = (pieces: readonly Piece[], isWhole: boolean): Promise<Gathered> =>
    askInWaves(query, pieces, (wave) => scatter(wave, { ...request, isWhole }, nodes));
  const first = plan();
  const found = await ask(first.pieces, knowsNothing(first));
  if (found.missing.length === 0) return { plan: first, ...found };

  const second = plan();
  // Which rows of a query that ends early count hangs on the order of all pieces: it starts anew.
  const kept = mayEndEarly(query) ? [] : answersWithin(found.answers, second.pieces);
  const isWhole = kept.length === 0 && knowsNothing(second);
  const rest = await ask(piecesWithout(second.pieces, kept), isWhole);
  if (rest.missing.length > 0 && !allowPartial) {
    throw missingError(rest.missing, { dataSource: query.dataSource.name, ...second });
  }
  return { plan: second, answers: [...kept, ...rest.answers], missing: rest.missing };
}

/** True when all groups of the answer come from the pieces. */
function knowsNothing({ known }: QueryPlan): boolean {
  return known.every((partial) => partial.kind === 'grouped' && partial.rowCount === 0);
}

/** Partials in an order that hangs on the plan alone: that of their segment, or of their node's first one. */
function inPlanOrder({ plan, answers }: Gathering): readonly PartialResult[] {
  const [only] = answers;
  if (plan.known.length === 0 && answers.length === 1 && only !== undefined) {
    if (!only.partials.some((partial) => 'segmentId' in partial)) return only.partials;
  }
  const places = new Map(plan.pieces.map(({ segmentKey }, index) => [segmentKey, index]));
  const placeOf = (segmentKey: string): number => places.get(segmentKey) ?? places.size;
  const placed = answers.flatMap(({ pieces, partials }) => {
    const ofNode = Math.min(...pieces.map(({ segmentKey }) => placeOf(segmentKey)));
    return partials.map((partial) => ({
      partial,
      place: 'segmentId' in partial ? placeOf(partial.segmentId) : ofNode,
    }));
  });
  placed.sort((a, b) => a.place - b.place);
  return [...plan.known, ...placed.map(({ partial }) => partial)];
}

function contextOf({ plan, answers, missing }: Gathering, rowCount: number): QueryAnswerContext {
  const missingSegments = missing.map(({ piece }) => piece.segmentKey).sort();
  return {
    timelineVersion: plan.timelineVersion,
    segmentsAnswered: plan.segmentCount - missing.length,
    segmentsTotal: plan.segmentCount,
    scannedRows: answers.reduce((sum, { scannedRows }) => sum + scannedRows, 0),
    rowCount,
    partial: missing.length > 0,
    missingSegments,
    uncoveredIntervals: plan.uncoveredIntervals.slice(0, maxListed).map(formatInterval),
  };
}
