/** Entry of `npm run quickstart`: the same as `isotherm quickstart`. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// As in bin/isotherm.mjs; it works for what is imported after it.
enableCompileCache(
  fileURLToPath(new URL('../../../node_modules/.cache/isotherm', import.meta.url)),
);
const { runProcess } = await import('./main.ts');
await runProcess(['quickstart', ...process.argv.slice(2)]);
