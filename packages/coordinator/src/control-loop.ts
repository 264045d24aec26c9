/**
 * The leader's cycle. Once per poll, and soon after every report:
 *
 *   1. confirm the lease                          leader.ts
 *   2. read timeline, published jobs and rules    store-view.ts, targets.ts
 *   3. flip the jobs that are wholly served       metadata, fenced by the epoch
 *   4. choose the timeline that brokers plan by   timeline-hold.ts, unserved-hold.ts
 *   5. plan and command loads                     assignment.ts, cluster-view.ts
 *   6. give up copies nobody needs                drops.ts
 *   7. tell the brokers                           broker-feed.ts; idle-check.ts when all is done
 *
 * A failing metadata store stops steps 2 and 3 only until the next cycle: brokers and nodes keep what
 * they have.
 */
import { IsothermError, UnavailableError } from '@isotherm/errors';
import type { Leadership, MetadataStore } from '@isotherm/metadata';
import type { Clock } from '@isotherm/platform';
import type { Plan } from './assignment.ts';
import { planAssignment } from './assignment.ts';
import { BrokerFeed } from './broker-feed.ts';
import { ClusterView } from './cluster-view.ts';
import type { CoordinatorConfig } from './config.ts';
import { findDrops } from './drops.ts';
import { IdleCheck } from './idle-check.ts';
import { Leader } from './leader.ts';
import { ruleBook } from './rules.ts';
import type { StoreView } from './store-view.ts';
import { readStore } from './store-view.ts';
import type { PendingJob, Targets, VisibleTimeline } from './targets.ts';
import { findTargets, missingKeys } from './targets.ts';
import { TimelineHold } from './timeline-hold.ts';
import { UnservedHold } from './unserved-hold.ts';

/** Results of the last cycle, for the status. */
interface CycleFindings {
  /** False until a cycle of this reign got as far as to compare jobs with what is served. */
  readonly isKnown: boolean;
  readonly pending: readonly PendingJob[];
  readonly missingByJob: ReadonlyMap<string, readonly string[]>;
  readonly reasons: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

const noFindings: CycleFindings = {
  isKnown: false,
  pending: [],
  missingByJob: new Map(),
  reasons: new Map(),
  problems: [],
};

/** The state of one coordinator and what it does with it. */
export class ControlLoop {
  readonly leader: Leader;
  readonly cluster: ClusterView;
  readonly feed: BrokerFeed;
  readonly #config: CoordinatorConfig;
  readonly #metadata: MetadataStore;
  readonly #clock: Clock;
  readonly #hold: TimelineHold;
  readonly #unserved: UnservedHold;
  readonly #idle: IdleCheck;
  #store: StoreView | null = null;
  /** Clock time at which this reign began. */
  #leadsSinceMs = 0;
  #epoch: number | null = null;
  /** True once the timeline was shown in this reign. */
  #isShown = false;
  /** True when there was nothing visible at the beginning of this reign, so that no node can come back with it. */
  #isFresh = false;
  findings: CycleFindings = noFindings;

  constructor(options: {
    readonly config: CoordinatorConfig;
    readonly metadata: MetadataStore;
    readonly clock: Clock;
    readonly holder: string;
  }) {
    const { config, metadata, clock, holder } = options;
    this.#config = config;
    this.#metadata = metadata;
    this.#clock = clock;
    this.leader = new Leader({ metadata, clock, holder, leaseMs: config.leaseMs });
    this.cluster = new ClusterView(clock);
    this.feed = new BrokerFeed(clock);
    this.#hold = new TimelineHold(clock, config.maxHoldMs);
    this.#unserved = new UnservedHold(clock, config.maxHoldMs);
    this.#idle = new IdleCheck(clock);
  }

  /** Number of the newest timeline version that this leader has read; null before the first. */
  get newestVersion(): number | null {
    return this.#store?.visible.timelineVersion ?? null;
  }

