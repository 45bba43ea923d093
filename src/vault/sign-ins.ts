import type { Hash, Ins, Instant, RecordId, SessionId, SlotId } from '../protocol/ids.ts'
import type { SignInFinished } from '../protocol/messages.ts'
import type { ProblemCode } from '../protocol/problems.ts'
import { stateHash } from './acts.ts'
import { bearerHash, newBearer } from './bearer.ts'
import { Refusal } from './errors.ts'
import type { Journal } from './journal.ts'
import { maskedAddress, type OneTimePasswords, PASSWORD_LIFE_MS } from './one-time-passwords.ts'
import { CONTACT_WAIT_MS } from './sensitive.ts'
import { type Pair, type Standing, signInFailures } from './sign-in-failures.ts'
import type { Store, Tx } from './store/store.ts'

/** Between start and finish, milliseconds: Argon2id on a slow telephone. */
const START_LIFE_MS = 2 * 60_000
/** Between the one-time password and the session, milliseconds. */
const TICKET_LIFE_MS = 2 * 60_000

/** What stands in the store's questions for a record that does not exist, so that the same questions are asked. */
const NOBODY = 'AAAAAAAAAAAAAAAAAAAAAA' as RecordId

/** Who tries to sign in: what `begin` needs, and what OPAQUE does. */
export interface Candidate extends Pair {
  readonly slot: SlotId | null
  /** OPAQUE record; null when the INS has no account here, known or not. */
  readonly opaque: string | null
}

/** A sign-in taken for its one finish. */
export interface Attempt extends Pair {
  readonly slot: SlotId | null
  readonly opaqueState: string
  readonly standing: Standing
}

/** A sign-in under way, and how many tries are left should it fail. */
export interface Begun {
  readonly handle: SessionId
  readonly attemptsLeft: number
}

interface StartedRow extends Standing {
  readonly ins: Ins
  readonly device: string
  readonly slot: SlotId | null
  readonly opaqueState: string
}

interface Account {
  readonly record: RecordId
  readonly identity: Hash
  readonly contact: string | null
  readonly contactSince: number
  readonly contactBefore: string | null
  readonly opaque: string | null
}

/**
 * Sign-ins up to the ticket (docs/protocol/sign-in.md). An INS that has no account goes the same way, through the same
 * statements in the same order, up to the refusal; only what is written at the end differs: the record's chain for one
 * that exists, the system chain for one that does not.
 */
export class SignIns {
  readonly #store: Store
  readonly #journal: Journal
  readonly #passwords: OneTimePasswords

  constructor(options: { store: Store; journal: Journal; passwords: OneTimePasswords }) {
    this.#store = options.store
    this.#journal = options.journal
    this.#passwords = options.passwords
  }

  /** Looks up who is asked for. Throws `Refusal` `sign-in-locked`, for an unknown INS too. */
  lookUp({ ins, device, at }: { ins: Ins; device: SlotId | null; at: Date }): Candidate {
    const { read } = this.#store
    const account = accountOf(read, ins)
    const known = read.get<{ body: string }>('SELECT body FROM slots WHERE record = @record AND slot = @device', {
      record: account?.record ?? NOBODY,
      device: device ?? NOBODY,
    })
    const pair = { ins, device: known === undefined || device === null ? '' : device }
    signInFailures.check(read, pair, at.getTime())
    return { ...pair, slot: device, opaque: account?.opaque ?? null }
  }

