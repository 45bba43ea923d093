import { fromBase64url } from '../crypto/bytes.ts'
import { verifyRegistration } from '../log/registration.ts'
import { peek, type Verified } from '../log/verified.ts'
import type { Hash, Ins, RecordId } from '../protocol/ids.ts'
import type { Openings, RegistrationFound, RegistrationImport, RegistrationImported } from '../protocol/messages.ts'
import { Registration, StatementTyp } from '../protocol/statements.ts'
import type { SignedRequest } from './caller.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import type { Tx } from './store/store.ts'

/** A registration as the store keeps it. */
export interface StoredRegistration {
  readonly hash: Hash
  readonly statement: string
  readonly ins: Ins
  readonly salt: string
  readonly purpose: 'opening' | 'activation'
  readonly used_by: Hash | null
  readonly frozen: number
}

/** The mailed codes' registrations, as the insurer signed them. */
export class Registrations {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  /** Takes a registration once; the same again is the same. Throws `Refusal` `registration-invalid`. */
  async import({ registration: text, ins, salt }: RegistrationImport): Promise<RegistrationImported> {
    const { store, journal, deployment, insurerKey } = this.#context
    let registration: Verified<Registration>
    try {
      const { purpose } = peek(text, { typ: StatementTyp.registration, schema: Registration })
      const person = { ins, salt: fromBase64url(salt) }
      registration = await verifyRegistration(text, { deployment, insurerKey, purpose, person })
    } catch (cause) {
      throw new Refusal('registration-invalid', 'This registration is not the insurer’s, or not for this host', {
        cause,
      })
    }
    const { hash, payload } = registration
    const entry = await store.write(tx => {
      const known = tx.get<{ entry: Hash }>('SELECT entry FROM registrations WHERE hash = @hash', { hash })
      if (known !== undefined) return known.entry
      const made = journal.append(tx, {
        chain: 'system',
        actor: { kind: 'insurer', id: 'insurer' },
        action: 'registration.import',
        object: { registration: hash, purpose: payload.purpose },
        outcome: 'ok',
        grant: null,
        state: null,
        request: null,
      })
      // A letter that takes another's place: the one before opens nothing any more.
      if (payload.supersedes !== undefined) {
        tx.run('UPDATE registrations SET frozen = 1 WHERE hash = @old AND ins = @ins AND used_by IS NULL', {
          old: payload.supersedes,
          ins,
        })
      }
      tx.run(
        `INSERT INTO registrations (hash, statement, ins, salt, purpose, key, entry)
         VALUES (@hash, @text, @ins, @salt, @purpose, @key, @entry)`,
        { hash, text, ins, salt, purpose: payload.purpose, key: payload.key, entry: made.hash },
      )
      return made.hash
    })
    return { registration: hash, receipt: await journal.receiptOf(store.read, entry) }
  }

  /** By the public key that the code is the seed of. Throws `Refusal` `code-refused`. */
  byKey(key: string): RegistrationFound {
    const row = this.#context.store.read.get<StoredRegistration>('SELECT * FROM registrations WHERE key = @key', {
      key,
    })
    if (row === undefined) throw new Refusal('code-refused', 'This code is not known here; check it against the letter')
    return { registration: row.statement, salt: row.salt }
  }

  /** The registration as verified. */
  verified({ statement, purpose, ins, salt }: StoredRegistration): Promise<Verified<Registration>> {
    const { deployment, insurerKey } = this.#context
    const person = { ins, salt: fromBase64url(salt) }
    return verifyRegistration(statement, { deployment, insurerKey, purpose, person })
  }

  /** For use: throws `Refusal` `registration-invalid`, `registration-frozen`, `registration-used`, `registration-expired`. */
  usable(tx: Tx, hash: Hash, purpose: 'opening' | 'activation'): StoredRegistration {
    const row = tx.get<StoredRegistration>('SELECT * FROM registrations WHERE hash = @hash', { hash })
    if (row === undefined || row.purpose !== purpose) {
      throw new Refusal('registration-invalid', `This code is not one for the ${purpose} of a record`)
    }
    if (row.frozen === 1) {
      throw new Refusal('registration-frozen', 'This code is blocked; ask the health insurer for a new letter')
    }
    if (row.used_by !== null) throw new Refusal('registration-used', 'This code was already used')
    const { expiresAt } = peek(row.statement, { typ: StatementTyp.registration, schema: Registration })
    if (this.#context.clock().getTime() >= Date.parse(expiresAt)) {
      throw new Refusal('registration-expired', 'This code has expired; ask the health insurer for a new letter')
    }
    return row
  }

  /** Records opened since a cursor, for the insurer, who prints the second letter only then; none that is frozen. */
  async openings(request: SignedRequest, after: number): Promise<Openings> {
    if (request.caller.kind !== 'insurer') throw new Refusal('key-refused', 'Only the insurer reads openings')
    const rows = await this.#context.acts.look(request, tx =>
      tx.all<{ cursor: number; registration: Hash; identity: string; recordId: RecordId; t: string }>(
        `SELECT r.position AS cursor, r.registration, i.statement AS identity, r.record AS recordId, r.opened_at AS t
         FROM records r JOIN identities i ON i.hash = r.identity
           JOIN registrations g ON g.hash = r.registration
         WHERE r.position > @after AND g.frozen = 0 ORDER BY r.position LIMIT 500`,
        { after },
      ),
    )
    return { openings: rows as Openings['openings'] }
  }
}
