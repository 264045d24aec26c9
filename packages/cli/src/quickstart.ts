/** Entry of `npm run quickstart`: the same as `isotherm quickstart`. */
import { runProcess } from './main.ts';

await runProcess(['quickstart', ...process.argv.slice(2)]);
