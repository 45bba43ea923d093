import { fromBase64url } from '../crypto/bytes.ts'
import { VerifyKey } from '../crypto/sign.ts'
import { Recent } from '../log/audit/recent.ts'
import { codeKeyOf, verifyRegistration } from '../log/registration.ts'
import type { DeploymentId, Hash, Ins, NationalId, RecordId } from '../protocol/ids.ts'
import type { Registration } from '../protocol/statements.ts'
import type { Caller } from './caller.ts'
import { Refusal } from './errors.ts'
import type { Tx } from './store/store.ts'
import type { WithdrawalCount } from './withdrawal-count.ts'

/** Who stands behind the `keyid` of a request. */
export interface ResolvedCaller {
  readonly caller: Caller
  readonly verifyKey: VerifyKey
}

/** A published key whose term has not passed. */
export interface KnownKey {
  readonly kind: 'professional' | 'establishment'
  readonly id: NationalId
  readonly verifyKey: VerifyKey
}

/** What it takes to know a caller: committed data and the time. Any thread that can read the store can do it. */
export interface CallersOptions {
  readonly read: Tx
  readonly deployment: DeploymentId
  readonly insurerKey: VerifyKey
  readonly clock: () => Date
  readonly withdrawals: WithdrawalCount
}

/** Keys of holders remembered, each as it was when so many had been withdrawn. */
const KEYS_MAX = 8192

/** The keys that requests are signed with. */
export class Callers {
  readonly #options: CallersOptions
  readonly #keys = new Recent<Hash, { readonly row: KeyRow; readonly withdrawals: number }>(KEYS_MAX)

  constructor(options: CallersOptions) {
    this.#options = options
  }

  /** Null when the key is unknown here, or past its term. Throws `Refusal` `key-withdrawn`. */
  async resolve(keyId: string): Promise<ResolvedCaller | null> {
    if (keyId === 'insurer') return { caller: { kind: 'insurer' }, verifyKey: this.#options.insurerKey }
    const [kind, name, ...rest] = keyId.split(':')
    if (name === undefined || rest.length > 0) return null
    const hash = name as Hash
    if (kind === 'code') return this.#code(hash)
    if (kind === 'identity') return this.#patient(hash) ?? this.#candidate(hash)
    if (kind !== 'key') return null
    const key = this.#holder(hash)
    return key && { caller: { kind: key.kind, id: key.id, key: hash, acting: null }, verifyKey: key.verifyKey }
  }

  /** As `knownKey`. A look into the store costs more than all the rest that is done to know a caller. */
  #holder(hash: Hash): KnownKey | null {
    const { read, clock, withdrawals } = this.#options
    // Counted before the look: what is withdrawn meanwhile is looked for at the next request.
    const count = withdrawals.now
    const known = this.#keys.get(hash)
    if (known?.withdrawals === count) return inTerm(known.row, clock())
    const row = keyRow(read, hash)
    if (row === undefined) return null
    const key = inTerm(row, clock())
    this.#keys.set(hash, { row, withdrawals: count })
    return key
  }

  async #code(registration: Hash): Promise<ResolvedCaller | null> {
    const { read, deployment, insurerKey } = this.#options
    const row = read.get<{ statement: string; ins: Ins; salt: string; purpose: Registration['purpose'] }>(
      'SELECT statement, ins, salt, purpose FROM registrations WHERE hash = @registration',
      { registration },
    )
    if (row === undefined) return null
    const { statement, ins, salt, purpose } = row
    const person = { ins, salt: fromBase64url(salt) }
    const verified = await verifyRegistration(statement, { deployment, insurerKey, purpose, person })
    return { caller: { kind: 'code', registration }, verifyKey: codeKeyOf(verified) }
  }

  #patient(identity: Hash): ResolvedCaller | null {
    const row = this.#options.read.get<{ record: RecordId; sign_key: string }>(
      `SELECT i.record, i.sign_key FROM identities i JOIN records r ON r.record = i.record AND r.identity = i.hash
       WHERE i.hash = @identity`,
      { identity },
    )
    if (row === undefined) return null
    const verifyKey = verifyKeyOf(row.sign_key)
    return { caller: { kind: 'patient', recordId: row.record, identity }, verifyKey }
  }

  /** An identity that was proposed to follow the one in force; another one in force since then, and it is nobody's. */
  #candidate(identity: Hash): ResolvedCaller | null {
    const row = this.#options.read.get<{ record: RecordId; sign_key: string }>(
      `SELECT p.record, p.sign_key FROM proposals p JOIN records r ON r.record = p.record AND r.identity = p.follows
       WHERE p.identity = @identity`,
      { identity },
    )
    if (row === undefined) return null
    const verifyKey = VerifyKey.parse(fromBase64url(row.sign_key))
    return { caller: { kind: 'candidate', recordId: row.record, identity }, verifyKey }
  }
}

/** Keys ready for use: preparing one costs a fifth of a verification. */
const prepared = new Recent<string, VerifyKey>(8192)

/** The key of a text that the store has. */
function verifyKeyOf(text: string): VerifyKey {
  const known = prepared.get(text)
  if (known !== undefined) return known
  const key = VerifyKey.parse(fromBase64url(text))
  prepared.set(text, key)
  return key
}

interface KeyRow {
  readonly kind: KnownKey['kind']
  readonly national_id: NationalId
  readonly sign_key: string
  readonly not_after: string
  readonly withdrawn: Hash | null
}

/** The holder of a key that may sign requests now; null when unknown or past its term. Throws `Refusal` `key-withdrawn`. */
export function knownKey(read: Tx, hash: Hash, now: Date): KnownKey | null {
  const row = keyRow(read, hash)
  return row === undefined ? null : inTerm(row, now)
}

function keyRow(read: Tx, hash: Hash): KeyRow | undefined {
  return read.get<KeyRow>(
    `SELECT keys.kind, national_id, sign_key, not_after, withdrawals.key AS withdrawn
     FROM keys LEFT JOIN withdrawals ON withdrawals.key = keys.hash WHERE keys.hash = @hash`,
    { hash },
  )
}

function inTerm(row: KeyRow, now: Date): KnownKey | null {
  if (now.getTime() >= Date.parse(row.not_after)) return null
  if (row.withdrawn !== null) throw new Refusal('key-withdrawn', 'The holder of this key has withdrawn it')
  return { kind: row.kind, id: row.national_id, verifyKey: verifyKeyOf(row.sign_key) }
}