  /** Runs one cycle. Never throws what the metadata store throws: that becomes a problem of the findings. */
  async runOnce(): Promise<void> {
    const problems: string[] = [];
    try {
      const leadership = await this.leader.confirm();
      if (leadership === null) return this.#stepDown('Another coordinator leads.');
      this.#startReign(leadership);
      await this.#readStore();
      await this.#flip(leadership);
    } catch (error) {
      if (!(error instanceof IsothermError)) throw error;
      if (error.code === 'NOT_LEADER') {
        this.leader.lose();
        return this.#stepDown(error.message);
      }
      problems.push(error.message);
    }
    if (problems.length === 0 && this.#idle.isIdle(this.#seen())) return;
    if (this.leader.current !== null && this.#store !== null) this.#steer(this.#store, problems);
    else this.findings = { ...noFindings, problems };
  }

  /** Ends all streams, so that nodes and brokers look for the coordinator that leads now. */
  #stepDown(reason: string): void {
    this.findings = { ...noFindings, problems: [reason] };
    if (this.#epoch === null) return;
    this.#epoch = null;
    this.#store = null;
    this.#idle.end();
    const fault = notLeading();
    this.cluster.clear(fault);
    this.feed.clear(fault);
    this.#hold.clear();
  }

  #startReign({ epoch }: Leadership): void {
    if (this.#epoch === epoch) return;
    if (this.#epoch !== null) this.#stepDown('The lease ran out and was taken anew.');
    this.#epoch = epoch;
    this.#leadsSinceMs = this.#clock.monotonicMs();
    this.#isShown = false;
    this.#isFresh = false;
  }

  async #readStore(): Promise<void> {
    const before = this.#store;
    this.#store = await readStore(this.#metadata, before);
    this.#isFresh ||= before === null && this.#store.visible.segments.size === 0;
  }

  /** Makes all jobs visible whose wanted segments are served, then reads the timeline anew. */
  async #flip(leadership: Leadership): Promise<void> {
    const store = this.#store;
    if (store === null || store.pending.length === 0) return;
    const targets = this.#targets(store);
    const served = this.cluster.servedKeys();
    const done = store.pending.filter((job) => missingKeys(job, targets, served).length === 0);
    if (done.length === 0) return;
    await this.#metadata.makeVisible(
      done.map(({ job }) => job.jobId),
      leadership,
    );
    await this.#readStore();
  }

  /** Steps 4 to 7: nothing here waits. */
  #steer(store: StoreView, problems: string[]): void {
    if (!this.leader.isCertain) {
      problems.push('The lease could not be renewed. Nothing is loaded or dropped until it is.');
      return this.#keepView(problems);
    }
    this.cluster.expire(this.#config.nodeGraceMs);
    const targets = this.#targets(store);
    const served = this.cluster.servedKeys();
    if (!this.#mayShow(store, targets, served)) {
      problems.push('Waits for the nodes to come back after the change of leader.');
      return this.#note(store, targets, new Map(), problems);
    }
    const shown = this.#hold.choose(store.visible, targets, served, problems);
    const plan = this.#assign(store, targets);
    const dropped = this.#drop(store, { targets, shown, plan }, problems);
    const unservedKeys = this.#unserved.choose(dropped, this.feed.view, shown, served);
    this.cluster.dropLeaving(this.#config.dropGraceMs);
    const nodes = this.cluster.servingNodes();
    const { timelineVersion, segments } = shown;
    this.feed.publish({ timelineVersion, segments, unservedKeys, nodes });
    this.#note(store, targets, plan.reasons, problems);
    if (this.#isDone(store, plan, problems)) this.#idle.begin(this.#seen());
    else this.#idle.end();
  }

  /** True when only something new can give the next cycle anything to do. */
  #isDone(store: StoreView, plan: Plan, problems: readonly string[]): boolean {
    const { nodeGraceMs, dropGraceMs } = this.#config;
    return (
      problems.length === 0 &&
      plan.reasons.size === 0 &&
      store.pending.length === 0 &&
      this.cluster.isQuiet &&
      this.feed.isAcknowledged(this.feed.view?.timelineVersion ?? 0, nodeGraceMs) &&
      this.#reignMs() >= Math.max(nodeGraceMs, dropGraceMs)
    );
  }

  /** All that a cycle depends on, but for time. */
  #seen(): readonly unknown[] {
    return [this.#store, this.cluster.revision, this.feed.revision];
  }

  /** Tells brokers of nodes that come and go, and of nothing else. */
  #keepView(problems: readonly string[]): void {
    const { view } = this.feed;
    if (view !== null) this.feed.publish({ ...view, nodes: this.cluster.servingNodes() });
    this.findings = { ...this.findings, problems };
  }

