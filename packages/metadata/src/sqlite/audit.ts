/**
 * Who changed what by hand.
 */
import { type Connection, now } from './connection.ts';

/** Notes a change; inside the transaction that makes it. */
export function writeAudit(
  db: Connection,
  entry: {
    readonly action: 'enableSegments' | 'disableSegments' | 'setRules';
    readonly subject: string;
    readonly author: string;
    readonly comment: string;
    readonly payload: unknown;
  },
): void {
  const { action, subject, author, comment, payload } = entry;
  db.run(
    `INSERT INTO audit (at, action, subject, author, comment, payload) VALUES (${now}, ?, ?, ?, ?, ?)`,
    [action, subject, author, comment, JSON.stringify(payload)],
  );
}
