/** All identities that a record ever had, for its patient and for whoever the patient gave access. */
import { identityFingerprint, recordIdOf } from '../log/identity.ts'
import type { Verified } from '../log/verified.ts'
import type { Event } from '../protocol/entry.ts'
import type { Hash, Ins, RecordId } from '../protocol/ids.ts'
import type { Identity } from '../protocol/statements.ts'
import type { IdentityVersions } from '../protocol/succession.ts'
import type { Trust } from './anchors.ts'
import type { Clock } from './clock.ts'
import { VerificationError } from './errors.ts'
import type { LogView } from './log-view.ts'
import { demand, readLogged, verifySuccession, type Warranted, witnessedNow } from './succession.ts'
import { verifyPaper } from './trust.ts'

/** An identity counts as new for so long, milliseconds of witnessed time: whoever deals with its patient is warned. */
const NEW_FOR_MS = 24 * 3600 * 1000

export interface IdentityVersion {
  readonly identity: Verified<Identity>
  /** What people compare. */
  readonly fingerprint: string
  /** Whether the entry that brought it in stands in the tree already; it must within a minute. */
  readonly isLogged: boolean
  /** Since when the witnesses know of it; null while too few do. */
  readonly since: Date | null
  /** By what right it followed the one before; null of the first. */
  readonly warranted: Warranted | null
}

export interface KnownRecord {
  readonly recordId: RecordId
  readonly ins: Ins
  /** The identity that this client holds to be the one in force. */
  readonly identity: Hash
}

/** What a history is judged by. */
export interface HistoryContext {
  readonly trust: Trust
  readonly log: LogView
  readonly clock: Clock
}

type Version = IdentityVersions['versions'][number]

/**
 * Verifies what the host says a record's identities were, the first one first: each from a letter that the insurer sent
 * for this INS, the first one the record's own, each after that naming the one before and let in by that one's word or a
 * professional's, the last one the identity known here; the entry of each says so and is proved to be in the log.
 * Throws `VerificationError` `identity-versions`, and as `verifySuccession`; `LogError`, `CryptoError` (`registration-…`,
 * `identity-…`), and as `LogView.checkEntry`.
 */
export async function verifyIdentityHistory(
  { versions }: IdentityVersions,
  { recordId, ins, identity: known }: KnownRecord,
  context: HistoryContext,
): Promise<IdentityVersion[]> {
  const refuse = () =>
    new VerificationError('The host does not show all identities of this record, in their order', {
      code: 'identity-versions',
      evidence: { recordId, versions },
    })
  const letters = new Set(versions.map(({ registration }) => registration))
  const history: IdentityVersion[] = []
  for (const version of versions) {
    const identity = await verifyPaper(context.trust, ins, version)
    const before = history.at(-1)?.identity ?? null
    const isFirst = before === null && recordIdOf(identity) === recordId
    if (identity.payload.prevIdentity !== (before?.hash ?? null) || (before === null && !isFirst)) throw refuse()
    const { event, isLogged, since } = await readEntry(version, { recordId, identity, before }, context)
    const warranted =
      before === null
        ? null
        : await verifySuccession({ previous: before, next: identity, by: version.by }, event, { ...context, recordId })
    history.push({ identity, fingerprint: identityFingerprint(identity), isLogged, since, warranted })
  }
  if (letters.size !== versions.length || history.at(-1)?.identity.hash !== known) throw refuse()
  return history
}

/** The entry that brought an identity in: of this very act, and, for one that follows another, proved to be in the log. */
async function readEntry(
  version: Version,
  of: { recordId: RecordId; identity: Verified<Identity>; before: Verified<Identity> | null },
  context: HistoryContext,
): Promise<{ readonly event: Event; readonly isLogged: boolean; readonly since: Date | null }> {
  const { recordId, identity, before } = of
  const { event, hash, since } = readLogged(version, context)
  const { action, actor, object, outcome } = event
  const own = actor.kind === 'patient' && actor.id === recordId && actor.key === identity.hash
  const named = object.identity === identity.hash && object.registration === identity.payload.registration
  const meant = action === (before === null ? 'record.open' : 'identity.change') && outcome === 'ok'
  demand(own && named && meant && hash === version.entry, event)
  const { log } = context
  const isLogged = version.leaf !== null && version.leaf < log.tree.size
  if (isLogged) await log.checkEntry(version.entry, version.leaf as number)
  demand(isLogged || since !== null || before === null, event)
  return { event, isLogged, since }
}

/**
 * Whether an identity is so new that people should compare its fingerprint before they rely on it: until it is known
 * that witnesses have had it for 24 hours.
 */
export function isNew({ since }: Pick<IdentityVersion, 'since'>, context: HistoryContext): boolean {
  const now = witnessedNow(context)
  return since === null || now === null || now.getTime() - since.getTime() < NEW_FOR_MS
}
