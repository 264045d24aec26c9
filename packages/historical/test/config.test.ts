import { parseHistoricalConfig } from '@isotherm/historical';
import { describe, expect, it } from 'vitest';

const addresses = { listen: '127.0.0.1:8083', coordinator: '127.0.0.1:8081' };

describe('the configuration of a historical', () => {
  it('needs addresses only', () => {
    expect(parseHistoricalConfig(addresses, { processors: 12 })).toEqual({
      ...addresses,
      tier: 'hot',
      residency: 'hot',
      capacityBytes: 10_737_418_240,
      priority: 0,
      cacheDir: 'isotherm-data/historical',
      deepStorage: { type: 'local', path: 'isotherm-data/deep-storage' },
      workerThreads: 12,
      mergeBuffers: 3,
      pinnedBytes: 0,
      columnCacheBytes: 1_073_741_824,
      queueLimit: 500,
    });
  });

  it.each([
    [{ tier: 'icy' }, 'icy'],
    [{ tier: 'cold' }, 'cold'],
    [{ tier: 'archive' }, 'hot'],
    [{ tier: 'archive', residency: 'cold' }, 'cold'],
    [{ tier: 'cold', residency: 'icy' }, 'icy'],
  ])('takes the residency of %j as %s', (keys, residency) => {
    expect(parseHistoricalConfig({ ...addresses, ...keys }).residency).toBe(residency);
  });

  it.each([
    [{ listen: '127.0.0.1:0' }, '"coordinator" is missing. Add it.'],
    [
      { ...addresses, workerThread: 2 },
      '"workerThread" is not a known field. Known here: cacheDir, capacityBytes, columnCacheBytes, coordinator, deepStorage, listen, mergeBuffers, pinnedBytes, priority, queueLimit, residency, tier, workerThreads. Did you mean "workerThreads"?',
    ],
    [{ ...addresses, residency: 'warm' }, '"residency" is "warm". Expected one of hot, cold, icy.'],
    [
      { ...addresses, workerThreads: 0 },
      '"workerThreads" is 0. Expected a whole number from 1 to 256.',
    ],
    [
      { ...addresses, listen: 'here' },
      'Address "here" cannot be read. Expected host:port, such as 127.0.0.1:8081 or [::1]:8081.',
    ],
    [
      { ...addresses, deepStorage: { type: 's3', path: 'x' } },
      '"deepStorage.type" is "s3". Expected one of local.',
    ],
  ])('refuses %j', (json, message) => {
    expect(() => parseHistoricalConfig(json)).toThrow(message);
  });
});
