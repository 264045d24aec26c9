/** `isotherm rules list` and `isotherm rules set`: which tiers hold how many copies. */
import { resolve } from 'node:path';
import { type MetadataStore, defaultRulesKey, parseRules } from '@isotherm/metadata';
import { checkDataSource } from '@isotherm/timeline';
import type { Command } from '../command.ts';
import { checkHasMetadata, dataDirAt, withMetadata } from '../data-dir.ts';
import { exitCodes } from '../exit-codes.ts';
import { configOption, dataDirOption } from '../setting-options.ts';
import { readJsonFile } from '../settings.ts';

/** Prints all rules. */
export const rulesListCommand: Command = {
  name: 'rules list',
  summary: 'print the load and drop rules as JSON',
  arguments: [],
  options: { 'data-dir': dataDirOption, config: configOption },
  examples: [{ line: 'isotherm rules list --data-dir ./data', effect: 'all rules by datasource' }],
  async run({ values, host }) {
    const dataDir = dataDirAt(values.text('data-dir'), host);
    checkHasMetadata(dataDir);
    const rules = await withMetadata(dataDir, (metadata) => metadata.rules());
    host.stdout.write(`${JSON.stringify(rules, null, 2)}\n`);
    return exitCodes.ok.code;
  },
};

/** Replaces the rules of one datasource. */
export const rulesSetCommand: Command = {
  name: 'rules set',
  summary: 'replace the load and drop rules of a datasource',
  arguments: ['DATASOURCE', 'RULES.json'],
  options: {
    'data-dir': dataDirOption,
    comment: {
      type: 'text',
      placeholder: 'TEXT',
      description: 'Why, for the audit log.',
      default: 'set by isotherm rules set',
    },
    config: configOption,
  },
  examples: [
    {
      line: 'isotherm rules set ads examples/rules.json --data-dir ./data',
      effect: 'the first rule that matches a segment decides',
    },
    {
      line: `isotherm rules set ${defaultRulesKey} examples/rules.json`,
      effect: 'for all datasources without rules of their own',
    },
  ],
  async run({ arguments: words, values, host }) {
    const [dataSource = '', file = ''] = words;
    if (dataSource !== defaultRulesKey) checkDataSource(dataSource);
    const rules = parseRules(readJsonFile(resolve(host.cwd, file)));
    const dataDir = dataDirAt(values.text('data-dir'), host);
    checkHasMetadata(dataDir);
    const audit = { author: host.env['USER'] ?? 'unknown', comment: values.text('comment') };
    await withMetadata(dataDir, (metadata: MetadataStore) =>
      metadata.setRules(dataSource, rules, audit),
    );
    host.stdout.write(
      `Rules set for ${dataSource}: ${rules.length}. The coordinator follows within its next round.\n`,
    );
    return exitCodes.ok.code;
  },
};
