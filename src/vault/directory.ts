import { toBase64, toBase64url } from '../crypto/bytes.ts'
import type { VerifiedChain } from '../crypto/x509.ts'
import { type VerifiedKey, verifyKeyStatement } from '../log/key-statement.ts'
import { verifyKeyWithdrawal } from '../log/key-withdrawal.ts'
import { peek } from '../log/verified.ts'
import type { KeyPublish, KeyPublished, KeyWithdraw, PublishedKey } from '../protocol/directory.ts'
import type { Hash, NationalId } from '../protocol/ids.ts'
import { KeyWithdrawal, StatementTyp } from '../protocol/statements.ts'
import { actorOf, type Practitioner, type SignedRequest } from './caller.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import type { Tx } from './store/store.ts'
import type { WithdrawalCount } from './withdrawal-count.ts'

interface KeyRow {
  readonly hash: Hash
  readonly kind: 'professional' | 'establishment'
  readonly national_id: NationalId
  readonly statement: string
  readonly sign_key: string
  readonly not_after: string
}

/** Keys of one holder; one more is not taken. A year's renewals over a life are fewer. */
const VERSIONS_MAX = 256
/** How far a withdrawal's time may stand from the host's, milliseconds. */
const DATED_WITHIN_MS = 120_000

/** Key statements of professionals and establishments; every version stays. */
export class Directory {
  readonly #context: Context
  readonly #withdrawals: WithdrawalCount

  constructor(context: Context, withdrawals: WithdrawalCount) {
    this.#context = context
    this.#withdrawals = withdrawals
  }

  /**
   * Publishes a key statement, over a connection made with the same holder's card (`holder`). The same again gives the
   * same hash. Throws `Refusal` `key-refused`.
   */
  async publish(
    request: SignedRequest<Practitioner>,
    { statement: text }: KeyPublish,
    holder: { readonly kind: string; readonly id: string },
  ): Promise<KeyPublished> {
    const { store, journal, clock } = this.#context
    const key = await this.#verify(text, clock())
    const { kind, nationalId, seq, prev, signKey, notAfter } = key.payload
    if (holder.kind !== kind || holder.id !== nationalId || request.caller.key !== key.hash) {
      throw new Refusal('key-refused', 'The key statement is of another holder than this connection’s certificate')
    }
    const entry = await store.write(tx => {
      const again = tx.get<{ entry: Hash }>('SELECT entry FROM keys WHERE hash = @hash', { hash: key.hash })
      if (again !== undefined) {
        journal.takeNonce(tx, request)
        return again.entry
      }
      const newest = tx.get<{ hash: Hash; seq: number }>(
        'SELECT hash, seq FROM keys WHERE national_id = @nationalId ORDER BY seq DESC LIMIT 1',
        { nationalId },
      )
      const follows = newest === undefined ? seq === 0 && prev === null : seq === newest.seq + 1 && prev === newest.hash
      if (seq >= VERSIONS_MAX) throw new Refusal('key-refused', 'This holder has published too many keys')
      if (!follows) {
        throw new Refusal('key-refused', 'The key statement does not follow the newest one; fetch it and sign again')
      }
      saveLists(tx, key.chain, clock())
      const made = journal.append(tx, {
        chain: 'system',
        actor: actorOf(request.caller),
        action: 'key.publish',
        object: { keyStatement: key.hash },
        outcome: 'ok',
        grant: null,
        state: null,
        request,
      })
      tx.run(
        `INSERT INTO keys (hash, kind, national_id, seq, statement, sign_key, not_after, entry)
         VALUES (@hash, @kind, @nationalId, @seq, @text, @signKey, @notAfter, @entry)`,
        { hash: key.hash, kind, nationalId, seq, text, signKey, notAfter, entry: made.hash },
      )
      return made.hash
    })
    return { keyStatement: key.hash, receipt: await journal.receiptOf(store.read, entry) }
  }

  /**
   * Takes a key back, signed by a card of its holder (`holder`: of this connection's); from then on nothing signed with it
   * is done, and a grant sealed to it gives nothing. The same again gives the first answer. Throws `Refusal` `key-refused`.
   */
  async withdraw(
    request: SignedRequest<Practitioner>,
    { withdrawal: text }: KeyWithdraw,
    holder: { readonly kind: string; readonly id: string },
  ): Promise<KeyPublished> {
    const { store, journal } = this.#context
    const { caller, at } = request
    if (holder.kind !== caller.kind || holder.id !== caller.id) {
      throw new Refusal('key-refused', 'The connection is made with another holder’s card than the key that signs')
    }
    const { hash, payload, chain } = await this.#verifyWithdrawal(text, at)
    const { keyStatement } = payload
    const entry = await store.write(tx => {
      const again = tx.get<{ entry: Hash }>('SELECT entry FROM withdrawals WHERE key = @keyStatement', { keyStatement })
      if (again !== undefined) {
        journal.takeNonce(tx, request)
        return again.entry
      }
      saveLists(tx, chain, at)
      const made = journal.append(tx, {
        chain: 'system',
        actor: actorOf(caller),
        action: 'key.withdraw',
        object: { keyStatement, withdrawal: hash },
        outcome: 'ok',
        grant: null,
        state: null,
        request,
      })
      tx.run('INSERT INTO withdrawals (key, hash, statement, entry) VALUES (@keyStatement, @hash, @text, @entry)', {
        keyStatement,
        hash,
        text,
        entry: made.hash,
      })
      return made.hash
    })
    this.#withdrawals.grow()
    return { keyStatement, receipt: await journal.receiptOf(store.read, entry) }
  }

