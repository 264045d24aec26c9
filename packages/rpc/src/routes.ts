/**
 * Every call between nodes, with its types: this file is where the roles meet, since packages of
 * level 3 never import each other. A call has one request and a stream of items; a call that answers
 * once sends one item. `bytes` travel beside the JSON part of a message without being copied into it.
 */
import type { Query } from '@isotherm/query';
import type { Interval, SegmentDescriptor } from '@isotherm/timeline';

/** A message: a JSON part and binary attachments. */
export interface Message<Json> {
  readonly json: Json;
  readonly bytes: readonly Uint8Array[];
  /**
   * What `bytes` hold as text, parsed already: a caller's favour to a node of its own process. It does not
   * travel, so a receiver without it parses `bytes`.
   */
  readonly query?: Query;
}

/** What a historical tells of itself when it registers. */
export interface HistoricalNode {
  readonly nodeId: string;
  /** `host:port` of its rpc listener. */
  readonly address: string;
  readonly tier: string;
  /** Bytes of segments that it may hold. */
  readonly capacityBytes: number;
  readonly priority: number;
}

/** A command of the leading coordinator to one historical. */
export type NodeCommand =
  | { readonly type: 'load'; readonly segmentKey: string; readonly descriptor: SegmentDescriptor }
  | { readonly type: 'drop'; readonly segmentKey: string };

/** What a historical reports: changes since its last report, by segment key (the text form of the id). */
export interface ServedReport {
  readonly nodeId: string;
  readonly loaded: readonly string[];
  readonly dropped: readonly string[];
  readonly failed: readonly { readonly segmentKey: string; readonly reason: string }[];
  readonly usedBytes: number;
}

/** One node as brokers see it. */
export interface ServingNode extends HistoricalNode {
  /** Keys of all segments that it serves. */
  readonly served: readonly string[];
}

/** The cluster's visible state, whole (`full: true`, replaces everything) or as a change. */
export interface TimelineUpdate {
  readonly full: boolean;
  readonly timelineVersion: number;
  readonly added: readonly SegmentDescriptor[];
  readonly removedKeys: readonly string[];
  /** Visible segments that no rule loads anywhere: outside the timeline; coverage says so. */
  readonly unservedKeys: readonly string[];
  readonly nodesChanged: readonly ServingNode[];
  readonly nodesGone: readonly string[];
}

/** Part of a query for one historical; `bytes` hold the query's JSON text in UTF-8, validated by the broker. */
export interface SegmentsRequest {
  readonly queryType: Query['queryType'];
  readonly queryId: string;
  readonly segments: readonly {
    readonly segmentKey: string;
    readonly intervals: readonly Interval[];
  }[];
  /**
   * True if no other node is asked: then groups that cannot be in the answer may be left out, unless
   * a segment is missing.
   */
  readonly isOnlyNode: boolean;
  /** What is left of the time limit, milliseconds. */
  readonly timeoutMs: number;
  readonly priority: number;
}

/**
 * One answer of a historical: what it does not serve, and partial results in `bytes`, one block of
 * `encodePartials` for each worker that took part.
 */
export interface SegmentsAnswer {
  readonly missingKeys: readonly string[];
  readonly scannedRows: number;
}

/**
 * A native query on its way from the query service to a broker; `bytes` hold its JSON text in UTF-8, in
 * which whole numbers that a double cannot hold are text. A time limit of 0 is the broker's default.
 */
export interface QueryRequest {
  readonly queryId: string;
  /** Datasources that the caller may read; null = all. Tenant scope is decided by the query service. */
  readonly allowedDataSources: readonly string[] | null;
}

/** First item: facts of the answer; the JSON text of the result follows in `bytes` of this and later items. */
export interface QueryAnswer {
  /** Goes into X-Druid-Response-Context. Null on every item but the first. */
  readonly context: QueryAnswerContext | null;
}

/** What an answer covers and cost. */
export interface QueryAnswerContext {
  readonly timelineVersion: number;
  /** Segments that answered, and those of the query in all. They differ only with allowPartial. */
  readonly segmentsAnswered: number;
  readonly segmentsTotal: number;
  readonly scannedRows: number;
  readonly rowCount: number;
  readonly partial: boolean;
  readonly missingSegments: readonly string[];
  /** Parts of the query's intervals where the timeline holds nothing, ISO text, at most 100. */
  readonly uncoveredIntervals: readonly string[];
}

/** Calls by name: `[request, item]`. */
export interface Routes {
  /** Historical → coordinator. Answers with commands for as long as the node is connected. */
  'coordinator.register': [{ node: HistoricalNode; served: readonly string[] }, NodeCommand];
  /** Historical → coordinator. */
  'coordinator.report': [ServedReport, { accepted: true }];
  /** Broker → coordinator: a full update, then changes; resumes after `afterUpdate` if it can. */
  'coordinator.watch': [{ brokerId: string }, TimelineUpdate];
  /** Broker → coordinator: this broker plans by that version now. */
  'coordinator.acknowledge': [{ brokerId: string; timelineVersion: number }, { accepted: true }];
  /** Broker → historical. */
  'historical.run': [SegmentsRequest, SegmentsAnswer];
  /** Query service → broker. */
  'broker.query': [QueryRequest, QueryAnswer];
  /** Query service → broker: stops a running query; unknown ids are no error. */
  'broker.cancel': [{ queryId: string }, { cancelled: boolean }];
  /** Query service → broker: names and columns of the visible datasources. */
  'broker.dataSources': [Record<string, never>, readonly DataSourceSummary[]];
  /** Query service → broker: is the timeline known and every visible segment served? */
  'broker.status': [Record<string, never>, BrokerStatus];
}

/** A visible datasource. */
export interface DataSourceSummary {
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly metrics: readonly string[];
  readonly segmentCount: number;
  readonly rowCount: number;
}

/** How complete a broker's view is. */
export interface BrokerStatus {
  readonly timelineVersion: number | null;
  readonly visibleSegments: number;
  readonly unavailableSegments: number;
  /** Milliseconds since the view was last known to be current; 0 while connected. */
  readonly viewAgeMs: number;
}