  #targets(store: StoreView): Targets {
    const copiesOf = ruleBook(store.rules, this.#clock.nowMs());
    return findTargets(store.visible, store.pending, copiesOf);
  }

  /**
   * After a change of leader the nodes come back one by one. Until all that is visible is served again,
   * or their grace is over, brokers keep what they know.
   */
  #mayShow({ visible }: StoreView, { wanted }: Targets, served: ReadonlySet<string>): boolean {
    this.#isShown ||=
      this.#reignMs() >= this.#config.nodeGraceMs ||
      [...visible.segments.keys()].every((key) => !wanted.has(key) || served.has(key));
    return this.#isShown;
  }

  #assign({ visible }: StoreView, { wanted }: Targets): Plan {
    const bytesOf = (key: string): number =>
      (visible.segments.get(key) ?? visible.hidden.get(key) ?? wanted.get(key)?.descriptor)
        ?.bytes ?? 0;
    const nodes = this.cluster.planNodes(bytesOf);
    const { maxLoadsPerNode, nodeGraceMs } = this.#config;
    // A node that is still coming back has copies that must not be loaded a second time.
    const isEarly = this.#reignMs() < nodeGraceMs && !this.#isFresh;
    const limits = { maxLoadsPerNode: isEarly ? 0 : maxLoadsPerNode };
    const plan = planAssignment(nodes, [...wanted.values()], limits);
    for (const { nodeId, key } of plan.keeps) this.cluster.keep(nodeId, key);
    for (const { nodeId, key, descriptor } of plan.loads)
      this.cluster.load(nodeId, key, descriptor);
    return plan;
  }

  /** Lets copies go. @returns the keys that brokers shall take out of the timeline */
  #drop(
    store: StoreView,
    state: { readonly targets: Targets; readonly shown: VisibleTimeline; readonly plan: Plan },
    problems: string[],
  ): readonly string[] {
    const { dropGraceMs, nodeGraceMs, maxDropFraction } = this.#config;
    const { timelineVersion } = state.shown;
    const isTold = this.feed.view?.timelineVersion === timelineVersion;
    const drops = findDrops({
      nodes: [...this.cluster.nodes],
      ...state,
      hidden: store.visible.hidden,
      isAcknowledged: isTold && this.feed.isAcknowledged(timelineVersion, nodeGraceMs),
      maxDropFraction,
    });
    if (drops.refusal !== null) problems.push(drops.refusal);
    // Brokers of the last reign are still coming back; they may plan by an older version.
    if (this.#reignMs() >= dropGraceMs) {
      for (const { node, key } of drops.copies) this.cluster.leave(node, key);
    }
    return drops.unservedKeys;
  }

  #reignMs(): number {
    return this.#clock.monotonicMs() - this.#leadsSinceMs;
  }

  #note(
    { pending }: StoreView,
    targets: Targets,
    reasons: ReadonlyMap<string, string>,
    problems: readonly string[],
  ): void {
    const served = this.cluster.servedKeys();
    const missingByJob = new Map(
      pending.map((one) => [one.job.jobId, missingKeys(one, targets, served)]),
    );
    this.findings = { isKnown: true, pending, missingByJob, reasons, problems };
  }
}

/** What callers of a coordinator that does not lead are told; they try again, here or elsewhere. */
export function notLeading(): UnavailableError {
  return new UnavailableError(
    'This coordinator does not lead. Try again, or ask the one that leads.',
    {
      code: 'NOT_LEADER',
    },
  );
}
