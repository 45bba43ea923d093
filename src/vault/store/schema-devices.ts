/** What came with devices, sessions and contacts that a patient manages. Times are POSIX milliseconds. */
/** Where the contact before is kept for a day: it still gets the one-time passwords, and may take its place back. */
export const CONTACT_BEFORE = `
  ALTER TABLE accounts ADD COLUMN contact_before TEXT;
`

export const DEVICE_COLUMNS = `
  ALTER TABLE slots ADD COLUMN added INTEGER;       -- null for one made before this was kept
  ALTER TABLE slots ADD COLUMN used INTEGER;        -- last session opened with it
  ALTER TABLE accounts ADD COLUMN contact_since INTEGER NOT NULL DEFAULT 0; -- 0: the first one, known from the start
  CREATE TABLE pairings (
    pairing TEXT PRIMARY KEY,             -- hash of the handle that the new device keeps
    seal_key TEXT NOT NULL,
    sealed TEXT,                          -- the account key, sealed to it by an old device
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX pairings_by_expiry ON pairings (expires);
`

/** Working keys that their holders took back; who holds one, or a grant sealed to it, is served no more. */
export const WITHDRAWN_KEYS = `
  CREATE TABLE withdrawals (
    key TEXT PRIMARY KEY,                 -- hash of the key statement
    hash TEXT NOT NULL UNIQUE,            -- of the withdrawal
    statement TEXT NOT NULL,
    entry TEXT NOT NULL
  ) STRICT;
  CREATE VIEW audit_withdrawals AS SELECT hash, statement FROM withdrawals;
`

/** Records that their patients closed, and when each is destroyed. */
export const CLOSINGS = `
  CREATE TABLE closings (
    record TEXT PRIMARY KEY,
    due INTEGER NOT NULL,
    destroyed INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX closings_by_due ON closings (destroyed, due);
`

/** A document that its author withdrew: 1, and professionals see it no more. The bytes stay for the legal time. */
export const WITHDRAWN = `
  ALTER TABLE documents ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
`