  /**
   * Keeps the host's side of the exchange for its finish, and counts the try as failed until `pass` says otherwise: the
   * answer to a start is all that somebody needs to test one secret code, whether or not a finish follows.
   * Throws `Refusal` `sign-in-locked`.
   */
  async begin(candidate: Candidate, opaqueState: string, at: Date): Promise<Begun> {
    const handle = newBearer()
    const { ins, device, slot } = candidate
    const now = at.getTime()
    const { attemptsLeft } = await this.#store.write(tx => {
      this.#expire(tx, now)
      signInFailures.check(tx, candidate, now)
      const standing = signInFailures.count(tx, candidate, now)
      tx.run(
        `INSERT INTO sign_ins (handle, ins, device, slot, opaque_state, attempts_left, locked_until, expires)
         VALUES (@handle, @ins, @device, @slot, @opaqueState, @attemptsLeft, @lockedUntil, @expires)`,
        { handle: bearerHash(handle), ins, device, slot, opaqueState, ...standing, expires: now + START_LIFE_MS },
      )
      return standing
    })
    return { handle, attemptsLeft }
  }

  /** Sign-ins that were begun and never finished are failures that the patient sees. */
  async expire(at: Date): Promise<void> {
    await this.#store.write(tx => this.#expire(tx, at.getTime()))
  }

  #expire(tx: Tx, now: number): void {
    const over = tx.all<{ handle: string; ins: Ins; device: string }>(
      'SELECT handle, ins, device FROM sign_ins WHERE expires <= @now LIMIT 100',
      { now },
    )
    for (const { handle, ...pair } of over) {
      tx.run('DELETE FROM sign_ins WHERE handle = @handle', { handle })
      this.#noteFailure(tx, pair, 'sign-in-refused')
    }
  }

  /** Takes a sign-in for its one finish. Throws `Refusal` `sign-in-refused` (no such handle). */
  async take(handle: SessionId, at: Date): Promise<Attempt> {
    const now = at.getTime()
    return this.#store.write(tx => {
      const row = tx.get<StartedRow>(
        `SELECT ins, device, slot, opaque_state AS opaqueState, attempts_left AS attemptsLeft,
           locked_until AS lockedUntil FROM sign_ins WHERE handle = @handle AND expires > @now`,
        { handle: bearerHash(handle), now },
      )
      if (row === undefined) throw new Refusal('sign-in-refused', 'This sign-in is over; start again')
      tx.run('DELETE FROM sign_ins WHERE handle = @handle', { handle: bearerHash(handle) })
      const { ins, device, slot, opaqueState, attemptsLeft, lockedUntil } = row
      return { ins, device, slot, opaqueState, standing: { attemptsLeft, lockedUntil } }
    })
  }

  /** The secret code was wrong, or there is no such account: one answer. Always throws `Refusal` `sign-in-refused`. */
  async fail(attempt: Attempt): Promise<never> {
    await this.#store.write(tx => this.#noteFailure(tx, attempt, 'sign-in-refused'))
    throw refused('sign-in-refused', attempt.standing)
  }

  /** The secret code was right: sends the one-time password. Throws `Refusal` `sign-in-locked` when it sent too many. */
  async pass(attempt: Attempt, at: Date): Promise<SignInFinished> {
    const handle = newBearer()
    const { ins, device, slot, standing } = attempt
    const { messages, contact } = await this.#store.write(tx => {
      const account = accountOf(tx, ins)
      if (account?.contact == null) throw new Refusal('sign-in-refused', 'This record was closed meanwhile')
      signInFailures.forgive(tx, attempt, { standing, now: at.getTime() })
      const { record: subject, contact } = account
      const isNew = at.getTime() < account.contactSince + CONTACT_WAIT_MS
      const messages = this.#passwords.issue(tx, {
        handle,
        purpose: 'sign-in',
        subject,
        ins,
        device,
        slot,
        contact,
        alsoTo: isNew ? account.contactBefore : null,
        at,
      })
      return { messages, contact }
    })
    const delivery = await this.#passwords.deliver(messages)
    const expiresAt = new Date(at.getTime() + PASSWORD_LIFE_MS).toISOString() as Instant
    return { handle, sentTo: maskedAddress(contact), delivery, expiresAt }
  }

  /**
   * Takes the one-time password; gives the ticket for one session and whose it is.
   * Throws `Refusal` `code-refused`: wrong, expired, used, or out of tries.
   */
  async open({ handle, code, at }: { handle: SessionId; code: string; at: Date }): Promise<{
    readonly ticket: SessionId
    readonly record: RecordId
  }> {
    const ticket = newBearer()
    const now = at.getTime()
    // The refusal is thrown after the commit: a try that is undone could be made again.
    const outcome = await this.#store.write(tx => {
      const spent = this.#passwords.spend(tx, { handle, purpose: 'sign-in', password: code, at })
      if (spent === null) return refused('code-refused', null)
      const { row } = spent
      const pair = { ins: row.ins as Ins, device: row.device ?? '', slot: row.slot as SlotId | null }
      if (spent.outcome === 'wrong') {
        const standing = signInFailures.count(tx, pair, now)
        this.#noteFailure(tx, pair, 'code-refused')
        return refused('code-refused', standing)
      }
      this.#passwords.use(tx, handle)
      signInFailures.clear(tx, pair)
      const record = row.subject as RecordId
      tx.run('DELETE FROM tickets WHERE expires <= @now', { now })
      tx.run('INSERT INTO tickets (ticket, record, slot, expires) VALUES (@ticket, @record, @slot, @expires)', {
        ticket: bearerHash(ticket),
        record,
        slot: pair.device === '' ? null : pair.device,
        expires: now + TICKET_LIFE_MS,
      })
      return { ticket, record }
    })
    if (Refusal.is(outcome)) throw outcome
    return outcome
  }

  /** `session.fail`, in the chain of the record that was tried; strangers' tries of no record go to the system chain. */
  #noteFailure(tx: Tx, { ins, device }: Pair, reason: ProblemCode): void {
    const account = accountOf(tx, ins)
    const state = stateHash(tx, account?.record ?? NOBODY)
    const common = { outcome: 'refused', grant: null, state, request: null } as const
    if (account === undefined) {
      this.#journal.append(tx, {
        ...common,
        chain: 'system',
        actor: { kind: 'host', id: 'host' },
        action: 'strangers.refused',
        object: { count: 1, reason },
      })
      return
    }
    this.#journal.append(tx, {
      ...common,
      chain: account.record,
      actor: { kind: 'patient', id: account.record, key: account.identity },
      action: 'session.fail',
      object: { device: device === '' ? null : device, reason },
    })
  }
}

function accountOf(tx: Tx, ins: Ins): Account | undefined {
  return tx.get<Account>(
    `SELECT records.record, records.identity, accounts.contact, accounts.opaque,
       accounts.contact_since AS contactSince, accounts.contact_before AS contactBefore
     FROM records LEFT JOIN accounts ON accounts.record = records.record WHERE records.ins = @ins`,
    { ins },
  )
}

function refused(code: 'sign-in-refused' | 'code-refused', standing: Standing | null): Refusal {
  if (standing === null) return new Refusal(code, '')
  const { attemptsLeft, lockedUntil } = standing
  const retryAt = lockedUntil === null ? {} : { retryAt: new Date(lockedUntil).toISOString() }
  return new Refusal(code, '', { extra: { attemptsLeft, ...retryAt } })
}
