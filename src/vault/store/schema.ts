/**
 * Tables of the embedded store. Each step of `MIGRATIONS` is released once and never edited afterwards.
 * docs/store.md explains the tables; the `audit_…` views are what an auditor reads (no INS, no ciphertext, no contact).
 */
import type Database from 'better-sqlite3'
import { VaultError } from '../errors.ts'
import { ACCOUNT_TABLES } from './schema-accounts.ts'
import { CLOSINGS, CONTACT_BEFORE, DEVICE_COLUMNS, WITHDRAWN, WITHDRAWN_KEYS } from './schema-devices.ts'
import { RECOVERY_TABLES } from './schema-recovery.ts'

const LOG_TABLES = `
  CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,              -- 0, 1, 2 …: also the index in the tree
    chain TEXT NOT NULL,                  -- record id, or 'system'
    n INTEGER NOT NULL,
    t TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    link TEXT NOT NULL,
    event TEXT NOT NULL,
    UNIQUE (chain, n)
  ) STRICT;
  CREATE TABLE nonces (
    key TEXT NOT NULL,
    nonce TEXT NOT NULL,
    expires INTEGER NOT NULL,             -- POSIX seconds
    PRIMARY KEY (key, nonce)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX nonces_by_expiry ON nonces (expires);
  CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY,
    root TEXT NOT NULL,
    signed TEXT NOT NULL,                 -- the newest note of this size, cosignatures included
    published INTEGER NOT NULL            -- 1 once it was served
  ) STRICT;
`

const RECORD_TABLES = `
  CREATE TABLE registrations (
    hash TEXT PRIMARY KEY,
    statement TEXT NOT NULL,
    ins TEXT NOT NULL,
    salt TEXT NOT NULL,
    purpose TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    used_by TEXT,                         -- identity or activation hash; null while unused
    frozen INTEGER NOT NULL DEFAULT 0,
    entry TEXT NOT NULL
  ) STRICT;
  CREATE INDEX registrations_by_ins ON registrations (ins);
  CREATE TABLE records (
    record TEXT PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE,     -- order of opening
    ins TEXT NOT NULL UNIQUE,
    identity TEXT NOT NULL,
    registration TEXT NOT NULL,
    opened_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE identities (
    hash TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    sign_key TEXT NOT NULL,
    statement TEXT NOT NULL
  ) STRICT;
  CREATE TABLE activations (
    hash TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    registration TEXT NOT NULL,
    statement TEXT NOT NULL
  ) STRICT;
  CREATE TABLE states (
    hash TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    seq INTEGER NOT NULL,
    statement TEXT NOT NULL,
    sets TEXT NOT NULL,                   -- JSON: StateSets
    entry TEXT NOT NULL,                  -- hash of the entry that brought it into force
    UNIQUE (record, seq)
  ) STRICT;
  CREATE TABLE bundles (
    record TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    bytes TEXT NOT NULL
  ) STRICT;
  CREATE TABLE slots (
    record TEXT NOT NULL,
    slot TEXT NOT NULL,
    body TEXT NOT NULL,                   -- JSON: Slot
    PRIMARY KEY (record, slot)
  ) STRICT;
  CREATE TABLE grants (
    hash TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    grantee_kind TEXT NOT NULL,
    grantee TEXT NOT NULL,
    statement TEXT NOT NULL,
    seals TEXT NOT NULL,                  -- JSON: base64url, one a compartment
    in_force INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX grants_by_record ON grants (record, in_force, grantee);
  CREATE TABLE placements (
    hash TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    document TEXT NOT NULL,
    statement TEXT NOT NULL,
    in_force INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX placements_by_record ON placements (record, in_force);
  CREATE TABLE epochs (
    record TEXT NOT NULL,
    compartment TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    public_key TEXT NOT NULL,
    link TEXT,
    PRIMARY KEY (record, compartment, epoch)
  ) STRICT;
  CREATE TABLE access_requests (
    request TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    national_id TEXT NOT NULL,
    key TEXT NOT NULL,
    acting TEXT,                          -- JSON: ActingPerson
    t TEXT NOT NULL,
    open INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX access_requests_by_record ON access_requests (record, open);
`

const DOCUMENT_TABLES = `
  CREATE TABLE documents (
    record TEXT NOT NULL,
    document TEXT NOT NULL,
    position INTEGER NOT NULL,            -- seq of the deposit's entry
    deposit TEXT NOT NULL,
    deposit_hash TEXT NOT NULL UNIQUE,
    entry TEXT NOT NULL,
    compartment TEXT NOT NULL,            -- where it lies now
    placement TEXT,                       -- statement of the placement in force
    manifest TEXT NOT NULL,
    envelope TEXT NOT NULL,               -- the current one: the one before is destroyed
    body TEXT NOT NULL,                   -- body root, the name of the body
    length INTEGER NOT NULL,
    PRIMARY KEY (record, document)
  ) STRICT;
  CREATE INDEX documents_in_order ON documents (record, position);
  CREATE TABLE bodies (
    root TEXT PRIMARY KEY,
    length INTEGER NOT NULL,
    blocks TEXT NOT NULL                  -- leaf hashes, concatenated, base64url
  ) STRICT;
  CREATE TABLE uploads (
    upload TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    key TEXT NOT NULL,
    length INTEGER NOT NULL,
    expires INTEGER NOT NULL              -- POSIX seconds
  ) STRICT;
  CREATE TABLE upload_parts (
    upload TEXT NOT NULL,
    part INTEGER NOT NULL,
    blocks TEXT NOT NULL,
    PRIMARY KEY (upload, part)
  ) STRICT;
  CREATE TABLE reads (
    record TEXT NOT NULL,
    document TEXT NOT NULL,
    key TEXT NOT NULL,
    until INTEGER NOT NULL,               -- POSIX milliseconds
    PRIMARY KEY (record, document, key)
  ) STRICT, WITHOUT ROWID;
`

