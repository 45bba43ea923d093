/** The host's vault: ciphertext, grants, log. Nothing here can open what it keeps. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fromBase64url } from '../crypto/bytes.ts'
import { type SigningKey, VerifyKey } from '../crypto/sign.ts'
import type { Certificate, Crl } from '../crypto/x509.ts'
import type { LogSigner } from '../log/checkpoint.ts'
import type { ParsedEntry } from '../log/entry.ts'
import { parsePolicy } from '../log/policy.ts'
import type { Anchors } from '../protocol/anchors.ts'
import type { Action, EventObject } from '../protocol/entry.ts'
import type { RecordId } from '../protocol/ids.ts'
import { Access } from './access.ts'
import { Accounts } from './accounts.ts'
import { Acts, type RecordRequest } from './acts.ts'
import type { NamedFiles } from './bodies/bodies.ts'
import { FileBodies } from './bodies/files.ts'
import { collectSmallBodies } from './bodies/small.ts'
import { Callers } from './callers.ts'
import { Closing } from './closing.ts'
import type { Context } from './context.ts'
import { Directory } from './directory.ts'
import { Documents } from './documents.ts'
import { syncFolder } from './durable.ts'
import { ErasureBook } from './erasure-book.ts'
import { Events } from './events.ts'
import { IdentityBook } from './identities.ts'
import { Integrator } from './integrator.ts'
import { Journal } from './journal.ts'
import { LogReader } from './log-reader.ts'
import { Mail, type SmtpOptions } from './mail.ts'
import { type NoticeChoice, Notices } from './notices.ts'
import { OneTimePasswords } from './one-time-passwords.ts'
import { type OperatorAct, takeOperatorActs } from './operator-acts.ts'
import { Outbox } from './outbox.ts'
import { Pairings } from './pairings.ts'
import { PortalBuilds } from './portal-builds.ts'
import { Records } from './records.ts'
import { Recoveries } from './recoveries.ts'
import { Registrations } from './registrations.ts'
import { DEFAULT_ROOM, Room, type RoomBounds } from './room.ts'
import { Sessions } from './sessions.ts'
import { SignIns } from './sign-ins.ts'
import { type SmppOptions, Sms } from './sms.ts'
import { States } from './states.ts'
import { openSqlite } from './store/sqlite.ts'
import type { Store, Tx } from './store/store.ts'
import { Strangers } from './strangers.ts'
import { TileFiles } from './tile-files.ts'
import { Uploads } from './uploads.ts'
import { WithdrawalCount } from './withdrawal-count.ts'
import { WitnessedLog } from './witnessed.ts'
import { type Witness, Witnesses } from './witnesses.ts'

/** How often aggregates are written and old nonces forgotten, milliseconds. */
const HOUSEKEEPING_MS = 60_000
/** The legal time for documents, unless the operator sets another. */
const RETENTION_YEARS = 10

export interface VaultOptions {
  /** Folder of the store; made when missing. */
  readonly folder: string
  readonly anchors: Anchors
  /** As they are now: a host may read others while it runs. */
  readonly cardAuthorities: readonly Certificate[]
  readonly hostKey: SigningKey
  readonly logSigner: LogSigner
  readonly witnesses: readonly Witness[]
  readonly crls: () => readonly Crl[]
  readonly clock: () => Date
  readonly smtp: SmtpOptions
  /** Null, or left out: telephones are no contact here. */
  readonly smpp?: SmppOptions | null
  readonly version: string
  /** Years for which a closed record is kept; 10 unless given. */
  readonly retentionYears?: number
  /** What documents may take of the disk; `DEFAULT_ROOM` unless given. */
  readonly room?: RoomBounds
  /** For the operator's log: a code, never a value. */
  readonly onEvent: (event: VaultEvent) => void
}

/** Something an operator should know. */
export type VaultEvent =
  | { readonly kind: 'witness-lag'; readonly url: string; readonly why: string }
  | { readonly kind: 'quorum-short' }
  | { readonly kind: 'integrator-failed'; readonly error: unknown }
  | { readonly kind: 'housekeeping-failed'; readonly error: unknown }
  | { readonly kind: 'message-failed'; readonly code: string }
  | { readonly kind: 'store-full' }

export type Vault = Awaited<ReturnType<typeof openVault>>

