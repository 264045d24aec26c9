/**
 * Tables of the SQLite store, as a list of migrations: entry n brings version n to n + 1. An entry is
 * never edited once released; a change is a new entry.
 *
 *   sequences   name → last value given out        jobs      one row per ingestion job
 *   leases      (dataSource, namespace) → job      segments  one row per segment, with its descriptor
 *   leadership  one row: epoch, holder, expiry     rules     datasource → rules, JSON
 *   audit       who changed rules or segments
 *
 * A segment is in the timeline when its job is visible and it is used.
 */

/** SQL scripts by schema version. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE sequences (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  INSERT INTO sequences (name, value) VALUES ('segmentVersion', 0), ('timelineVersion', 0), ('publishOrder', 0);

  CREATE TABLE jobs (
    jobId TEXT PRIMARY KEY,
    dataSource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('building', 'published', 'visible', 'failed')),
    version INTEGER NOT NULL UNIQUE,
    timelineVersion INTEGER,
    publishOrder INTEGER,
    fingerprint TEXT NOT NULL,
    owner TEXT NOT NULL,
    reason TEXT,
    changedAt REAL NOT NULL
  ) STRICT;
  CREATE INDEX jobsByFingerprint ON jobs (dataSource, namespace, fingerprint);
  CREATE INDEX jobsByState ON jobs (state, publishOrder);

  CREATE TABLE leases (
    dataSource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    jobId TEXT NOT NULL REFERENCES jobs (jobId),
    owner TEXT NOT NULL,
    expiresAt REAL NOT NULL,
    PRIMARY KEY (dataSource, namespace)
  ) STRICT;

  CREATE TABLE segments (
    segmentKey TEXT PRIMARY KEY,
    jobId TEXT NOT NULL REFERENCES jobs (jobId),
    dataSource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    startMs INTEGER NOT NULL,
    endMs INTEGER NOT NULL,
    version INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    used INTEGER NOT NULL CHECK (used IN (0, 1)),
    descriptor TEXT NOT NULL
  ) STRICT;
  CREATE INDEX segmentsByJob ON segments (jobId);
  CREATE INDEX segmentsByVersion ON segments (dataSource, namespace, version);

  CREATE TABLE leadership (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    holder TEXT NOT NULL,
    expiresAt REAL NOT NULL
  ) STRICT;

  CREATE TABLE rules (dataSource TEXT PRIMARY KEY, rules TEXT NOT NULL) STRICT;

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    author TEXT NOT NULL,
    comment TEXT NOT NULL,
    payload TEXT NOT NULL
  ) STRICT;
  `,
];
