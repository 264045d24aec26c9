/**
 * The folder of shared test material beside the checkout: Druid's cases and real data. A user's
 * machine has none: then the tests that need it say so and skip, except where
 * `ISOTHERM_TEST_REQUIRE=all` makes that a failure.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from '../tidy/source-tree.ts';

/** The folder, or null with a printed reason. @throws Error under ISOTHERM_TEST_REQUIRE=all */
export function sharedFolder(): string | null {
  const path = process.env['ISOTHERM_TEST_SHARED'] ?? resolve(root, '../shared');
  if (existsSync(join(path, 'conformance'))) return path;
  const reason = 'The folder ../shared with test material is not beside this checkout.';
  if (process.env['ISOTHERM_TEST_REQUIRE'] === 'all') throw new Error(reason);
  console.log(`skipped: ${reason}`);
  return null;
}
