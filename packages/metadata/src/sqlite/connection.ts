/**
 * One connection to a SQLite file that several processes use at once: transactions that wait for each
 * other, and a schema that whoever comes first brings up to date.
 *
 * A transaction runs in one piece on the calling thread, so two stores in one process never meet
 * inside one. Another process may hold the file: SQLite then waits `busyTimeoutMs`, and the
 * transaction is begun again after a pause, in which the event loop goes on.
 */
import { mkdirSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';
import { InvariantError, IsothermError, StoreError } from '@isotherm/errors';
import type { Clock } from '@isotherm/platform';
import { migrations } from './schema.ts';

const busyTimeoutMs = 100;
const firstPauseMs = 5;
const maxPauseMs = 250;
const giveUpAfterMs = 30_000;

/** SQLite's primary result codes. */
const sqlite = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;
/** Below this a transaction may not fit: write-ahead log and shared memory grow by pieces of 32 KiB. */
const leastFreeBytes = 1 << 18;

/** An open SQLite file. */
export class Connection {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(path: string, clock: Clock, database: DatabaseSync) {
    this.#path = path;
    this.#clock = clock;
    this.#database = database;
  }

  /**
   * Opens or makes the file and its folder, and brings its tables to the newest schema.
   *
   * @throws StoreError; code METADATA_TOO_NEW when a newer program wrote the file, METADATA_FOREIGN when
   *   another one did, METADATA_DAMAGED, DISK_FULL
   */
  static async open(path: string, clock: Clock): Promise<Connection> {
    const connection = new Connection(path, clock, openDatabase(path));
    try {
      await connection.read(() => connection.#refuseForeign());
      await connection.#retry(() => connection.#database.exec('PRAGMA journal_mode = WAL'));
      await connection.#retry(() => connection.#database.exec('PRAGMA synchronous = FULL'));
      await connection.write(() => connection.#migrate());
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Runs `work` as one transaction that may write: all of it is committed, or nothing when it throws. */
  write<Result>(work: () => Result): Promise<Result> {
    return this.#retry(() => this.#transact('BEGIN IMMEDIATE', work));
  }

  /** Runs `work` as one transaction that sees the file as it is at one moment. */
  read<Result>(work: () => Result): Promise<Result> {
    return this.#retry(() => this.#transact('BEGIN', work));
  }

  /** Rows of a query, inside a transaction. */
  all(sql: string, values: readonly SQLInputValue[] = []): SqlRow[] {
    return this.#prepare(sql).all(...values);
  }

  /** First row of a query, or undefined; inside a transaction. */
  get(sql: string, values: readonly SQLInputValue[] = []): SqlRow | undefined {
    return this.#prepare(sql).get(...values);
  }

  /** Runs a statement, inside a transaction. @returns how many rows it changed */
  run(sql: string, values: readonly SQLInputValue[] = []): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  /** The next number of a sequence, inside a writing transaction; a rolled back one is given out again. */
  next(sequence: 'segmentVersion' | 'timelineVersion' | 'publishOrder'): number {
    const sql = 'UPDATE sequences SET value = value + 1 WHERE name = ? RETURNING value';
    return integerOf(this.get(sql, [sequence]), 'value');
  }

  /** Closes the file; a second time does nothing. */
  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #transact<Result>(begin: string, work: () => Result): Result {
    this.#database.exec(begin);
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  async #retry<Result>(attempt: () => Result): Promise<Result> {
    const deadlineMs = this.#clock.monotonicMs() + giveUpAfterMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error) || this.#clock.monotonicMs() > deadlineMs) throw this.#explain(error);
      }
      await this.#clock.sleep(pauseMs);
    }
  }

  #explain(error: unknown): unknown {
    if (error instanceof IsothermError) return error;
    if (!isBusy(error)) return failure(this.#path, error);
    return new StoreError(
      `Metadata store "${this.#path}" was held by another process for ${giveUpAfterMs / 1000} s. Expected transactions of milliseconds. Find the process that keeps the file locked.`,
      { code: 'METADATA_BUSY', cause: error },
    );
  }

  /** Tables of somebody else would be mixed with ours. */
  #refuseForeign(): void {
    const tables = this.all(`SELECT name FROM sqlite_master WHERE type = 'table'`);
    if (tables.length === 0 || tables.some((row) => textOf(row, 'name') === 'schemaVersion'))
      return;
    throw new StoreError(
      `"${this.#path}" is a SQLite database, but no metadata store: it has other tables. Name another file or data directory.`,
      { code: 'METADATA_FOREIGN' },
    );
  }

  #migrate(): void {
    this.#database.exec(
      'CREATE TABLE IF NOT EXISTS schemaVersion (version INTEGER PRIMARY KEY, appliedAt REAL NOT NULL) STRICT',
    );
    const newest = this.get('SELECT coalesce(max(version), 0) AS version FROM schemaVersion');
    const version = integerOf(newest, 'version');
    if (version > migrations.length) {
      throw new StoreError(
        `Metadata store "${this.#path}" has schema version ${version}. This program knows versions up to ${migrations.length}. Use the newer program that wrote it.`,
        { code: 'METADATA_TOO_NEW' },
      );
    }
    for (const [index, script] of migrations.entries()) {
      if (index < version) continue;
      this.#database.exec(script);
      this.run(`INSERT INTO schemaVersion (version, appliedAt) VALUES (?, ${now})`, [index + 1]);
    }
  }
}

function failure(path: string, error: unknown): StoreError {
  const text = error instanceof Error ? error.message : String(error);
  const store = `Metadata store "${path}"`;
  const options = { code: 'METADATA_FAILED', cause: error };
  const result = resultCode(error);
  switch (result) {
    case sqlite.full:
      return diskFull(store, error);
    case sqlite.corrupt:
    case sqlite.notADatabase:
      return new StoreError(
        `${store} is damaged: ${text}. Restore it from a backup, or move it away and ingest again.`,
        { ...options, code: 'METADATA_DAMAGED' },
      );
    case sqlite.readOnly:
    case sqlite.cannotOpen:
      return new StoreError(
        `${store} cannot be written: ${text}. Expected a file in a folder that this user may write to.`,
        options,
      );
    default:
      // A full disk may also look like one that fails.
      if (result === sqlite.inputOutput && isDiskFull(path)) return diskFull(store, error);
      return new StoreError(`${store} failed: ${text}. Check the disk that it is on.`, options);
  }
}

function diskFull(store: string, cause: unknown): StoreError {
  return new StoreError(`${store} cannot be written: the disk is full. Free some space.`, {
    code: 'DISK_FULL',
    cause,
  });
}

function isDiskFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < leastFreeBytes;
  } catch {
    return false;
  }
}

/** One row as SQLite gives it. The tables are STRICT, so a column has the type that schema.ts names. */
export type SqlRow = Record<string, SQLOutputValue>;

/** Reads a TEXT column of a row that must be there. */
export function textOf(row: SqlRow | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value === 'string') return value;
  throw new InvariantError(`Column "${column}" of the metadata store is not text.`);
}

/** Reads a numeric column of a row that must be there. */
export function integerOf(row: SqlRow | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value === 'number') return value;
  throw new InvariantError(`Column "${column}" of the metadata store is not a number.`);
}

/** The database's clock as SQL: seconds since the epoch with a fraction. Leases are judged by it alone. */
export const now = `unixepoch('subsec')`;

function openDatabase(path: string): DatabaseSync {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    return new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  } catch (error) {
    throw failure(path, error);
  }
}

function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === sqlite.busy || code === sqlite.locked;
}

/** SQLite's primary result code, or null for an error that is not SQLite's. */
function resultCode(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : null;
}
