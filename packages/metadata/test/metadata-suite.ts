/**
 * What every metadata store must do, as a function of a factory: an implementation's own test calls it
 * and adds what is special to it.
 */
import type { Job, JobRequest, MetadataStore } from '@isotherm/metadata';
import type { Interval, SegmentDescriptor } from '@isotherm/timeline';
import { NamespacedTimeline, formatSegmentId, parseInterval } from '@isotherm/timeline';
import { afterEach, describe, expect, it } from 'vitest';
import { segmentOf } from './segment-of.ts';

/** A fresh, empty place. `open` gives one more store on it, as another process would have. */
export interface MetadataPlace {
  open(): Promise<MetadataStore>;
  /** Closes what is open and removes the place. */
  remove(): Promise<void>;
}

const audit = { author: 'ann', comment: 'why' };
const leaseMs = 60_000;
/** Short enough to wait for, since leases run by the store's own clock. */
const shortLeaseMs = 40;

export function request(jobId: string, change: Partial<JobRequest> = {}): JobRequest {
  const owner = 'host:1';
  return {
    jobId,
    dataSource: 'ads',
    namespace: 'default',
    fingerprint: jobId,
    owner,
    leaseMs,
    ...change,
  };
}

/** Runs a job from beginning to published. */
export async function publish(
  store: MetadataStore,
  jobRequest: JobRequest,
  intervals: readonly string[] = ['2026-01-01/P1D'],
): Promise<Job> {
  const job = await store.beginJob(jobRequest);
  await store.publishJob(
    job.jobId,
    intervals.map((interval) => segmentOf(job, interval)),
  );
  return job;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function keysAt(segments: readonly SegmentDescriptor[], interval: Interval): string[] {
  return NamespacedTimeline.of(segments)
    .lookup([interval])
    .map(({ descriptor }) => formatSegmentId(descriptor.id));
}

/** Registers the suite. */
export function metadataSuite(name: string, makePlace: () => Promise<MetadataPlace>): void {
  describe(`metadata store: ${name}`, () => {
    const places: MetadataPlace[] = [];
    const place = async (): Promise<MetadataPlace> => {
      const made = await makePlace();
      places.push(made);
      return made;
    };
    const open = async (): Promise<MetadataStore> => (await place()).open();
    afterEach(async () => {
      for (const made of places.splice(0)) await made.remove();
    });

    describe('a new store', () => {
      it('is at timeline version 0, empty, and loads everything once', async () => {
        const store = await open();
        expect(await store.timeline()).toEqual({ timelineVersion: 0, segments: [] });
        expect(await store.segments()).toEqual([]);
        expect(await store.publishedJobs()).toEqual([]);
        expect(await store.job('none')).toBeNull();
        expect(await store.rules()).toEqual({
          _default: [{ type: 'loadForever', tieredReplicants: { _default_tier: 1 } }],
        });
      });
    });

    describe('a job', () => {
      it('is building, published, then visible', async () => {
        const store = await open();
        const job = await store.beginJob(request('j1'));
        expect(job).toEqual({
          jobId: 'j1',
          dataSource: 'ads',
          namespace: 'default',
          state: 'building',
          version: 1,
          timelineVersion: null,
          fingerprint: 'j1',
        });
        const segments = [
          segmentOf(job, '2026-01-01/P1D', 0, 2),
          segmentOf(job, '2026-01-01/P1D', 1, 2),
        ];
        await store.publishJob('j1', segments);
        expect(await store.publishedJobs()).toEqual([
          { job: { ...job, state: 'published' }, segments },
        ]);
        expect(await store.timeline()).toEqual({ timelineVersion: 0, segments: [] });
        const leadership = await lead(store);
        expect(await store.makeVisible(['j1'], leadership)).toBe(1);
        expect(await store.timeline()).toEqual({ timelineVersion: 1, segments });
        expect(await store.job('j1')).toEqual({ ...job, state: 'visible', timelineVersion: 1 });
        expect(await store.publishedJobs()).toEqual([]);
      });

      it('holds its datasource and namespace against others, who learn by whom', async () => {
        const store = await open();
        await store.beginJob(request('j1', { owner: 'web1:42' }));
        await expect(store.beginJob(request('j2'))).rejects.toMatchObject({
          kind: 'ConflictError',
          code: 'INTERVAL_LOCKED',
          details: { jobId: 'j1', owner: 'web1:42' },
          message:
            'Datasource "ads", namespace "default" is being written by job "j1" of "web1:42". Expected no other running job. Wait until it ends; if it died, its lease ends in 60 s.',
        });
        const other = await store.beginJob(request('j3', { namespace: 'ads/h07' }));
        expect(other.version).toBe(2);
      });

      it('that failed gives its lease back and leaves nothing', async () => {
        const store = await open();
        await store.beginJob(request('j1'));
        await store.failJob('j1', 'disk full');
        await store.failJob('j1', 'again');
        expect(await store.job('j1')).toMatchObject({ state: 'failed' });
        expect(await store.beginJob(request('j2'))).toMatchObject({ version: 2 });
        await expect(store.publishJob('j1', [])).rejects.toMatchObject({ code: 'LEASE_LOST' });
      });

      it('that failed may begin again under its id, with a new version', async () => {
        const store = await open();
        await store.beginJob(request('j1'));
        await store.failJob('j1', 'killed');
        expect(await store.beginJob(request('j1'))).toMatchObject({
          state: 'building',
          version: 2,
        });
        await expect(store.beginJob(request('j1', { namespace: 'other' }))).rejects.toMatchObject({
          code: 'JOB_EXISTS',
        });
      });

      it('of the same fingerprint is not built twice, while any of it is in use', async () => {
        const store = await open();
        const first = await publish(store, request('j1', { fingerprint: 'same' }));
        const again = request('j2', { fingerprint: 'same' });
        expect(await store.beginJob(again)).toEqual({ ...first, state: 'published' });
        await store.makeVisible(['j1'], await lead(store));
        expect(await store.beginJob(again)).toMatchObject({ jobId: 'j1', state: 'visible' });
        const { dataSource, namespace, version } = first;
        await store.setUsed({ dataSource, namespace, version, interval: null }, false, audit);
        expect(await store.beginJob(again)).toMatchObject({ jobId: 'j2', state: 'building' });
      });

      it('is published once, however often it asks', async () => {
        const store = await open();
        const job = await publish(store, request('j1'));
        await store.publishJob('j1', [segmentOf(job, '2026-01-01/P1D')]);
        expect(await store.segments()).toHaveLength(1);
        await expect(store.failJob('j1', 'late')).rejects.toMatchObject({ code: 'JOB_PUBLISHED' });
      });

      const faults: [string, (job: Job) => SegmentDescriptor[]][] = [
        ['of another version', (job) => [segmentOf({ ...job, version: 9 }, '2026-01-01/P1D')]],
        [
          'of another namespace',
          (job) => [segmentOf({ ...job, namespace: 'x' }, '2026-01-01/P1D')],
        ],
        ['without its other partition', (job) => [segmentOf(job, '2026-01-01/P1D', 0, 2)]],
        ['twice', (job) => [segmentOf(job, '2026-01-01/P1D'), segmentOf(job, '2026-01-01/P1D')]],
        [
          'that overlaps another',
          (job) => [segmentOf(job, '2026-01-01/P1D'), segmentOf(job, '2026-01-01/P2D')],
        ],
        ['of an empty interval', (job) => [segmentOf(job, '2026-01-01/2026-01-01')]],
      ];
      it.each(faults)(
        'cannot publish a segment %s, and nothing of it stays',
        async (_name, make) => {
          const store = await open();
          const job = await store.beginJob(request('j1'));
          await expect(store.publishJob('j1', make(job))).rejects.toMatchObject({
            kind: 'InvariantError',
          });
          expect(await store.segments()).toEqual([]);
          await store.publishJob('j1', [segmentOf(job, '2026-01-01/P1D')]);
          expect(await store.segments()).toHaveLength(1);
        },
      );
    });

    describe('a lease', () => {
      it('that ran out is taken over: the job before is failed and can no longer publish', async () => {
        const store = await open();
        const first = await store.beginJob(request('j1', { leaseMs: shortLeaseMs }));
        await pause(shortLeaseMs + 20);
        const second = await store.beginJob(request('j2'));
        expect(await store.job('j1')).toMatchObject({ state: 'failed' });
        await expect(store.renewLease('j1', leaseMs)).rejects.toMatchObject({ code: 'LEASE_LOST' });
        const late = store.publishJob('j1', [segmentOf(first, '2026-01-01/P1D')]);
        await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' });
        await store.publishJob('j2', [segmentOf(second, '2026-01-01/P1D')]);
      });

      it('that ran out unseen can still be renewed', async () => {
        const store = await open();
        await store.beginJob(request('j1', { leaseMs: shortLeaseMs }));
        await pause(shortLeaseMs + 20);
        await store.renewLease('j1', leaseMs);
        await expect(store.beginJob(request('j2'))).rejects.toMatchObject({
          code: 'INTERVAL_LOCKED',
        });
      });

      it('taken again by its own job keeps the attempt before from publishing', async () => {
        const store = await open();
        const first = await store.beginJob(request('j1', { leaseMs: shortLeaseMs }));
        await pause(shortLeaseMs + 20);
        const second = await store.beginJob(request('j1'));
        expect(second.version).toBe(2);
        const late = store.publishJob('j1', [segmentOf(first, '2026-01-01/P1D')]);
        await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' });
        await store.publishJob('j1', [segmentOf(second, '2026-01-01/P1D')]);
      });
    });

    describe('two processes', () => {
      it('that begin the same at once: exactly one wins', async () => {
        const shared = await place();
        const stores = await Promise.all([1, 2, 3, 4].map(() => shared.open()));
        const results = await Promise.allSettled(
          stores.map((store, index) => store.beginJob(request(`j${index}`))),
        );
        const won = results.filter(({ status }) => status === 'fulfilled');
        const codes = results.flatMap((one) =>
          one.status === 'rejected' ? [one.reason.code] : [],
        );
        expect([won.length, codes]).toEqual([1, Array(3).fill('INTERVAL_LOCKED')]);
      });

      it('that write different namespaces both succeed, and neither hides the other', async () => {
        const shared = await place();
        const [one, two] = [await shared.open(), await shared.open()];
        await Promise.all([
          publish(one, request('j1', { namespace: 'a' })),
          publish(two, request('j2', { namespace: 'b' })),
        ]);
        await one.makeVisible(['j1', 'j2'], await lead(one));
        const { segments } = await two.timeline();
        expect(keysAt(segments, parseInterval('2026-01-01/P1D'))).toHaveLength(2);
      });
    });

    describe('a crash', () => {
      it('between any two steps loses and duplicates nothing', async () => {
        const shared = await place();
        const job = await (await shared.open()).beginJob(request('j1', { leaseMs: shortLeaseMs }));
        const reopened = await shared.open();
        expect(await reopened.job('j1')).toEqual(job);
        await reopened.publishJob('j1', [segmentOf(job, '2026-01-01/P1D')]);
        // The reply was lost: the same call from a new process changes nothing.
        const third = await shared.open();
        await third.publishJob('j1', [segmentOf(job, '2026-01-01/P1D')]);
        expect(await third.beginJob(request('j2', { fingerprint: 'j1' }))).toMatchObject({
          jobId: 'j1',
        });
        await third.makeVisible(['j1'], await lead(third));
        const fourth = await shared.open();
        expect(await fourth.makeVisible(['j1'], await lead(fourth))).toBe(1);
        expect(await fourth.timeline()).toMatchObject({
          timelineVersion: 1,
          segments: [{ jobId: 'j1' }],
        });
      });
    });

    describe('the flip', () => {
      it('makes several jobs visible under one version', async () => {
        const store = await open();
        await publish(store, request('j1'));
        await publish(store, request('j2', { dataSource: 'other' }));
        expect(await store.makeVisible(['j1', 'j2'], await lead(store))).toBe(1);
        expect((await store.timeline()).segments).toHaveLength(2);
      });

      it('is refused to a leader of an older epoch', async () => {
        const store = await open();
        await publish(store, request('j1'));
        const paused = await store.lead('one', shortLeaseMs);
        await pause(shortLeaseMs + 20);
        const current = await store.lead('two', leaseMs);
        expect([paused?.epoch, current?.epoch]).toEqual([1, 2]);
        await expect(store.makeVisible(['j1'], { epoch: 1, holder: 'one' })).rejects.toMatchObject({
          code: 'NOT_LEADER',
          message:
            'Coordinator "one" of epoch 1 does not lead any more. The epoch is 2. Nothing was written.',
        });
        expect(await store.timelineVersion()).toBe(0);
        expect(await store.makeVisible(['j1'], { epoch: 2, holder: 'two' })).toBe(1);
      });

      it('of a job that is not published changes nothing at all', async () => {
        const store = await open();
        await publish(store, request('j1'));
        await store.beginJob(request('j2'));
        const leadership = await lead(store);
        await expect(store.makeVisible(['j1', 'j2'], leadership)).rejects.toMatchObject({
          code: 'JOB_NOT_PUBLISHED',
        });
        await expect(store.makeVisible(['j9'], leadership)).rejects.toMatchObject({
          code: 'JOB_NOT_FOUND',
        });
        expect(await store.job('j1')).toMatchObject({ state: 'published' });
        expect(await store.timelineVersion()).toBe(0);
      });
    });

    describe('revert', () => {
      it('disables a version, so that the one before shows again, and redo enables it', async () => {
        const store = await open();
        const day = parseInterval('2026-01-01/P1D');
        const old = await publish(store, request('j1'));
        const fresh = await publish(store, request('j2'));
        await store.makeVisible(['j1', 'j2'], await lead(store));
        const visible = async (): Promise<string[]> =>
          keysAt((await store.timeline()).segments, day);
        const keyOf = (job: Job): string => formatSegmentId(segmentOf(job, '2026-01-01/P1D').id);
        expect(await visible()).toEqual([keyOf(fresh)]);
        const { dataSource, namespace, version } = fresh;
        const selection = { dataSource, namespace, version, interval: null };
        expect(await store.setUsed(selection, false, audit)).toBe(1);
        expect([await store.timelineVersion(), await visible()]).toEqual([2, [keyOf(old)]]);
        expect(await store.setUsed(selection, false, audit)).toBe(0);
        expect(await store.timelineVersion()).toBe(2);
        expect(await store.setUsed(selection, true, audit)).toBe(1);
        expect([await store.timelineVersion(), await visible()]).toEqual([3, [keyOf(fresh)]]);
      });

      it('inside an interval takes what lies wholly in it', async () => {
        const store = await open();
        const { version } = await publish(store, request('j1'), [
          '2026-01-01/P1D',
          '2026-01-02/P1D',
        ]);
        const interval = parseInterval('2026-01-02/P7D');
        const selection = { dataSource: 'ads', namespace: 'default', version, interval };
        expect(await store.setUsed(selection, false, audit)).toBe(1);
        const states = (await store.segments()).map(({ descriptor, used }) => [
          descriptor.id.interval.start,
          used,
        ]);
        expect(states).toEqual([
          [Date.UTC(2026, 0, 1), true],
          [Date.UTC(2026, 0, 2), false],
        ]);
      });
    });

    it('segments() lists every state, newest version first, by datasource and namespace', async () => {
      const store = await open();
      await publish(store, request('j1'));
      await publish(store, request('j2', { namespace: 'b' }));
      await store.makeVisible(['j1'], await lead(store));
      await publish(store, request('j3', { dataSource: 'other' }));
      const list = async (filter?: {
        dataSource?: string;
        namespace?: string;
      }): Promise<string[]> =>
        (await store.segments(filter)).map(
          ({ descriptor, state }) => `${descriptor.jobId} ${state}`,
        );
      expect(await list()).toEqual(['j3 published', 'j2 published', 'j1 visible']);
      expect(await list({ dataSource: 'ads' })).toEqual(['j2 published', 'j1 visible']);
      expect(await list({ dataSource: 'ads', namespace: 'b' })).toEqual(['j2 published']);
    });

    describe('rules', () => {
      it('are kept by datasource; none means those of _default', async () => {
        const store = await open();
        const rules = [
          {
            type: 'loadByPeriod',
            period: 'P1M',
            includeFuture: true,
            tieredReplicants: { hot: 2 },
          },
          { type: 'dropForever' },
        ] as const;
        await store.setRules('ads', rules, audit);
        await store.setRules('constructor', [{ type: 'dropForever' }], audit);
        expect(await store.rules()).toEqual({
          _default: [{ type: 'loadForever', tieredReplicants: { _default_tier: 1 } }],
          ads: rules,
          constructor: [{ type: 'dropForever' }],
        });
        await store.setRules('ads', [], audit);
        await store.setRules('_default', [{ type: 'dropForever' }], audit);
        expect(await store.rules()).toEqual({
          _default: [{ type: 'dropForever' }],
          constructor: [{ type: 'dropForever' }],
        });
      });

      it('that cannot be read are refused, and the rules before stay', async () => {
        const store = await open();
        // As a caller without types would send it.
        const wrong = [{ type: 'loadForevr' }] as unknown as [{ type: 'dropForever' }];
        await expect(store.setRules('ads', wrong, audit)).rejects.toThrow(
          'Did you mean "loadForever"?',
        );
        expect(Object.keys(await store.rules())).toEqual(['_default']);
      });
    });

    describe('leadership', () => {
      it('is held by one, kept by asking again, and free after resigning', async () => {
        const store = await open();
        expect(await store.lead('one', leaseMs)).toEqual({ epoch: 1, holder: 'one' });
        expect(await store.lead('two', leaseMs)).toBeNull();
        expect(await store.lead('one', leaseMs)).toEqual({ epoch: 1, holder: 'one' });
        await store.resign({ epoch: 1, holder: 'two' });
        expect(await store.lead('two', leaseMs)).toBeNull();
        await store.resign({ epoch: 1, holder: 'one' });
        expect(await store.lead('two', leaseMs)).toEqual({ epoch: 2, holder: 'two' });
      });

      it('taken by many at once goes to one', async () => {
        const shared = await place();
        const stores = await Promise.all(['a', 'b', 'c'].map(() => shared.open()));
        const results = await Promise.all(
          stores.map((store, index) => store.lead(`holder${index}`, leaseMs)),
        );
        expect(results.filter((one) => one !== null)).toHaveLength(1);
      });

      it('that ran out has a new epoch, even for the one who held it', async () => {
        const store = await open();
        await store.lead('one', shortLeaseMs);
        await pause(shortLeaseMs + 20);
        expect(await store.lead('one', leaseMs)).toEqual({ epoch: 2, holder: 'one' });
      });
    });
  });
}

async function lead(store: MetadataStore): Promise<{ epoch: number; holder: string }> {
  const leadership = await store.lead('leader', leaseMs);
  if (leadership === null) throw new Error('Somebody else leads.');
  return leadership;
}
