import { parseCoordinatorConfig } from '@isotherm/coordinator';
import { expect, it } from 'vitest';

const metadata = { type: 'sqlite', path: '/data/metadata.db' };

it('A configuration needs the metadata store only', () => {
  expect(parseCoordinatorConfig({ metadata })).toEqual({
    listen: '127.0.0.1:8081',
    metadata,
    pollMs: 1000,
    leaseMs: 15_000,
    nodeGraceMs: 3000,
    dropGraceMs: 3000,
    maxHoldMs: 60_000,
    maxLoadsPerNode: 16,
    maxDropFraction: 0.1,
  });
});

const faults: [unknown, string][] = [
  [{}, '"metadata" is missing. Add it.'],
  [
    { metadata, polMs: 5 },
    '"polMs" is not a known field. Known here: dropGraceMs, leaseMs, listen, maxDropFraction, maxHoldMs, maxLoadsPerNode, metadata, nodeGraceMs, pollMs. Did you mean "pollMs"?',
  ],
  [
    { metadata: { type: 'mysql', path: 'x' } },
    '"metadata.type" is "mysql". Expected one of sqlite.',
  ],
  [{ metadata, maxDropFraction: 2 }, '"maxDropFraction" is 2. Expected 0 to 1.'],
  [
    { metadata, pollMs: 0 },
    `"pollMs" is 0. Expected a whole number from 10 to ${Number.MAX_SAFE_INTEGER}.`,
  ],
];
it.each(faults)('%j is refused', (json, message) => {
  expect(() => parseCoordinatorConfig(json)).toThrow(message);
});