  /** Dated now, so that no act of before is disputed by it. */
  async #verifyWithdrawal(text: string, at: Date): ReturnType<typeof verifyKeyWithdrawal> {
    const { deployment, cardAuthorities, store } = this.#context
    try {
      const { keyStatement } = peek(text, { typ: StatementTyp.withdrawal, schema: KeyWithdrawal })
      const row = store.read.get<KeyRow>('SELECT * FROM keys WHERE hash = @keyStatement', { keyStatement })
      if (row === undefined) throw new Refusal('key-refused', 'The withdrawal is of a key that was never published')
      const key = { hash: row.hash, payload: { kind: row.kind, nationalId: row.national_id } }
      const crls = this.#context.crls()
      const verified = await verifyKeyWithdrawal(text, { deployment, cardAuthorities, crls, at, key })
      if (Math.abs(Date.parse(verified.payload.t) - at.getTime()) <= DATED_WITHIN_MS) return verified
    } catch (cause) {
      if (Refusal.is(cause)) throw cause
      const why = cause instanceof Error ? cause.message : 'it does not verify'
      throw new Refusal('key-refused', `This withdrawal is refused: ${why}`, { cause })
    }
    throw new Refusal('key-refused', 'The withdrawal is not dated now; sign it again')
  }

  async #verify(text: string, at: Date): Promise<VerifiedKey> {
    const { deployment, cardAuthorities } = this.#context
    try {
      return await verifyKeyStatement(text, { deployment, cardAuthorities, crls: this.#context.crls(), at })
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : 'it does not verify'
      throw new Refusal('key-refused', `This key statement is refused: ${why}`, { cause })
    }
  }

  /** Throws `Refusal` `key-unknown`. */
  byHash(hash: Hash): PublishedKey {
    return this.#published('keys.hash = @hash', { hash })
  }

  /** The newest of a holder that was not withdrawn. Throws `Refusal` `key-unknown`. */
  byNationalId(id: NationalId): PublishedKey {
    return this.#published('national_id = @id', { id })
  }

  /** Every key of a holder, the first one first, with its entry. Throws `Refusal` `key-unknown`. */
  versions(id: NationalId): { statement: string; withdrawal?: string; entry: Hash }[] {
    const rows = this.#context.store.read.all<{ statement: string; withdrawal: string | null; entry: Hash }>(
      `SELECT keys.statement, withdrawals.statement AS withdrawal, keys.entry
       FROM keys LEFT JOIN withdrawals ON withdrawals.key = keys.hash
       WHERE national_id = @id ORDER BY seq LIMIT @limit`,
      { id, limit: VERSIONS_MAX },
    )
    if (rows.length === 0) throw new Refusal('key-unknown', 'No such key was published here')
    return rows.map(({ withdrawal, ...row }) => ({ ...row, ...(withdrawal !== null && { withdrawal }) }))
  }

  /** The revocation lists in force, as directory answers carry them. */
  lists(): string[] {
    return this.#context.crls().map(({ der }) => toBase64(der))
  }

  /** Of several the newest that was not withdrawn; where all were, the newest. */
  #published(where: string, params: Record<string, string>): PublishedKey {
    const row = this.#context.store.read.get<Pick<KeyRow, 'statement'> & { withdrawal: string | null }>(
      `SELECT keys.statement, withdrawals.statement AS withdrawal
       FROM keys LEFT JOIN withdrawals ON withdrawals.key = keys.hash
       WHERE ${where} ORDER BY withdrawal IS NOT NULL, seq DESC LIMIT 1`,
      params,
    )
    if (row === undefined) throw new Refusal('key-unknown', 'No such key was published here')
    const withdrawal = row.withdrawal === null ? {} : { withdrawal: row.withdrawal }
    return { statement: row.statement, ...withdrawal, crls: this.lists() }
  }
}

/** Keeps the lists by which a card was judged: an auditor judges it by them. */
function saveLists(tx: Tx, { crls }: VerifiedChain, at: Date): void {
  for (const { hash, der } of crls) {
    tx.run('INSERT INTO crls (hash, der, seen_at) VALUES (@hash, @der, @at) ON CONFLICT (hash) DO NOTHING', {
      hash: toBase64url(hash),
      der: toBase64(der),
      at: at.toISOString(),
    })
  }
}
