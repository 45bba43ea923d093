import { fromBase64url, toBase64, toBase64url } from '../crypto/bytes.ts'
import { sha256Text } from '../crypto/hash.ts'
import { parseEvent } from '../log/entry.ts'
import { verifyIdentity } from '../log/identity.ts'
import { verifyRegistration } from '../log/registration.ts'
import { peek, type Verified } from '../log/verified.ts'
import type { Event } from '../protocol/entry.ts'
import type { Hash, Ins, RecordId } from '../protocol/ids.ts'
import type { EntryLeaf } from '../protocol/messages.ts'
import type { IdentityPaper } from '../protocol/record.ts'
import { Identity, StatementTyp } from '../protocol/statements.ts'
import type { IdentityPapers, IdentityVersions, LoggedEvent, Succession } from '../protocol/succession.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import type { Store, Tx } from './store/store.ts'
import type { WitnessedLog } from './witnessed.ts'

export type RecordIdentity = Verified<Identity>

/** Identities of one record that are told; a life's are fewer. */
const VERSIONS_MAX = 256

interface PaperRow {
  readonly identity: string
  readonly registration: string
  readonly salt: string
  readonly ins: Ins
}

/** The statements that say who the patient of a record is. Throws `Refusal` `record-unknown`. */
export function identityPapers({ store: { read } }: Pick<Context, 'store'>, record: RecordId): IdentityPapers {
  const papers = papersOf(read, record)
  const { identity, registration, salt } = papers.at(-1) as PaperRow
  const earlier = papers.slice(0, -1).map(paperOf)
  return {
    recordId: record,
    identity,
    registration,
    registrationSalt: salt,
    ...(earlier.length === 0 ? {} : { earlier }),
  }
}

/** The papers of every identity, the one in force last. Throws `Refusal` `record-unknown`. */
function papersOf(read: Tx, record: RecordId): PaperRow[] {
  const inForce = read.get<{ identity: Hash; ins: Ins }>('SELECT identity, ins FROM records WHERE record = @record', {
    record,
  })
  if (inForce === undefined) throw new Refusal('record-unknown', 'There is no such record here')
  const papers: PaperRow[] = []
  for (let hash: Hash | null = inForce.identity; hash !== null; ) {
    const identity: string | undefined = read.get<{ statement: string }>(
      'SELECT statement FROM identities WHERE hash = @hash',
      { hash },
    )?.statement
    if (identity === undefined || papers.length === VERSIONS_MAX) throw new TypeError('An identity is not in the store')
    const { registration, prevIdentity } = claimsOf(identity)
    papers.unshift({ identity, ...letterOf(read, registration), ins: inForce.ins })
    hash = prevIdentity
  }
  return papers
}

function letterOf(read: Tx, hash: Hash): Pick<PaperRow, 'registration' | 'salt'> {
  const letter = read.get<Pick<PaperRow, 'registration' | 'salt'>>(
    'SELECT statement AS registration, salt FROM registrations WHERE hash = @hash',
    { hash },
  )
  if (letter === undefined) throw new TypeError('An identity stands without its letter')
  return letter
}

const claimsOf = (identity: string): Identity => peek(identity, { typ: StatementTyp.identity, schema: Identity })
const paperOf = ({ identity, registration, salt }: PaperRow): IdentityPaper => ({
  identity,
  registration,
  registrationSalt: salt,
})

/** A record's identities, each from the insurer's key down. */
export interface IdentityChain {
  /** The one in force. */
  readonly identity: RecordIdentity
  /** Those that it follows, the first one first. */
  readonly earlier: readonly RecordIdentity[]
}

/** Verified from the insurer's key down. Throws `Refusal` `record-unknown`, and what the verifiers throw. */
export async function identityChain(context: Context, record: RecordId): Promise<IdentityChain> {
  const papers = papersOf(context.store.read, record)
  const verified = await Promise.all(papers.map(paper => verifiedPaper(context, paper)))
  return { identity: verified.at(-1) as RecordIdentity, earlier: verified.slice(0, -1) }
}

