import { describe, expect, it } from 'vitest';
import { manualClock, nodeClock, nodeRandom, seededRandom } from '../src/index.ts';

describe('a manual clock', () => {
  it('runs tasks at their instant, in order of due time, then of scheduling', async () => {
    const clock = manualClock(1_000);
    const ran: string[] = [];
    clock.schedule(20, () => ran.push(`b at ${clock.nowMs()}`));
    clock.schedule(10, () => ran.push(`a at ${clock.nowMs()}`));
    clock.schedule(20, () => ran.push(`c at ${clock.nowMs()}`));
    const cancel = clock.schedule(15, () => ran.push('cancelled'));
    cancel();
    clock.schedule(31, () => ran.push('too late'));
    await clock.advance(30);
    expect(ran).toEqual(['a at 1010', 'b at 1020', 'c at 1020']);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_030, 30]);
  });

  it('keeps the rhythm of a loop that sleeps again', async () => {
    const clock = manualClock(0);
    const wakings: number[] = [];
    const loop = (async () => {
      for (let turn = 0; turn < 3; turn++) {
        await clock.sleep(10);
        wakings.push(clock.monotonicMs());
      }
    })();
    await clock.advance(100);
    await loop;
    expect(wakings).toEqual([10, 20, 30]);
  });
});

describe.each([
  ['a manual clock', () => manualClock(0)],
  ['the real clock', nodeClock],
])('sleep of %s', (_name, open) => {
  it('rejects with the reason of the signal, before or during the wait', async () => {
    const clock = open();
    const reason = new Error('enough');
    await expect(clock.sleep(10, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const sleeping = clock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
  });
});

describe('the real clock', () => {
  it('wakes after the delay and runs scheduled tasks once', async () => {
    const clock = nodeClock();
    const start = clock.monotonicMs();
    let runs = 0;
    clock.schedule(1, () => runs++);
    clock.schedule(1, () => runs++)();
    await clock.sleep(20);
    expect(clock.monotonicMs() - start).toBeGreaterThanOrEqual(19);
    expect(runs).toBe(1);
    expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(1_000);
  });
});

describe('random sources', () => {
  it('repeat for the same seed and differ for another', () => {
    const draw = (seed: number): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 5 }, () => random.next());
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(seededRandom(3).id()).toBe(seededRandom(3).id());
  });

  it.each([
    ['seeded', seededRandom(7)],
    ['real', nodeRandom()],
  ])('%s numbers fill [0, 1) evenly and ids have 32 digits', (_name, random) => {
    const buckets = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 10_000; draw++) {
      const bucket = Math.floor(random.next() * 10);
      buckets[bucket] = (buckets[bucket] ?? Number.NaN) + 1;
    }
    for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(200);
    expect(random.id()).toMatch(/^[0-9a-f]{32}$/);
    expect(random.id()).not.toBe(random.id());
  });
});
