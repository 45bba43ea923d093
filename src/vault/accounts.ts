import type { Hash, Ins, RecordId } from '../protocol/ids.ts'
import type { Contact, ContactChallenge, ContactChange } from '../protocol/messages.ts'
import { type Acts, requireState } from './acts.ts'
import { bearerHash, newBearer } from './bearer.ts'
import type { CodeHolder, Patient, SignedRequest } from './caller.ts'
import { contactHash } from './contact-hash.ts'
import { Refusal } from './errors.ts'
import type { Notices } from './notices.ts'
import { maskedAddress, type OneTimePasswords } from './one-time-passwords.ts'
import type { Outbox } from './outbox.ts'
import type { Registrations } from './registrations.ts'
import { CONTACT_WAIT_MS, requireRecentSignIn, requireSignedInNow } from './sensitive.ts'
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
  /** Who was sent it: hash of the activation registration, or the record. */
  readonly subject: Hash | RecordId
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
  readonly #outbox: Outbox

  constructor(options: {
    store: Store
    acts: Acts
    passwords: OneTimePasswords
    registrations: Registrations
    notices: Notices
    outbox: Outbox
  }) {
    this.#outbox = options.outbox
    this.#notices = options.notices
    this.#store = options.store
    this.#acts = options.acts
    this.#passwords = options.passwords
    this.#registrations = options.registrations
  }

  /** Sends a one-time password to the address that the holder of an activation code names. Throws `Refusal` `contact-unsupported`. */
  async sendContactChallenge(request: SignedRequest<CodeHolder>, contact: Contact): Promise<ContactChallenge> {
    const { registration } = request.caller
    return this.#challenge(request, registration, contact, tx => {
      this.#registrations.usable(tx, registration, 'activation')
    })
  }

  /** The same to the address that a signed-in patient wants to be reached at from now on. */
  sendNewContactChallenge(request: SignedRequest<Patient>, contact: Contact): Promise<ContactChallenge> {
    return this.#challenge(request, request.caller.recordId, contact, tx => requireSignedInNow(tx, request))
  }

  async #challenge(
    request: SignedRequest,
    subject: Hash | RecordId,
    { address }: Contact,
    check: (tx: Tx) => void,
  ): Promise<ContactChallenge> {
    if (!this.#outbox.reaches(address)) throw new Refusal('contact-unsupported', 'This host sends no SMS')
    // A challenge has the form of a hash: 32 random bytes.
    const challenge = newBearer() as string as Hash
    const messages = await this.#acts.look(request, tx => {
      check(tx)
      const { at } = request
      const nobody = { ins: null, device: null, slot: null }
      return this.#passwords.issue(tx, {
        handle: challenge,
        purpose: 'contact',
        subject,
        ...nobody,
        contact: address,
        at,
      })
    })
    const delivery = await this.#passwords.deliver(messages)
    return { challenge, sentTo: maskedAddress(address), delivery }
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
  async proveContact({ subject, challenge, contact, code, at }: ContactProof): Promise<void> {
    const spent = await this.#store.write(tx => {
      const spent = this.#passwords.spend(tx, { handle: challenge, purpose: 'contact', password: code, at })
      const isProved =
        spent?.outcome === 'right' && spent.row.subject === subject && spent.row.contact === contact.address
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
    useProof(tx, { subject: registration, contact, challenge, at })
    const before = tx.get<{ contact: string; since: number }>(
      'SELECT contact, contact_since AS since FROM accounts WHERE record = @recordId',
      { recordId },
    )
    // While the contact known before is still there: nobody takes an account over unseen.
    this.#notices.tell(tx, recordId, 'change')
    tx.run('DELETE FROM accounts WHERE record = @recordId', { recordId })
    tx.run('DELETE FROM sessions WHERE record = @recordId', { recordId })
    tx.run('DELETE FROM tickets WHERE record = @recordId', { recordId })
    const now = at.getTime()
    const since = before === undefined ? 0 : before.contact === contact.address ? before.since : now
    tx.run(
      `INSERT INTO accounts (record, opaque, contact_kind, contact, contact_salt, activated, contact_since)
       VALUES (@recordId, @opaqueRecord, @kind, @address, @contactSalt, @now, @since)`,
      { recordId, opaqueRecord, kind: contact.kind, address: contact.address, contactSalt, now, since },
    )
  }

  /**
   * Puts another contact in the place of the one known; the one before is told, still gets the one-time passwords for a
   * day, and may take its place back at once. Throws `Refusal` `sign-in-again`, `contact-new`, `code-refused`.
   */
  async changeContact(request: SignedRequest<Patient>, change: ContactChange): Promise<{ receipt: string }> {
    const { caller, at } = request
    const { recordId } = caller
    const { contact, contactSalt, challenge } = change
    await this.proveContact({ subject: recordId, challenge, contact, code: change.code, at })
    const object = { contact: contactHash(change) }
    const { entry } = await this.#acts.perform(request, { record: recordId, action: 'contact.change', object }, tx => {
      const before = tx.get<{ contact: string; since: number; earlier: string | null }>(
        'SELECT contact, contact_since AS since, contact_before AS earlier FROM accounts WHERE record = @recordId',
        { recordId },
      )
      const isBack = before?.earlier === contact.address && at.getTime() < before.since + CONTACT_WAIT_MS
      if (isBack) requireSignedInNow(tx, request)
      else requireRecentSignIn(tx, request)
      useProof(tx, { subject: recordId, contact, challenge, at })
      this.#notices.tell(tx, recordId, 'change')
      tx.run(
        `UPDATE accounts SET contact_kind = @kind, contact = @address, contact_salt = @contactSalt,
           contact_since = @since, contact_before = @before WHERE record = @recordId`,
        {
          recordId,
          kind: contact.kind,
          address: contact.address,
          contactSalt,
          since: isBack ? 0 : at.getTime(),
          before: isBack ? null : (before?.contact ?? null),
        },
      )
      return { object, grant: null, state: requireState(tx, recordId), result: null }
    })
    return { receipt: await this.#acts.receipt(entry) }
  }
}

/** Uses up a contact's proof. Throws `Refusal` `code-refused` unless `proveContact` has held for it, lately. */
function useProof(
  tx: Tx,
  { subject, contact, challenge, at }: Pick<ContactProof, 'subject' | 'contact' | 'challenge' | 'at'>,
): void {
  const used = tx.run(
    `DELETE FROM one_time_passwords WHERE handle = @handle AND purpose = 'contact' AND device = 'proved'
       AND subject = @subject AND contact = @address AND expires > @now`,
    { handle: bearerHash(challenge), subject, address: contact.address, now: at.getTime() },
  )
  if (used !== 1)
    throw new Refusal('code-refused', 'The contact was not proved by its one-time password, or too long ago')
}