/** An identity by its letter. Throws what the verifiers throw. */
async function verifiedPaper(
  { deployment, insurerKey }: Pick<Context, 'deployment' | 'insurerKey'>,
  { identity, registration: text, salt, ins }: PaperRow,
): Promise<RecordIdentity> {
  const person = { ins, salt: fromBase64url(salt) }
  const registration = await verifyRegistration(text, { deployment, insurerKey, purpose: 'opening', person })
  return verifyIdentity(identity, { registration })
}

/** Every identity that a record ever had, with what let it in and what proves since when. */
export class IdentityBook {
  readonly #store: Store
  readonly #witnessed: WitnessedLog
  readonly #crls: Context['crls']
  readonly #leafOf: (entry: Hash) => EntryLeaf

  constructor(parts: {
    store: Store
    witnessed: WitnessedLog
    crls: Context['crls']
    leafOf: (entry: Hash) => EntryLeaf
  }) {
    this.#store = parts.store
    this.#witnessed = parts.witnessed
    this.#crls = parts.crls
    this.#leafOf = parts.leafOf
  }

  /** The first one first; the caller has seen to it that who asks may know. */
  async versions(record: RecordId): Promise<IdentityVersions> {
    const { read } = this.#store
    const entries = read.all<EntryRow>(
      `SELECT hash, link, event FROM entries
       WHERE chain = @record AND (n = 0 OR event LIKE '%"action":"identity.change"%') ORDER BY n LIMIT @limit`,
      { record, limit: VERSIONS_MAX },
    )
    const versions: IdentityVersions['versions'] = []
    for (const row of entries) {
      const event = parseEvent(row.event)
      if (event.outcome !== 'ok' || (event.action !== 'record.open' && event.action !== 'identity.change')) continue
      const paper = read.get<IdentityPaper>(
        `SELECT i.statement AS identity, g.statement AS registration, g.salt AS registrationSalt
         FROM identities i JOIN registrations g ON g.hash = @registration WHERE i.hash = @identity`,
        { identity: String(event.object.identity), registration: String(event.object.registration) },
      )
      if (paper === undefined) continue
      const by = event.action === 'record.open' ? null : await this.#succession(event)
      versions.push({ ...paper, entry: row.hash, ...this.#leafOf(row.hash), ...(await this.#logged(row)), by })
    }
    return { versions }
  }

  async #succession({ object }: Event): Promise<Succession | null> {
    const hash = String(object.handover ?? object.recovery)
    const { read } = this.#store
    const row = read.get<{ statement: string; entry: Hash }>(
      'SELECT statement, entry FROM warrants WHERE hash = @hash',
      { hash },
    )
    if (row === undefined) return null
    if (object.handover !== undefined) return { handover: row.statement }
    return this.entered(row)
  }

  /** A recovery with who signed it and its entry; null when one of them is not in the store. */
  async entered(row: { readonly statement: string; readonly entry: Hash }): Promise<EnteredRecovery | null> {
    const { read } = this.#store
    const start = read.get<EntryRow>('SELECT hash, link, event FROM entries WHERE hash = @entry', { entry: row.entry })
    if (start === undefined) return null
    const { actor } = parseEvent(start.event)
    const key = read.get<{ statement: string }>('SELECT statement FROM keys WHERE hash = @key', {
      key: actor.kind === 'professional' ? actor.key : '',
    })
    if (key === undefined) return null
    const crls = this.#crls().map(({ der }) => toBase64(der))
    return {
      recovery: row.statement,
      key: { statement: key.statement, crls },
      start: await this.#logged(start),
    }
  }

  async #logged({ hash, link, event }: EntryRow): Promise<LoggedEvent> {
    const witnessed = await this.#witnessed.of(hash)
    return { event, linkHash: toBase64url(sha256Text(link)) as Hash, proof: witnessed?.proof ?? null }
  }
}

type EnteredRecovery = Extract<Succession, { readonly recovery: string }>

interface EntryRow {
  readonly hash: Hash
  readonly link: string
  readonly event: string
}
