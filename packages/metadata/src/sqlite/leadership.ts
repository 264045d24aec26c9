/**
 * The coordinator's lease. Who takes it over gets a higher epoch, and every write of a leader names its
 * epoch: one that was paused and wakes up after its lease cannot write any more.
 */
import { ConflictError } from '@isotherm/errors';
import type { Leadership } from '../store.ts';
import { type Connection, integerOf, now, textOf } from './connection.ts';

/** Takes a free or expired leadership under the next epoch, or prolongs one's own; inside a writing transaction. */
export function lead(db: Connection, holder: string, leaseMs: number): Leadership | null {
  const current = db.get(
    `SELECT epoch, holder, expiresAt > ${now} AS isHeld FROM leadership WHERE id = 1`,
  );
  const isHeld = current !== undefined && integerOf(current, 'isHeld') === 1;
  const lastEpoch = current === undefined ? 0 : integerOf(current, 'epoch');
  const isOwn = current !== undefined && textOf(current, 'holder') === holder;
  if (isHeld && !isOwn) return null;
  // One's own lease that ran out unseen is a new reign: others may have been told that nobody leads.
  const epoch = isHeld ? lastEpoch : lastEpoch + 1;
  db.run(
    `INSERT INTO leadership (id, epoch, holder, expiresAt) VALUES (1, ?, ?, ${now} + ? / 1000.0)
     ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, holder = excluded.holder,
       expiresAt = excluded.expiresAt`,
    [epoch, holder, leaseMs],
  );
  return { epoch, holder };
}

/** Lets go of the leadership, if it is still one's own; the epoch stays. */
export function resign(db: Connection, { epoch, holder }: Leadership): void {
  db.run('UPDATE leadership SET expiresAt = 0 WHERE epoch = ? AND holder = ?', [epoch, holder]);
}

/** @throws ConflictError code NOT_LEADER unless the epoch is the newest */
export function checkLeadership(db: Connection, { epoch, holder }: Leadership): void {
  const sql = 'SELECT epoch, holder FROM leadership WHERE id = 1';
  const current = db.get(sql);
  const currentEpoch = current === undefined ? 0 : integerOf(current, 'epoch');
  if (currentEpoch === epoch && textOf(current, 'holder') === holder) return;
  throw new ConflictError(
    `Coordinator "${holder}" of epoch ${epoch} does not lead any more. The epoch is ${currentEpoch}. Nothing was written.`,
    { code: 'NOT_LEADER' },
  );
}
