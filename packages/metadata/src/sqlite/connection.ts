/**
 * One connection to a SQLite file that several processes use at once: transactions that wait for each
 * other, and a schema that whoever comes first brings up to date.
 *
 * A transaction runs in one piece on the calling thread, so two stores in one process never meet
 * inside one. Another process may hold the file: SQLite then waits `busyTimeoutMs`, and the
 * transaction is begun again after a pause, in which the event loop goes on.
 */
import { mkdirSync } from 'node:fs';
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

/** SQLite's primary result codes for "another connection is in the way". */
const sqliteBusy = 5;
const sqliteLocked = 6;

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
   * @throws StoreError; code METADATA_TOO_NEW when a newer program wrote the file
   */
  static async open(path: string, clock: Clock): Promise<Connection> {
    const connection = new Connection(path, clock, openDatabase(path));
    try {
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
    const text = error instanceof Error ? error.message : String(error);
    if (!isBusy(error)) {
      return new StoreError(`Metadata store "${this.#path}" failed: ${text}.`, {
        code: 'METADATA_FAILED',
        cause: error,
      });
    }
    return new StoreError(
      `Metadata store "${this.#path}" was held by another process for ${giveUpAfterMs / 1000} s. Expected transactions of milliseconds. Find the process that keeps the file locked.`,
      { code: 'METADATA_BUSY', cause: error },
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
    const text = error instanceof Error ? error.message : String(error);
    throw new StoreError(`Metadata store "${path}" cannot be opened: ${text}.`, {
      code: 'METADATA_FAILED',
      cause: error,
    });
  }
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  const primary = Number(error.errcode) & 0xff;
  return primary === sqliteBusy || primary === sqliteLocked;
}
