/** How a new identity comes to follow the old one (docs/protocol/recovery.md). */

import type { Hash } from '../protocol/ids.ts'
import { type Grant, Handover, type Identity, Recovery, type State, StatementTyp } from '../protocol/statements.ts'
import { CARD_ALGORITHMS, type CardContext, checkCard, shownCard } from './card-signed.ts'
import { readable } from './grant.ts'
import type { VerifiedKey } from './key-statement.ts'
import { checkPlace, ofPatient, type RecordContext } from './patient-signed.ts'
import { demand, type Verified, verifyAs } from './verified.ts'

/** Milliseconds of witnessed time from a recovery's entry until its identity may come into force: 72 hours. */
export const RECOVERY_WAIT_MS = 72 * 3600 * 1000

const made: unique symbol = Symbol('warrant')

/** What lets one identity follow another; only `byHandover` and `byRecovery` make one. */
export interface Warrant {
  readonly [made]: true
  readonly from: Hash
  readonly to: Hash
}

/**
 * Signed by the identity in force, which names the next one. Throws `CryptoError` on the signature, `LogError`
 * `statement-form`, `statement-record`, `recovery-identity` (other identities than these two).
 */
export async function verifyHandover(
  text: string,
  context: RecordContext & { readonly next: Verified<Identity> },
): Promise<Verified<Handover>> {
  const handover = await ofPatient(text, { typ: StatementTyp.handover, schema: Handover }, context)
  checkIdentities(handover.payload, context.identity, context.next)
  return handover
}

/** What a recovery is judged by: both identities, and the professional who vouches, whose card must hold. */
export interface RecoveryContext extends Pick<RecordContext, 'deployment' | 'recordId' | 'identity'>, CardContext {
  readonly next: Verified<Identity>
  /** The professional's working key, verified as published. */
  readonly key: Pick<VerifiedKey, 'hash' | 'verifyKey'> & {
    readonly payload: Pick<VerifiedKey['payload'], 'kind' | 'nationalId'>
  }
}

/**
 * Signed by a professional's card, then by the working key. Throws `CryptoError` on signatures and certificates,
 * `LogError` `statement-form`, `statement-record`, `key-certificate`, `recovery-holder` (no professional, or another
 * than the working key's), `recovery-identity`, `recovery-compartments` (one twice).
 */
export async function verifyRecovery(text: string, context: RecoveryContext): Promise<Verified<Recovery>> {
  const { key, identity, next } = context
  const card = shownCard(text)
  const recovery = await verifyAs(text, {
    typ: StatementTyp.recovery,
    schema: Recovery,
    algorithms: [CARD_ALGORITHMS, 'Ed25519'],
    keys: [card.leaf.publicKey, key.verifyKey],
  })
  checkPlace({ ...recovery, headers: recovery.headers.slice(1) }, context, key.hash)
  demand(
    card.holder.kind === 'professional' &&
      key.payload.kind === 'professional' &&
      card.holder.id === key.payload.nationalId,
    'recovery-holder',
    'A recovery is signed by a professional’s card and that professional’s own working key',
  )
  checkIdentities(recovery.payload, identity, next)
  const { compartments } = recovery.payload
  demand(
    new Set(compartments.map(({ id }) => id)).size === compartments.length,
    'recovery-compartments',
    'The recovery names a compartment twice',
  )
  await checkCard(card, context)
  return recovery
}

function checkIdentities(
  { from, to }: Pick<Handover, 'from' | 'to'>,
  identity: Verified<Identity>,
  next: Verified<Identity>,
): void {
  demand(
    from === identity.hash && to === next.hash && next.payload.prevIdentity === from,
    'recovery-identity',
    'It names other identities than the one in force and the one that shall follow it',
  )
}

/**
 * A professional re-seals what the own grant lets read, in the epochs of the state in force.
 * Throws `LogError` `recovery-right`, `recovery-epoch`.
 */
export function checkCovered({ compartments }: Recovery, { grant, state }: { grant: Grant; state: State }): void {
  const reads: ReadonlySet<string> = new Set(readable(grant))
  const current = new Map(state.compartments.map(({ id, epoch }) => [id, epoch]))
  for (const { id, epoch } of compartments) {
    demand(reads.has(id), 'recovery-right', 'A compartment is re-sealed by somebody who may not read it')
    demand(current.get(id) === epoch, 'recovery-epoch', 'A compartment is re-sealed in an epoch that is not current')
  }
}

/** A handover counts at once: the old identity itself wants it. */
export function byHandover({ payload: { from, to } }: Verified<Handover>): Warrant {
  return { [made]: true, from, to }
}

/**
 * A recovery counts when 72 hours of witnessed time have passed since its entry and no old device stopped it.
 * Throws `LogError` `recovery-stopped`, `recovery-early`.
 */
export function byRecovery(
  { payload: { from, to } }: Verified<Recovery>,
  course: { readonly startedAt: Date; readonly at: Date; readonly stopped: boolean },
): Warrant {
  demand(!course.stopped, 'recovery-stopped', 'The recovery was stopped by a device of the identity before')
  const waited = course.at.getTime() - course.startedAt.getTime()
  demand(waited >= RECOVERY_WAIT_MS, 'recovery-early', 'The 72 hours of a recovery have not passed')
  return { [made]: true, from, to }
}