/** Opens the store, recovers what a crash left, and starts growing the tree. Throws `VaultError`, `LogError`. */
export async function openVault(options: VaultOptions) {
  const { folder, anchors, clock, onEvent } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const store = openSqlite(join(folder, 'store.sqlite'))
  const tiles = new TileFiles(join(folder, 'log'))
  const bodies = new FileBodies(folder)
  // The folders' own names: what is synced inside a folder is lost with it.
  for (const made of [folder, dirname(folder)]) await syncFolder(made)

  const { deployment } = anchors
  const outbox = new Outbox({
    store,
    clock,
    mail: new Mail(options.smtp),
    telephone: options.smpp == null ? null : new Sms(options.smpp),
    onFailure: code => onEvent({ kind: 'message-failed', code }),
  })
  const notices = new Notices({ outbox, clock })
  const onEntry = (tx: Tx, entry: ParsedEntry) => {
    notices.onEntry(tx, entry)
    events.onEntry(entry)
  }
  const journal = new Journal({ deployment, hostKey: options.hostKey, clock, onEntry })
  const strangers = new Strangers(store, journal)
  const acts = new Acts(store, journal, strangers)
  const insurerKey = VerifyKey.parse(fromBase64url(anchors.insurerKey))
  const { crls } = options
  const context: Context = {
    ...{ store, journal, acts, strangers, deployment, insurerKey, crls, clock },
    get cardAuthorities() {
      return options.cardAuthorities
    },
  }

  const events = new Events(context)
  const passwords = new OneTimePasswords({ outbox })
  const registrations = new Registrations(context)
  const accounts = new Accounts({ store, acts, passwords, registrations, notices, outbox })
  const states = new States(context)
  const records = new Records(context, { registrations, states, accounts })
  const withdrawals = new WithdrawalCount()
  const directory = new Directory(context, withdrawals)
  const signIns = new SignIns({ store, journal, passwords })
  const room = new Room({ folder, bounds: options.room ?? DEFAULT_ROOM, onFull: () => onEvent({ kind: 'store-full' }) })
  const uploads = new Uploads(context, { bodies, room })
  const documents = new Documents(context, bodies)
  const closings = new Closing(context, { bodies, years: options.retentionYears ?? RETENTION_YEARS })

  const witnesses = new Witnesses(options.witnesses, {
    onLag: (url, why) => onEvent({ kind: 'witness-lag', url, why }),
    onShort: () => onEvent({ kind: 'quorum-short' }),
    clock,
  })
  const policy = parsePolicy(anchors.policy)
  const integrator = await Integrator.resume({
    store,
    tiles,
    signer: options.logSigner,
    policy,
    witnesses,
    clock,
    onError: error => onEvent({ kind: 'integrator-failed', error }),
  })

  const witnessed = new WitnessedLog({ store, tiles, policy, clock })
  const erasures = new ErasureBook({ store, witnessed })
  const log = new LogReader({ store, acts, tiles, integrator, witnesses, erasures })
  const identities = new IdentityBook({ store, witnessed, crls, leafOf: log.leafOf.bind(log) })

  const ownAct = (action: Action, object: EventObject) =>
    store.write(tx =>
      journal.append(tx, {
        chain: 'system',
        actor: { kind: 'host', id: 'host' },
        action,
        object,
        outcome: 'ok',
        grant: null,
        state: null,
        request: null,
      }),
    )
  const portal = new PortalBuilds({
    append: build => ownAct('portal.build', { ...build }),
    leafOf: hash => log.leafOf(hash),
  })
  const housekeepingFailed = (error: unknown) => onEvent({ kind: 'housekeeping-failed', error })
  const operatorActs = () => takeOperatorActs(folder, act => ownAct('host.operate', { act }))
  await ownAct('host.start', { version: options.version })
  await operatorActs()
  integrator.start()
  const closing = new AbortController()
  // Beside the first requests: it looks at every body.
  const collecting = Promise.all([
    bodies.collect(namedFiles(store), closing.signal),
    collectSmallBodies(store, closing.signal),
  ]).catch(housekeepingFailed)
  const housekeeping = setInterval(() => {
    const now = Math.floor(clock().getTime() / 1000)
    Promise.all([
      strangers.flush(),
      closings.destroyDue(),
      operatorActs(),
      store.write(tx => tx.run('DELETE FROM nonces WHERE expires < @now', { now })),
    ]).catch(housekeepingFailed)
  }, HOUSEKEEPING_MS)
  housekeeping.unref()

  return {
    store,
    strangers,
    accounts,
    registrations,
    records,
    states,
    directory,
    uploads,
    access: new Access(context, { states, identities }),
    recoveries: new Recoveries(context, { registrations, witnessed, identities }),
    sessions: new Sessions({ store, acts }),
    signIns,
    pairings: new Pairings({ store, acts }),
    notices: {
      choose: (request: RecordRequest, record: RecordId, accesses: NoticeChoice) =>
        notices.choose(acts, request, { record, accesses }),
    },
    activation: {
      material: records.material.bind(records),
      state: records.stateToActivate.bind(records),
      complete: records.activate.bind(records),
    },
    closings,
    events,
    documents: {
      list: documents.list.bind(documents),
      open: documents.open.bind(documents),
      body: documents.body.bind(documents),
      openBody: documents.openBody.bind(documents),
      refused: documents.refused.bind(documents),
      withdraw: documents.withdraw.bind(documents),
      deposit: uploads.deposit.bind(uploads),
    },
    log,
    portal,
    callers: new Callers({ read: store.read, deployment, insurerKey, clock, withdrawals }),
    /** For the readers of other threads. */
    withdrawals: withdrawals.memory,
    /** The host took what an operator replaced while it runs. */
    operated: (act: OperatorAct) => ownAct('host.operate', { act }),
    /** Resolves when what a crash left behind, files that the store does not name, is gone, or when the vault closes. */
    collected: collecting,
    /** Finishes what was accepted, integrates every entry, lets go of the files. */
    async close(): Promise<void> {
      clearInterval(housekeeping)
      closing.abort()
      await collecting
      await outbox.close()
      await strangers.flush()
      await ownAct('host.stop', { version: options.version })
      await integrator.stop()
      await store.close()
    },
  }
}

/** What uploads and bodies the store names. */
function namedFiles({ read }: Store): NamedFiles {
  return {
    isUpload: upload => read.get('SELECT 1 FROM uploads WHERE upload = @upload', { upload }) !== undefined,
    isBody: root => read.get('SELECT 1 FROM bodies WHERE root = @root', { root }) !== undefined,
  }
}