const DIRECTORY_TABLES = `
  CREATE TABLE keys (
    hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    national_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    statement TEXT NOT NULL,
    sign_key TEXT NOT NULL,
    not_after TEXT NOT NULL,
    entry TEXT NOT NULL,                  -- hash of the entry of its publication
    UNIQUE (national_id, seq)
  ) STRICT;
  CREATE TABLE crls (
    hash TEXT PRIMARY KEY,
    der TEXT NOT NULL,
    seen_at TEXT NOT NULL
  ) STRICT;
`

const AUDIT_VIEWS = `
  CREATE VIEW audit_entries AS SELECT seq, link, event FROM entries;
  CREATE VIEW audit_checkpoints AS SELECT size, root, signed FROM checkpoints;
  CREATE VIEW audit_registrations AS SELECT hash, statement FROM registrations;
  CREATE VIEW audit_identities AS SELECT hash, record, statement FROM identities;
  CREATE VIEW audit_activations AS SELECT hash, record, statement FROM activations;
  CREATE VIEW audit_states AS SELECT hash, record, seq, statement, sets FROM states;
  CREATE VIEW audit_grants AS SELECT hash, record, statement FROM grants;
  CREATE VIEW audit_placements AS SELECT hash, record, statement FROM placements;
  CREATE VIEW audit_keys AS SELECT hash, statement FROM keys;
  CREATE VIEW audit_crls AS SELECT hash, der, seen_at FROM crls;
  CREATE VIEW audit_deposits AS SELECT deposit_hash AS hash, record, document, deposit AS statement FROM documents;
`

const NOTICES = `
  CREATE TABLE notices (
    record TEXT NOT NULL,
    kind TEXT NOT NULL,                   -- 'access', 'change'
    wanted INTEGER NOT NULL,              -- 0 when the patient does not want them
    due INTEGER NOT NULL,                 -- when the newest one was to leave, POSIX milliseconds
    message TEXT,                         -- its row in the outbox, which goes when it is sent
    PRIMARY KEY (record, kind)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX grants_by_grantee ON grants (grantee, grantee_kind, in_force);
`

/** Orders by which events were erased. */
const ERASURES = `
  CREATE TABLE erasures (
    hash TEXT PRIMARY KEY,
    statement TEXT NOT NULL,
    entry TEXT NOT NULL                   -- hash of the entry that says so
  ) STRICT;
  CREATE VIEW audit_erasures AS SELECT hash, statement FROM erasures;
`

/** Bodies of few bytes beside the rest; and what lists, uploads and quotas look for, found without looking at all. */
const SMALL_BODIES = `
  CREATE TABLE small_bodies (
    id INTEGER PRIMARY KEY,
    root TEXT NOT NULL UNIQUE,            -- of the body's one block
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE body_total (bytes INTEGER NOT NULL) STRICT;
  INSERT INTO body_total SELECT COALESCE(SUM(length), 0) FROM bodies;
  DROP INDEX documents_in_order;
  CREATE INDEX documents_in_order ON documents (record, position, compartment, withdrawn);
  CREATE INDEX uploads_by_key ON uploads (key);
  CREATE INDEX uploads_by_expiry ON uploads (expires);
`

const MIGRATIONS: readonly string[] = [
  LOG_TABLES + RECORD_TABLES + DOCUMENT_TABLES + DIRECTORY_TABLES + ACCOUNT_TABLES + AUDIT_VIEWS,
  NOTICES,
  DEVICE_COLUMNS,
  CONTACT_BEFORE,
  WITHDRAWN,
  ERASURES,
  RECOVERY_TABLES,
  WITHDRAWN_KEYS,
  CLOSINGS,
  SMALL_BODIES,
]

/** Brings a database to the newest schema, in one transaction. Throws `VaultError` `store-newer`. */
export function migrate(database: Database.Database): void {
  const version = database.pragma('user_version', { simple: true }) as number
  if (version > MIGRATIONS.length) {
    throw new VaultError('This store was written by a newer version of Coffre: install that version or a later one', {
      code: 'store-newer',
    })
  }
  const bring = database.transaction(() => {
    for (const step of MIGRATIONS.slice(version)) database.exec(step)
    database.pragma(`user_version = ${MIGRATIONS.length}`)
  })
  bring.immediate()
}
