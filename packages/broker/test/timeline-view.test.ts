import { formatInterval } from '@isotherm/timeline';
import { describe, expect, it } from 'vitest';
import {
  type TimelineView,
  applyUpdate,
  countUnavailable,
  dropLingering,
  wholeUpdate,
} from '../src/timeline-view.ts';
import { daySegment, keysOf, servingNode, timelineUpdate } from './fixtures.ts';

const [day1, day2, day3] = [daySegment(1), daySegment(2), daySegment(3)];
const [key1 = '', key2 = '', key3 = ''] = keysOf([day1, day2, day3]);

/** A view in short: version, keys by datasource, and who serves each key. */
function summary(view: TimelineView): unknown {
  return {
    version: view.timelineVersion,
    segments: [...view.descriptors.keys()],
    spans: Object.fromEntries(
      [...view.timelines].map(([name, { span }]) => [name, span && formatInterval(span)]),
    ),
    replicas: Object.fromEntries(
      [...view.replicas].map(([key, nodes]) => [key, nodes.map(({ nodeId }) => nodeId).sort()]),
    ),
    lingering: [...view.lingering],
  };
}

const whole = applyUpdate(
  null,
  timelineUpdate({
    timelineVersion: 5,
    added: [day1, day2],
    nodesChanged: [servingNode('a', [day1, day2]), servingNode('b', [day2])],
  }),
);

describe('a whole update', () => {
  it('makes the view', () => {
    expect(summary(whole)).toEqual({
      version: 5,
      segments: [key1, key2],
      spans: { ads: '2026-01-01T00:00:00.000Z/2026-01-03T00:00:00.000Z' },
      replicas: { [key1]: ['a'], [key2]: ['a', 'b'] },
      lingering: [],
    });
  });

  it('replaces all segments, and lets nodes linger that it does not name', () => {
    const next = applyUpdate(
      whole,
      timelineUpdate({
        timelineVersion: 6,
        added: [day2, day3],
        nodesChanged: [servingNode('b', [day2, day3])],
      }),
    );
    expect(summary(next)).toEqual({
      version: 6,
      segments: [key2, key3],
      spans: { ads: '2026-01-02T00:00:00.000Z/2026-01-04T00:00:00.000Z' },
      replicas: { [key1]: ['a'], [key2]: ['a', 'b'], [key3]: ['b'] },
      lingering: ['a'],
    });
  });

  it('is what the whole of a view makes again', () => {
    expect(summary(applyUpdate(null, wholeUpdate(whole)))).toEqual(summary(whole));
  });
});

describe('a change', () => {
  const change = applyUpdate(
    whole,
    timelineUpdate({
      full: false,
      timelineVersion: 6,
      added: [day3],
      removedKeys: [key1],
      unservedKeys: [key3],
      nodesChanged: [servingNode('a', [day2])],
      nodesGone: ['b'],
    }),
  );

  it('adds, removes and moves', () => {
    expect(summary(change)).toEqual({
      version: 6,
      segments: [key2, key3],
      spans: { ads: '2026-01-02T00:00:00.000Z/2026-01-04T00:00:00.000Z' },
      replicas: { [key2]: ['a'] },
      lingering: [],
    });
    expect([...change.unservedKeys]).toEqual([key3]);
  });

  it('leaves the view before it as it was', () => {
    expect([...whole.descriptors.keys()]).toEqual([key1, key2]);
    expect(whole.nodes.get('b')).toBeDefined();
  });

  it('shares what it does not touch', () => {
    const onlyNodes = applyUpdate(
      whole,
      timelineUpdate({ full: false, timelineVersion: 5, nodesGone: ['b'] }),
    );
    expect(onlyNodes.timelines).toBe(whole.timelines);
    expect(onlyNodes.descriptors).toBe(whole.descriptors);
  });

  it('forgets a datasource with its last segment', () => {
    const none = applyUpdate(
      whole,
      timelineUpdate({ full: false, timelineVersion: 7, removedKeys: [key1, key2] }),
    );
    expect([...none.timelines.keys()]).toEqual([]);
  });

  it('needs a view to change', () => {
    expect(() => applyUpdate(null, timelineUpdate({ full: false }))).toThrow(
      'The coordinator sent a change before the whole timeline.',
    );
  });
});

describe('a node that lingers', () => {
  const restarted = applyUpdate(whole, timelineUpdate({ timelineVersion: 5, added: [day1, day2] }));

  it('still counts as serving', () => {
    expect([...restarted.lingering].sort()).toEqual(['a', 'b']);
    expect(countUnavailable(restarted)).toBe(0);
  });

  it('lingers no more once it is named again', () => {
    const named = applyUpdate(
      restarted,
      timelineUpdate({ full: false, timelineVersion: 5, nodesChanged: [servingNode('a', [day1])] }),
    );
    expect([...named.lingering]).toEqual(['b']);
    expect(named.replicas.get(key1)?.map(({ nodeId }) => nodeId)).toEqual(['a']);
  });

  it('is forgotten in the end', () => {
    const dropped = dropLingering(restarted);
    expect([...dropped.nodes.keys()]).toEqual([]);
    expect(countUnavailable(dropped)).toBe(2);
  });
});

it('segments that rules load nowhere are not unavailable', () => {
  const view = applyUpdate(null, timelineUpdate({ added: [day1, day2], unservedKeys: [key1] }));
  expect(countUnavailable(view)).toBe(1);
});
