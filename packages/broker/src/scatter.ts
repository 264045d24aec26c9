/**
 * Asks historicals for segments: one call a node. What a node does not serve any more, or was lost
 * while it answered, goes to a replica at once. Items of a call that does not end well are thrown
 * away, so that no segment counts twice.
 */
import { CapacityError, type IsothermError, UnavailableError } from '@isotherm/errors';
import type { Random } from '@isotherm/platform';
import type { PartialResult, Query } from '@isotherm/query';
import { type RpcClient, type ServingNode, decodePartials } from '@isotherm/rpc';
import type { Piece } from './plan.ts';
import { type NodeLoad, type NodePieces, addLoad, chooseReplicas } from './replicas.ts';
import { isNodeFault } from './node-fault.ts';
import type { Suspects } from './suspects.ts';
import type { TimelineView } from './timeline-view.ts';

/** What reaching the nodes takes; shared by all queries of a broker. */
export interface Nodes {
  readonly view: () => TimelineView;
  readonly client: (node: ServingNode) => RpcClient;
  readonly load: NodeLoad;
  readonly random: Random;
  readonly suspects: Suspects;
}

/** One query as the nodes see it. */
interface ScatterRequest {
  readonly queryId: string;
  readonly queryType: Query['queryType'];
  /** The query's JSON in UTF-8. */
  readonly queryText: Uint8Array;
  readonly priority: number;
  /** The pieces are all that the answer is made of. */
  readonly isWhole: boolean;
  /** Its reason is the error that the query ends with. */
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
}

/** The complete answer of one node for these pieces. */
export interface NodeAnswer {
  readonly pieces: readonly Piece[];
  readonly partials: readonly PartialResult[];
  readonly scannedRows: number;
}

/** All answers, and the pieces that no node answered for. */
export interface Gathered {
  readonly answers: readonly NodeAnswer[];
  readonly missing: readonly MissingPiece[];
}

/** A piece without an answer, and the last error on the way; null when nobody says to serve it. */
export interface MissingPiece {
  readonly piece: Piece;
  readonly cause: IsothermError | null;
}

/**
 * Asks for pieces until each is answered or has no replica left to ask.
 *
 * @throws the signal's reason; an error that is the query's own fault, from any node. All calls are cancelled then.
 */
export async function scatter(
  pieces: readonly Piece[],
  request: ScatterRequest,
  nodes: Nodes,
): Promise<Gathered> {
  // One signal for all calls. AbortSignal.any would cost more than everything else in here.
  const stop = new AbortController();
  const { signal } = stop;
  const abort = (): void => stop.abort(request.signal.reason);
  if (request.signal.aborted) abort();
  else request.signal.addEventListener('abort', abort);
  const tried = new Map<string, Set<string>>();
  const causes = new Map<Piece, IsothermError>();

  const gather = async (wanted: readonly Piece[], isWhole: boolean): Promise<Gathered> => {
    const { groups, unplaced } = chooseReplicas(wanted, { ...nodes, view: nodes.view(), tried });
    const isOnlyNode = isWhole && groups.length === 1 && unplaced.length === 0;
    const missing = unplaced.map((piece) => ({ piece, cause: causes.get(piece) ?? null }));
    const found = await Promise.all(groups.map((group) => askGroup(group, isOnlyNode)));
    return {
      answers: found.flatMap(({ answers }) => answers),
      missing: [...missing, ...found.flatMap(({ missing }) => missing)],
    };
  };

  const askGroup = async (group: NodePieces, isOnlyNode: boolean): Promise<Gathered> => {
    const part = { ...request, signal, isOnlyNode };
    const { answer, left, cause } = await askNode(group, part, nodes);
    for (const piece of left) {
      const failed = tried.get(piece.segmentKey) ?? new Set();
      tried.set(piece.segmentKey, failed.add(group.node.nodeId));
      if (cause !== null) causes.set(piece, cause);
    }
    // Where some pieces are left, the node has left nothing out, and so must the others.
    const rest = left.length === 0 ? nothing : await gather(left, false);
    return {
      answers: [...(answer === null ? [] : [answer]), ...rest.answers],
      missing: rest.missing,
    };
  };

  try {
    return await gather(pieces, request.isWhole);
  } catch (error) {
    // Ends the calls to other nodes; they have ended already when all went well.
    stop.abort(error);
    throw error;
  } finally {
    request.signal.removeEventListener('abort', abort);
  }
}

/** Keeps the answers that still hold by another plan: those of which every piece is in it unchanged. */
export function answersWithin(
  answers: readonly NodeAnswer[],
  pieces: readonly Piece[],
): readonly NodeAnswer[] {
  const planned = new Set(pieces.map(pieceText));
  return answers.filter((answer) => answer.pieces.every((piece) => planned.has(pieceText(piece))));
}

