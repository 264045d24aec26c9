/**
 * Rules by datasource.
 */
import { checkDataSource } from '@isotherm/timeline';
import { builtInRules, defaultRulesKey, parseRules } from '../rules.ts';
import type { Rule } from '../store.ts';
import { writeAudit } from './audit.ts';
import { type Connection, textOf } from './connection.ts';

/** Rules of all datasources that have some, and the defaults. */
export function readRules(db: Connection): Record<string, readonly Rule[]> {
  const rows = db.all('SELECT dataSource, rules FROM rules ORDER BY dataSource');
  const stored = rows.map((row): [string, readonly Rule[]] => [
    textOf(row, 'dataSource'),
    parseRules(JSON.parse(textOf(row, 'rules'))),
  ]);
  // fromEntries makes own properties, whatever the datasource is called.
  return Object.fromEntries([[defaultRulesKey, builtInRules], ...stored]);
}

/** Replaces the rules of one datasource; none means those of `_default`, or the built-in ones for it. */
export function writeRules(
  db: Connection,
  dataSource: string,
  rules: readonly Rule[],
  audit: { author: string; comment: string },
): void {
  const checked = parseRules(rules);
  if (checked.length === 0) {
    db.run('DELETE FROM rules WHERE dataSource = ?', [checkDataSource(dataSource)]);
  } else {
    db.run(
      `INSERT INTO rules (dataSource, rules) VALUES (?, ?)
       ON CONFLICT (dataSource) DO UPDATE SET rules = excluded.rules`,
      [checkDataSource(dataSource), JSON.stringify(checked)],
    );
  }
  writeAudit(db, { action: 'setRules', subject: dataSource, ...audit, payload: checked });
}
