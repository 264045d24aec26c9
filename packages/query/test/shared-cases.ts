/**
 * Druid's own cases in the folder of shared test material beside the checkout. A user's machine has
 * none: then the tests that need it say so and skip, except under `ISOTHERM_TEST_REQUIRE=all`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const folder =
  process.env['ISOTHERM_TEST_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared');

/** Path of a file in the shared folder. */
export function sharedFile(name: string): string {
  return resolve(folder, name);
}

/** A parsed file of the conformance folder, or null with a printed reason. */
export function sharedCases(name: string): unknown {
  const path = sharedFile(`conformance/${name}`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const reason = `The file ../shared/conformance/${name} with Druid's cases is not beside this checkout.`;
  if (process.env['ISOTHERM_TEST_REQUIRE'] === 'all') throw new Error(reason);
  console.log(`skipped: ${reason}`);
  return null;
}
