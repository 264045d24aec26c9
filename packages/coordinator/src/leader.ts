/**
 * Leadership by a lease in the metadata store, judged by the store's clock. The lease is renewed after a
 * third of its time; a coordinator that was paused longer asks before it does anything else.
 */
import type { Leadership, MetadataStore } from '@isotherm/metadata';
import type { Clock } from '@isotherm/platform';

/** A candidate for the leadership. */
export class Leader {
  readonly #metadata: MetadataStore;
  readonly #clock: Clock;
  readonly #holder: string;
  readonly #leaseMs: number;
  #leadership: Leadership | null = null;
  #renewedMs = 0;

  constructor(options: {
    readonly metadata: MetadataStore;
    readonly clock: Clock;
    readonly holder: string;
    readonly leaseMs: number;
  }) {
    this.#metadata = options.metadata;
    this.#clock = options.clock;
    this.#holder = options.holder;
    this.#leaseMs = options.leaseMs;
  }

  /** The leadership as last confirmed; null when another leads. */
  get current(): Leadership | null {
    return this.#leadership;
  }

  /** False once the lease may have run out unrenewed: then nothing may be commanded any more. */
  get isCertain(): boolean {
    return this.#clock.monotonicMs() - this.#renewedMs < this.#leaseMs;
  }

  /** Takes or renews the lease when it is time to. @throws StoreError; the leadership then stays as it was */
  async confirm(): Promise<Leadership | null> {
    const ageMs = this.#clock.monotonicMs() - this.#renewedMs;
    if (this.#leadership !== null && ageMs < this.#leaseMs / 3) return this.#leadership;
    const askedMs = this.#clock.monotonicMs();
    this.#leadership = await this.#metadata.lead(this.#holder, this.#leaseMs);
    this.#renewedMs = askedMs;
    return this.#leadership;
  }

  /** Forgets the leadership after a fenced write told that it is gone. */
  lose(): void {
    this.#leadership = null;
  }

  /** Gives the leadership back, so that a standby leads at once. */
  async resign(): Promise<void> {
    const leadership = this.#leadership;
    this.#leadership = null;
    if (leadership !== null) await this.#metadata.resign(leadership);
  }
}
