/**
 * Tables of accounts: sign-in, one-time passwords, sessions, outgoing mail. Bearers (handles, tickets, sessions,
 * challenges) are kept as SHA-256 of what was given out: whoever reads the store cannot present one. Times are POSIX
 * milliseconds. No `audit_…` view shows any of this.
 */
export const ACCOUNT_TABLES = `
  CREATE TABLE accounts (
    record TEXT PRIMARY KEY,
    opaque TEXT NOT NULL,                 -- OPAQUE registration record
    contact_kind TEXT NOT NULL,
    contact TEXT NOT NULL,
    contact_salt TEXT NOT NULL,           -- opens the contact's hash in the activation statement
    activated INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE sign_in_failures (
    ins TEXT NOT NULL,                    -- known or not: both are counted alike
    device TEXT NOT NULL,                 -- slot id of a known device, '' for all others together
    failures INTEGER NOT NULL,            -- consecutive, since the last lock
    locks INTEGER NOT NULL,
    locked_until INTEGER NOT NULL,
    forget INTEGER NOT NULL,
    PRIMARY KEY (ins, device)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sign_in_failures_by_age ON sign_in_failures (forget);
  CREATE TABLE sign_ins (
    handle TEXT PRIMARY KEY,
    ins TEXT NOT NULL,
    device TEXT NOT NULL,                 -- as in sign_in_failures
    slot TEXT,                            -- the device that was named, known or not
    opaque_state TEXT NOT NULL,           -- for one finish, then gone
    attempts_left INTEGER NOT NULL,       -- how the pair stands should this try fail
    locked_until INTEGER,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sign_ins_by_expiry ON sign_ins (expires);
  CREATE TABLE one_time_passwords (
    handle TEXT PRIMARY KEY,              -- of a sign-in, or a contact's challenge
    purpose TEXT NOT NULL,                -- 'sign-in', 'contact'
    subject TEXT NOT NULL,                -- record id, or hash of the activation registration
    ins TEXT,
    device TEXT,
    slot TEXT,
    contact TEXT NOT NULL,                -- where it was sent
    code TEXT NOT NULL,                   -- its hash, bound to the handle
    tries INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX one_time_passwords_by_subject ON one_time_passwords (subject, sent);
  CREATE INDEX one_time_passwords_by_expiry ON one_time_passwords (expires);
  CREATE TABLE tickets (
    ticket TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    slot TEXT,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tickets_by_expiry ON tickets (expires);
  CREATE TABLE sessions (
    session TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    slot TEXT,
    opened INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_use ON sessions (used);
  CREATE TABLE outbox (
    message TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    body TEXT NOT NULL,                   -- the one-time password; the row goes once it is sent or worthless
    attempts INTEGER NOT NULL,
    next_attempt INTEGER NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX outbox_by_time ON outbox (next_attempt);
`
