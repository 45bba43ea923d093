/** What came with identities that follow one another (docs/protocol/recovery.md). Times are POSIX milliseconds. */
export const RECOVERY_TABLES = `
  CREATE TABLE proposals (                -- identities that a new letter brought up and that are not in force
    identity TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    registration TEXT NOT NULL UNIQUE,
    statement TEXT NOT NULL,
    sign_key TEXT NOT NULL,
    follows TEXT NOT NULL,                -- the identity that was in force then
    stopped INTEGER NOT NULL DEFAULT 0,
    proposed INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX proposals_by_record ON proposals (record);
  CREATE TABLE warrants (                 -- what lets an identity follow another
    hash TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    kind TEXT NOT NULL,                   -- 'recovery', 'handover'
    identity TEXT NOT NULL,               -- the one that follows
    statement TEXT NOT NULL,
    seals TEXT NOT NULL,                  -- JSON: base64url, one a compartment of a recovery
    entry TEXT NOT NULL                   -- of the recovery's start, or of the change by handover
  ) STRICT;
  CREATE INDEX warrants_by_identity ON warrants (identity);
  CREATE VIEW audit_recoveries AS SELECT hash, record, statement FROM warrants WHERE kind = 'recovery';
  CREATE VIEW audit_handovers AS SELECT hash, record, statement FROM warrants WHERE kind = 'handover';
  ALTER TABLE checkpoints ADD COLUMN witnessed TEXT; -- the first note of this size that a quorum had cosigned, once there is a later one
`
