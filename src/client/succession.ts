/** By what right one identity followed another, as a host shows it: docs/protocol/recovery.md, "What a reader checks". */
import { fromBase64, fromBase64url } from '../crypto/bytes.ts'
import { sha256Text } from '../crypto/hash.ts'
import { parseCrl } from '../crypto/x509.ts'
import { entryHashOf, parseEvent } from '../log/entry.ts'
import type { VerifiedKey } from '../log/key-statement.ts'
import { verifyProof } from '../log/proof.ts'
import { byHandover, byRecovery, verifyHandover, verifyRecovery, type Warrant } from '../log/recovery.ts'
import { peek, type Verified } from '../log/verified.ts'
import type { Event } from '../protocol/entry.ts'
import type { Hash, RecordId } from '../protocol/ids.ts'
import { type Identity, Recovery, StatementTyp } from '../protocol/statements.ts'
import type { LoggedEvent, Succession } from '../protocol/succession.ts'

type RecoveryBy = Extract<Succession, { readonly recovery: string }>

import type { Trust } from './anchors.ts'
import type { Clock } from './clock.ts'
import { verifyAuthor } from './document/author.ts'
import { StepError, VerificationError } from './errors.ts'
import type { LogView } from './log-view.ts'

/** What a succession is judged by. */
export interface SuccessionContext {
  readonly trust: Trust
  readonly log: LogView
  readonly clock: Clock
  readonly recordId: RecordId
}

/** An entry that was shown, and since when witnesses know of it; null while no quorum does. */
export interface ShownEvent {
  readonly event: Event
  readonly hash: Hash
  readonly since: Date | null
}

/**
 * Reads an entry and its proof. Where the policy asks for no witness, nobody but the host says when: the entry's own time
 * stands in. Throws `LogError` (`entry-form`, `proof-malformed`, `checkpoint-…`, `inclusion-proof`), `VerificationError`
 * `checkpoint-origin`.
 */
export function readLogged(
  { event: text, linkHash, proof }: LoggedEvent,
  { trust, clock }: Pick<SuccessionContext, 'trust' | 'clock'>,
): ShownEvent {
  const event = parseEvent(text)
  const hash = entryHashOf(fromBase64url(linkHash), sha256Text(text))
  if (proof === null) return { event, hash, since: null }
  const now = Math.floor(clock().getTime() / 1000)
  const { checkpoint, witnessedAt } = verifyProof(proof, fromBase64url(hash), { policy: trust.policy, now })
  if (checkpoint.origin !== trust.anchors.origin) {
    throw new VerificationError('The proof is of another log than the one of the anchors', {
      code: 'checkpoint-origin',
      evidence: { proof },
    })
  }
  return { event, hash, since: witnessedAt === null ? new Date(event.t) : new Date(witnessedAt * 1000) }
}

/** The newest time that the witnesses told; null when too few did. */
export function witnessedNow({ log, trust, clock }: Pick<SuccessionContext, 'trust' | 'log' | 'clock'>): Date | null {
  if (trust.policy.quorum === 'none') return clock()
  return log.witnessedAt === null ? null : new Date(log.witnessedAt * 1000)
}

/** Who let an identity follow another. */
export type Warranted =
  | { readonly by: 'handover' }
  | { readonly by: 'recovery'; readonly professional: VerifiedKey; readonly startedAt: Date }

/**
 * Checks that `next` rightly followed `previous`, by the entry that brought it in (`change`, which the caller has found in
 * the tree): the old identity signed a handover; or a professional signed a recovery, with card and working key, whose own
 * entry the witnesses have known for 72 hours. Whether a device stopped it, the record's chain alone says, which the
 * patient and the auditor read. Throws `VerificationError` `identity-unwarranted`, `identity-unlogged`; `LogError`
 * `recovery-…`, `statement-…`; `StepError` `log-unwitnessed`; as `verifyAuthor`, `readLogged`.
 */
export async function verifySuccession(
  { previous, next, by }: { previous: Verified<Identity>; next: Verified<Identity>; by: Succession | null },
  change: Event,
  context: SuccessionContext,
): Promise<Warranted> {
  const { trust, recordId } = context
  const { deployment } = trust.anchors
  if (by === null) {
    throw new VerificationError('Nobody’s word lets this identity follow the one before', {
      code: 'identity-unwarranted',
      evidence: { previous: previous.text, next: next.text },
    })
  }
  if ('handover' in by) {
    const handover = await verifyHandover(by.handover, { deployment, recordId, identity: previous, next })
    byHandover(handover)
    demand(change.object.handover === handover.hash, change)
    return { by: 'handover' }
  }
  const { recovery, professional, startedAt } = await verifyRecoveryShown({ previous, next, by }, context, change)
  demand(change.object.recovery === recovery.hash, change)
  return { by: 'recovery', professional, startedAt }
}

/** A recovery that was shown with the entry of its start, and has waited. */
export interface ShownRecovery {
  readonly recovery: Verified<Recovery>
  readonly professional: VerifiedKey
  readonly startedAt: Date
}

/**
 * Checks a recovery from the card down, that its start is in the log, and that 72 hours of witnessed time have passed:
 * until now, and until the entry that brought the identity in, where there is one. Throws as `verifySuccession`.
 */
export async function verifyRecoveryShown(
  { previous, next, by }: { previous: Verified<Identity>; next: Verified<Identity>; by: RecoveryBy },
  context: SuccessionContext,
  change: Event | null = null,
): Promise<ShownRecovery & { readonly warrant: Warrant }> {
  const { trust, recordId, clock } = context
  const { event: start, since: startedAt } = readLogged(by.start, context)
  const { actor, object } = start
  const { t } = peek(by.recovery, { typ: StatementTyp.recovery, schema: Recovery })
  const signer = actor.kind === 'professional' ? actor.key : null
  demand(signer !== null && start.action === 'recovery.start' && start.outcome === 'ok' && startedAt !== null, start)
  const professional = await verifyAuthor(trust, by.key, { hash: signer, at: new Date(t), now: clock() })
  const recovery = await verifyRecovery(by.recovery, {
    ...{ deployment: trust.anchors.deployment, recordId, identity: previous, next },
    key: professional,
    cardAuthorities: trust.cardAuthorities,
    crls: by.key.crls.map(der => parseCrl(fromBase64(der))),
    at: new Date(t),
    listsAt: clock(),
  })
  demand(object.recovery === recovery.hash && object.identity === next.hash, start)
  const now = witnessedNow(context)
  if (now === null) {
    throw new StepError(
      'Too few witnesses have seen the log: how long a recovery waited cannot be told. Try again later',
      { code: 'log-unwitnessed' },
    )
  }
  // Both the entry's own time and the witnesses' of now: one that came in early stays early.
  const at = change === null ? now : new Date(Math.min(Date.parse(change.t), now.getTime()))
  return { recovery, professional, startedAt, warrant: byRecovery(recovery, { startedAt, at, stopped: false }) }
}

/** Throws `VerificationError` `identity-unlogged`. */
export function demand(condition: boolean, event: Event): asserts condition {
  if (condition) return
  throw new VerificationError('The log does not say, or does not yet say, what the host says of this identity', {
    code: 'identity-unlogged',
    evidence: { event },
  })
}
