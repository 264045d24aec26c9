/** All commands, in the order of the overview. */
import type { Command } from './command.ts';
import { ingestCommand } from './commands/ingest.ts';
import { queryCommand } from './commands/query.ts';
import { quickstartCommand } from './commands/quickstart.ts';
import { roleCommands } from './commands/roles.ts';
import { rulesListCommand, rulesSetCommand } from './commands/rules.ts';
import { segmentExplainCommand } from './commands/segment-explain.ts';
import { segmentInspectCommand } from './commands/segment-inspect.ts';
import { segmentsListCommand } from './commands/segments-list.ts';
import { segmentsRevertCommand } from './commands/segments-revert.ts';
import { standaloneCommand } from './commands/standalone.ts';

/** Every command; names of two words share their first one. */
export const commands: readonly Command[] = [
  quickstartCommand,
  ingestCommand,
  standaloneCommand,
  queryCommand,
  segmentsListCommand,
  segmentsRevertCommand,
  segmentInspectCommand,
  segmentExplainCommand,
  rulesListCommand,
  rulesSetCommand,
  ...roleCommands,
];
