import { toBase64, toBase64url } from '../crypto/bytes.ts'
import { type VerifiedKey, verifyKeyStatement } from '../log/key-statement.ts'
import type { Hash, NationalId } from '../protocol/ids.ts'
import type { KeyPublish, KeyPublished, PublishedKey } from '../protocol/messages.ts'
import { actorOf, type Practitioner, type SignedRequest } from './caller.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'

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

/** Key statements of professionals and establishments; every version stays. */
export class Directory {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
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
      for (const crl of key.chain.crls) {
        tx.run('INSERT INTO crls (hash, der, seen_at) VALUES (@hash, @der, @at) ON CONFLICT (hash) DO NOTHING', {
          hash: toBase64url(crl.hash),
          der: toBase64(crl.der),
          at: clock().toISOString(),
        })
      }
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
    return this.#published('hash = @hash', { hash })
  }

  /** The newest of a holder. Throws `Refusal` `key-unknown`. */
  byNationalId(id: NationalId): PublishedKey {
    return this.#published('national_id = @id', { id })
  }

  /** Every key of a holder, the first one first, with its entry. Throws `Refusal` `key-unknown`. */
  versions(id: NationalId): { statement: string; entry: Hash }[] {
    const rows = this.#context.store.read.all<{ statement: string; entry: Hash }>(
      'SELECT statement, entry FROM keys WHERE national_id = @id ORDER BY seq LIMIT @limit',
      { id, limit: VERSIONS_MAX },
    )
    if (rows.length === 0) throw new Refusal('key-unknown', 'No such key was published here')
    return rows
  }

  /** The revocation lists in force, as directory answers carry them. */
  lists(): string[] {
    return this.#context.crls().map(({ der }) => toBase64(der))
  }

  #published(where: string, params: Record<string, string>): PublishedKey {
    const row = this.#context.store.read.get<KeyRow>(
      `SELECT * FROM keys WHERE ${where} ORDER BY seq DESC LIMIT 1`,
      params,
    )
    if (row === undefined) throw new Refusal('key-unknown', 'No such key was published here')
    return { statement: row.statement, crls: this.lists() }
  }
}
