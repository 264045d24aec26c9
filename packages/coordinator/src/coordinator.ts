/**
 * The coordinator role: the leader's cycle behind the calls of nodes and brokers.
 */
import type { MetadataStore } from '@isotherm/metadata';
import type { Clock, Net, Random } from '@isotherm/platform';
import type { Handlers } from '@isotherm/rpc';
import { serveRpc } from '@isotherm/rpc';
import type { CoordinatorConfig } from './config.ts';
import { ControlLoop, notLeading } from './control-loop.ts';
import type { CoordinatorStatus } from './status.ts';
import { describe } from './status.ts';

/** A running coordinator. */
export interface Coordinator {
  /** `host:port` of its rpc listener. */
  readonly address: string;
  /** What it knows and waits for, now. */
  status(): CoordinatorStatus;
  /** Gives the leadership back and ends all streams. The metadata store stays open: the caller owns it. */
  close(): Promise<void>;
}

/** What a coordinator is made of. */
export interface CoordinatorOptions {
  readonly config: CoordinatorConfig;
  readonly metadata: MetadataStore;
  readonly net: Net;
  readonly clock: Clock;
  readonly random: Random;
  /** Hears of each problem once, when it begins. */
  readonly log?: (line: string) => void;
}

/** Least pause between something that happened and the cycle that reacts to it; more of it joins the same cycle. */
const minReactionMs = 20;
/** Pauses last this many times the cycle before, so that a storm of reports leaves the thread to others. */
const pausePerCycle = 2;

/**
 * Starts a coordinator. The first cycle has run when the promise resolves, so a free lease is taken.
 *
 * @throws UnavailableError if the address is taken
 */
export async function startCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const { config, metadata, net, clock } = options;
  // The loop leads under the address that the listener got, and the listener calls the loop.
  let driver: Driver | null = null;
  const handlers = handlersOf(() => driver);
  const server = await serveRpc({
    net,
    address: config.listen,
    clock,
    handlers,
    onUnexpected: (error, call) => options.log?.(`${call} failed: ${String(error)}`),
  });
  const loop = new ControlLoop({ config, metadata, clock, holder: server.address });
  const running = new Driver(loop, options);
  driver = running;
  await running.cycle();
  return {
    address: server.address,
    status: () => describe(loop),
    async close() {
      await running.stop();
      await server.close();
    },
  };
}

/** Runs the cycles of a loop one after the other: at every poll, and soon after a kick. */
class Driver {
  readonly loop: ControlLoop;
  readonly #options: CoordinatorOptions;
  #cancel: (() => void) | null = null;
  #running: Promise<void> | null = null;
  #isKicked = false;
  #isStopped = false;
  #reactionMs = minReactionMs;
  #lastProblems = new Set<string>();

  constructor(loop: ControlLoop, options: CoordinatorOptions) {
    this.loop = loop;
    this.#options = options;
  }

  /** Asks for a cycle soon. */
  kick(): void {
    if (this.#isKicked) return;
    this.#isKicked = true;
    if (this.#running === null) this.#schedule(this.#reactionMs);
  }

  /** Runs one cycle and plans the next. */
  async cycle(): Promise<void> {
    this.#isKicked = false;
    const { config, clock, random } = this.#options;
    const startMs = clock.monotonicMs();
    this.#running = this.#runLogged();
    await this.#running;
    this.#running = null;
    this.#reactionMs = Math.max(minReactionMs, pausePerCycle * (clock.monotonicMs() - startMs));
    // Jitter keeps standbys from asking for the lease all at once.
    this.#schedule(this.#isKicked ? this.#reactionMs : config.pollMs * (0.9 + 0.2 * random.next()));
  }

  /** Ends the cycles and resigns. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
    this.loop.cluster.clear(notLeading());
    this.loop.feed.clear(notLeading());
    // A store that is down lets the lease run out by itself.
    await this.loop.leader.resign().catch((error: unknown) => this.#log(String(error)));
  }

  #schedule(delayMs: number): void {
    this.#cancel?.();
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.schedule(delayMs, () => void this.cycle());
  }

  async #runLogged(): Promise<void> {
    try {
      await this.loop.runOnce();
    } catch (error) {
      // A bug must not stop the cycles: what is loaded keeps answering, and the log has the error.
      this.#log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const problems = new Set(this.loop.findings.problems);
    for (const problem of problems) if (!this.#lastProblems.has(problem)) this.#log(problem);
    this.#lastProblems = problems;
  }

  #log(line: string): void {
    this.#options.log?.(line);
  }
}

function handlersOf(current: () => Driver | null): Handlers {
  const leading = (): Driver => {
    const driver = current();
    if (driver === null || driver.loop.leader.current === null) throw notLeading();
    return driver;
  };
  return {
    async *'coordinator.register'({ json }, { signal }) {
      const driver = leading();
      const { cluster } = driver.loop;
      const entry = cluster.register(json.node, json.served);
      driver.kick();
      try {
        for await (const command of entry.commands.read(signal)) yield { json: command, bytes: [] };
      } finally {
        cluster.disconnect(entry);
        driver.kick();
      }
    },
    async *'coordinator.report'({ json }) {
      const driver = leading();
      driver.loop.cluster.report(json);
      driver.kick();
      yield { json: { accepted: true }, bytes: [] };
    },
    async *'coordinator.watch'({ json }, { signal }) {
      const driver = leading();
      for await (const update of driver.loop.feed.watch(json.brokerId, signal)) {
        yield { json: update, bytes: [] };
      }
    },
    async *'coordinator.acknowledge'({ json }) {
      const driver = leading();
      driver.loop.feed.acknowledge(json.brokerId, json.timelineVersion);
      driver.kick();
      yield { json: { accepted: true }, bytes: [] };
    },
  };
}
