/** Identities that a new opening letter brought up, and that wait to follow the one in force. */

import { parseEvent } from '../log/entry.ts'
import { verifyIdentity } from '../log/identity.ts'
import type { Verified } from '../log/verified.ts'
import type { Hash, Instant, NationalId, RecordId } from '../protocol/ids.ts'
import type { IdentityPaper } from '../protocol/record.ts'
import type { Identity } from '../protocol/statements.ts'
import type { IdentityProposal, IdentityProposed, ProposedIdentities } from '../protocol/succession.ts'
import type { CodeHolder, SignedRequest } from './caller.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import type { Registrations, StoredRegistration } from './registrations.ts'
import type { Tx } from './store/store.ts'

/** One that waits, as stored. */
export interface Proposal {
  readonly identity: Hash
  readonly record: RecordId
  readonly registration: Hash
  readonly statement: string
  readonly sign_key: string
  readonly follows: Hash
  readonly stopped: number
  /** POSIX milliseconds. */
  readonly proposed: number
}

/** The record of who holds a new opening letter. Throws `Refusal` `registration-…`, `record-unknown`. */
export function recordOfLetter(tx: Tx, registrations: Registrations, registration: Hash): RecordId {
  const { ins } = registrations.usable(tx, registration, 'opening')
  const row = tx.get<{ record: RecordId }>('SELECT record FROM records WHERE ins = @ins', { ins })
  if (row === undefined)
    throw new Refusal('record-unknown', 'No record is open under this INS: open it with this letter')
  return row.record
}

/** The record for which this letter has proposed an identity; null when it has not. */
export function recordProposed(tx: Tx, registration: Hash): RecordId | null {
  const row = tx.get<{ record: RecordId }>('SELECT record FROM proposals WHERE registration = @registration', {
    registration,
  })
  return row?.record ?? null
}

/**
 * Takes the identity that the holder of a new letter made. It is told to nobody but the patient and who holds a grant,
 * and comes into force by nothing here. The letter is used up: another identity under it freezes it, for somebody else
 * holds it too. Throws `Refusal` `registration-…`, `record-unknown`, `identity-invalid`.
 */
export async function propose(
  context: Context,
  registrations: Registrations,
  { request, proposal }: { request: SignedRequest<CodeHolder>; proposal: IdentityProposal },
): Promise<IdentityProposed> {
  const { store, journal } = context
  const { registration } = request.caller
  const identity = await verifyProposal(context, registrations, { registration, text: proposal.identity })
  const outcome = await store.write(tx => {
    journal.takeNonce(tx, request)
    const before = tx.get<Proposal>('SELECT * FROM proposals WHERE registration = @registration', { registration })
    if (before?.identity === identity.hash) return { recordId: before.record }
    if (before !== undefined) {
      tx.run('UPDATE registrations SET frozen = 1 WHERE hash = @registration', { registration })
      tx.run('UPDATE proposals SET stopped = 1 WHERE registration = @registration', { registration })
      return { frozen: true as const }
    }
    const recordId = recordOfLetter(tx, registrations, registration)
    const inForce = tx.get<{ identity: Hash }>('SELECT identity FROM records WHERE record = @recordId', { recordId })
    if (identity.payload.prevIdentity !== inForce?.identity) {
      throw new Refusal(
        'identity-invalid',
        'The identity does not follow the one in force: fetch that and make it again',
      )
    }
    tx.run('UPDATE registrations SET used_by = @by WHERE hash = @registration', { by: identity.hash, registration })
    tx.run(
      `INSERT INTO proposals (identity, record, registration, statement, sign_key, follows, proposed)
       VALUES (@identity, @recordId, @registration, @statement, @key, @follows, @now)`,
      {
        identity: identity.hash,
        recordId,
        registration,
        statement: identity.text,
        key: identity.payload.signKey,
        follows: inForce.identity,
        now: request.at.getTime(),
      },
    )
    return { recordId }
  })
  if ('frozen' in outcome) {
    throw new Refusal('registration-frozen', 'Two identities used this letter; call the health insurer')
  }
  return outcome
}

/** The identity that a letter brought up, from the insurer's key down. Throws `Refusal` `registration-invalid`, `identity-invalid`. */
export async function verifyProposal(
  { store }: Context,
  registrations: Registrations,
  { registration, text }: { registration: Hash; text: string },
): Promise<Verified<Identity>> {
  const stored = store.read.get<StoredRegistration>('SELECT * FROM registrations WHERE hash = @registration', {
    registration,
  })
  if (stored === undefined) throw new Refusal('registration-invalid', 'This code is not known here')
  try {
    return await verifyIdentity(text, { registration: await registrations.verified(stored) })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'it is malformed'
    throw new Refusal('identity-invalid', `This identity does not verify: ${why}`, { cause })
  }
}

/** One that waits to follow the identity in force. Throws `Refusal` `recovery-unknown`, `recovery-stopped`. */
export function waiting(tx: Tx, record: RecordId, identity: Hash): Proposal {
  const row = tx.get<Proposal>(
    `SELECT p.* FROM proposals p JOIN records r ON r.record = p.record AND r.identity = p.follows
     WHERE p.record = @record AND p.identity = @identity`,
    { record, identity },
  )
  if (row === undefined) throw new Refusal('recovery-unknown', 'No such identity waits to follow the one in force')
  if (row.stopped === 1) throw new Refusal('recovery-stopped', 'A device of the identity in force stopped it')
  return row
}

/** All that wait, with who vouched for each. */
export function proposedIdentities(tx: Tx, record: RecordId): ProposedIdentities {
  const rows = tx.all<IdentityPaper & { hash: Hash; stopped: number }>(
    `SELECT p.identity AS hash, p.statement AS identity, g.statement AS registration, g.salt AS registrationSalt, p.stopped
     FROM proposals p JOIN registrations g ON g.hash = p.registration
       JOIN records r ON r.record = p.record AND r.identity = p.follows
     WHERE p.record = @record ORDER BY p.proposed LIMIT 64`,
    { record },
  )
  return {
    proposed: rows.map(({ hash, stopped, ...paper }) => ({
      ...paper,
      vouched: vouched(tx, hash),
      stopped: stopped === 1,
    })),
  }
}

function vouched(tx: Tx, identity: Hash): { by: NationalId; t: Instant }[] {
  const entries = tx.all<{ event: string }>(
    `SELECT e.event FROM warrants w JOIN entries e ON e.hash = w.entry
     WHERE w.identity = @identity AND w.kind = 'recovery' ORDER BY e.seq LIMIT 64`,
    { identity },
  )
  return entries.flatMap(({ event }) => {
    const { actor, t } = parseEvent(event)
    return actor.kind === 'professional' ? [{ by: actor.id, t }] : []
  })
}
