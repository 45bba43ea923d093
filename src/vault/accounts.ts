import type { Hash, Ins, RecordId } from '../protocol/ids.ts'
import type { Contact, ContactChallenge } from '../protocol/messages.ts'
import type { Acts } from './acts.ts'
import { bearerHash, newBearer } from './bearer.ts'
import type { CodeHolder, SignedRequest } from './caller.ts'
import { Refusal } from './errors.ts'
import type { Notices } from './notices.ts'
import { maskedAddress, type OneTimePasswords } from './one-time-passwords.ts'
import type { Registrations } from './registrations.ts'
import type { Store, Tx } from './store/store.ts'

/** What an activation brings to the account; the statement that binds `opaqueRecord` and `contact` was verified. */
export interface AccountActivation {
  readonly recordId: RecordId
  /** Hash of the activation registration. */
  readonly registration: Hash
  readonly opaqueRecord: string
  readonly contact: Contact
  readonly contactSalt: string
  readonly challenge: Hash
  readonly at: Date
}

/** A contact's one-time password, as it came back. */
export interface ContactProof {
  readonly registration: Hash
  readonly challenge: Hash
  readonly contact: Contact
  readonly code: string
  readonly at: Date
}

/** Accounts: how a patient comes in. They know the contact and the OPAQUE record, never a secret code. */
export class Accounts {
  readonly #store: Store
  readonly #acts: Acts
  readonly #passwords: OneTimePasswords
  readonly #registrations: Registrations
  readonly #notices: Notices

  constructor(options: {
    store: Store
    acts: Acts
    passwords: OneTimePasswords
    registrations: Registrations
    notices: Notices
  }) {
    this.#notices = options.notices
    this.#store = options.store
    this.#acts = options.acts
    this.#passwords = options.passwords
    this.#registrations = options.registrations
  }

  /** Sends a one-time password to the address that the holder of an activation code names. */
  async sendContactChallenge(request: SignedRequest<CodeHolder>, contact: Contact): Promise<ContactChallenge> {
    // A challenge has the form of a hash: 32 random bytes.
    const challenge = newBearer() as string as Hash
    const { registration } = request.caller
    const message = await this.#acts.look(request, tx => {
      this.#registrations.usable(tx, registration, 'activation')
      return this.#passwords.issue(tx, {
        handle: challenge,
        purpose: 'contact',
        subject: registration,
        ins: null,
        device: null,
        slot: null,
        contact: contact.address,
        at: request.at,
      })
    })
    const delivery = await this.#passwords.deliver(message)
    return { challenge, sentTo: maskedAddress(contact.address), delivery }
  }

  /** The INS that an activation code's holder was registered under: the user identifier of OPAQUE. */
  async insForOpaque(request: SignedRequest<CodeHolder>): Promise<Ins> {
    return this.#acts.look(request, tx => this.#registrations.usable(tx, request.caller.registration, 'activation').ins)
  }

  /**
   * Checks the one-time password of a contact and remembers that it was right. Its try is spent in a commit of its own,
   * before the activation's: a refused activation gives no try back. The same right password may be shown again until
   * `activate` has used it. Throws `Refusal` `code-refused`.
   */
  async proveContact({ registration, challenge, contact, code, at }: ContactProof): Promise<void> {
    const spent = await this.#store.write(tx => {
      const spent = this.#passwords.spend(tx, { handle: challenge, purpose: 'contact', password: code, at })
      const isProved =
        spent?.outcome === 'right' && spent.row.subject === registration && spent.row.contact === contact.address
      if (isProved) {
        tx.run('UPDATE one_time_passwords SET device = @proved WHERE handle = @handle', {
          proved: 'proved',
          handle: bearerHash(challenge),
        })
      }
      return isProved
    })
    if (!spent) throw new Refusal('code-refused', 'This one-time password is not the one that was sent')
  }

  /**
   * Makes or replaces the account of a record, in the activation's own write. Throws `Refusal` `code-refused` unless
   * `proveContact` has held for that challenge, registration and address, and not been used since.
   */
  activate(tx: Tx, activation: AccountActivation): void {
    const { recordId, registration, opaqueRecord, contact, contactSalt, challenge, at } = activation
    const handle = bearerHash(challenge)
    const used = tx.run(
      `DELETE FROM one_time_passwords WHERE handle = @handle AND purpose = 'contact' AND device = 'proved'
         AND subject = @registration AND contact = @address AND expires > @now`,
      { handle, registration, address: contact.address, now: at.getTime() },
    )
    if (used !== 1)
      throw new Refusal('code-refused', 'The contact was not proved by its one-time password, or too long ago')
    // While the contact known before is still there: nobody takes an account over unseen.
    this.#notices.tell(tx, recordId, 'change')
    tx.run('DELETE FROM accounts WHERE record = @recordId', { recordId })
    tx.run(
      `INSERT INTO accounts (record, opaque, contact_kind, contact, contact_salt, activated)
       VALUES (@recordId, @opaqueRecord, @kind, @address, @contactSalt, @now)`,
      { recordId, opaqueRecord, kind: contact.kind, address: contact.address, contactSalt, now: at.getTime() },
    )
  }
}