/** The pieces that the answers do not cover. */
export function piecesWithout(
  pieces: readonly Piece[],
  answers: readonly NodeAnswer[],
): readonly Piece[] {
  const answered = new Set(answers.flatMap((answer) => answer.pieces.map(pieceText)));
  return pieces.filter((piece) => !answered.has(pieceText(piece)));
}

const nothing: Gathered = { answers: [], missing: [] };

interface NodeOutcome {
  /** null when the node answered for none of the pieces. */
  readonly answer: NodeAnswer | null;
  readonly left: readonly Piece[];
  readonly cause: IsothermError | null;
}

/** A query as one node is asked it. */
type NodeRequest = ScatterRequest & { readonly isOnlyNode: boolean };

/** Asks one node. @throws what is not the node's own fault */
async function askNode(
  { node, pieces }: NodePieces,
  request: NodeRequest,
  nodes: Nodes,
): Promise<NodeOutcome> {
  addLoad(nodes.load, node.nodeId, pieces.length);
  try {
    const outcome = await collect(nodes.client(node), pieces, request);
    nodes.suspects.trust(node.nodeId);
    return outcome;
  } catch (error) {
    request.signal.throwIfAborted();
    if (!isNodeFault(error)) throw error;
    if (error.kind === 'UnavailableError') nodes.suspects.blame(node.nodeId);
    return { answer: null, left: pieces, cause: error };
  } finally {
    addLoad(nodes.load, node.nodeId, -pieces.length);
  }
}

async function collect(
  client: RpcClient,
  pieces: readonly Piece[],
  { queryId, queryType, queryText, priority, isOnlyNode, signal, remainingMs }: NodeRequest,
): Promise<NodeOutcome> {
  const segments = pieces.map(({ segmentKey, intervals }) => ({ segmentKey, intervals }));
  const timeoutMs = Math.max(1, Math.floor(remainingMs()));
  const json = { queryType, queryId, segments, isOnlyNode, timeoutMs, priority };
  const message = { json, bytes: [queryText] };
  const partials: PartialResult[] = [];
  const missing = new Set<string>();
  let scannedRows = 0;
  for await (const item of client.call('historical.run', message, { signal })) {
    for (const bytes of item.bytes) partials.push(...decodePartials(bytes));
    for (const key of item.json.missingKeys) missing.add(key);
    scannedRows += item.json.scannedRows;
  }
  if (missing.size === 0) {
    return { answer: { pieces, partials, scannedRows }, left: [], cause: null };
  }
  const answered = pieces.filter(({ segmentKey }) => !missing.has(segmentKey));
  return {
    answer: answered.length === 0 ? null : { pieces: answered, partials, scannedRows },
    left: pieces.filter(({ segmentKey }) => missing.has(segmentKey)),
    cause: null,
  };
}

function pieceText({ segmentKey, intervals }: Piece): string {
  return `${segmentKey} ${intervals.map(({ start, end }) => `${start}/${end}`).join(' ')}`;
}

/**
 * The error for segments that nobody answers for: by name, at most 100 of them, retryable. When it was
 * load alone that kept every one of them away, the nodes' own refusal.
 */
export function missingError(
  missing: readonly MissingPiece[],
  facts: { dataSource: string; segmentCount: number; timelineVersion: number },
): IsothermError {
  const causes = missing.map(({ cause }) => cause);
  const busy = causes.find((cause) => cause?.kind === 'CapacityError');
  if (busy && causes.every((cause) => cause?.kind === 'CapacityError')) {
    return new CapacityError(busy.message, {
      code: busy.code,
      cause: busy,
      retryAfterSeconds: busy.retryAfterSeconds ?? 1,
    });
  }
  const names = missing.map(({ piece }) => piece.segmentKey).sort();
  const listed = names
    .slice(0, 3)
    .map((name) => `"${name}"`)
    .join(', ');
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  const cause = causes.find((each) => each !== null);
  return new UnavailableError(
    `${names.length} of ${facts.segmentCount} segments of datasource "${facts.dataSource}" are served by no node that answers: ${listed}${more}. Retry shortly, or set "allowPartial" in the context to get an answer over the rest.`,
    {
      code: 'SEGMENTS_UNAVAILABLE',
      details: {
        missingCount: names.length,
        segmentCount: facts.segmentCount,
        missingSegments: names.slice(0, 100),
        timelineVersion: facts.timelineVersion,
      },
      retryAfterSeconds: 1,
      ...(cause ? { cause } : {}),
    },
  );
}
