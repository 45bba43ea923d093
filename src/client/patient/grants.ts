import { CryptoError } from '../../crypto/errors.ts'
import { LogError } from '../../log/errors.ts'
import type { VerifiedKey } from '../../log/key-statement.ts'
import type { BundleCompartment } from '../../protocol/bundle.ts'
import type { GrantId, Hash, Instant, NationalId, RequestId } from '../../protocol/ids.ts'
import { COMPARTMENT_KINDS } from '../../protocol/record.ts'
import { defaultRights, PROFESSION_BY_TITLE } from '../../protocol/rights.ts'
import type { Grant, Right } from '../../protocol/statements.ts'
import { instant } from '../clock.ts'
import { InputError, StepError } from '../errors.ts'
import { type Giver, type GrantedCompartment, makeGrant } from '../grants.ts'
import type { Seen } from '../seen.ts'
import { fetchKeyByHash, fetchNewestKey } from '../trust.ts'
import { changeState, nextBundle, type PlannedChange } from './change.ts'
import { dueRolls, grantsNaming, planRoll } from './roll.ts'
import type { PatientSession } from './session.ts'
import { compartmentOf, type RecordView } from './view.ts'

/** Milliseconds that a grant lasts when the patient says nothing: a year. */
const DEFAULT_TERM_MS = 365 * 24 * 3600 * 1000

/** What a patient gives, and to whom. */
export interface GrantWish {
  readonly nationalId: NationalId
  /** Rights by compartment kind or name; left out, the default rights of the holder's profession. */
  readonly rights?: ReadonlyMap<string, readonly Right[]>
  readonly until?: Date
  /** The access request that this answers: the grant then goes to the very key that asked. */
  readonly answers?: { readonly request: RequestId; readonly keyStatement: Hash }
  /** The grant of the same holder that this one stands for; it was taken back just before. */
  readonly replaces?: Grant
}

/** A grant that was given. */
export interface GrantGiven {
  readonly grantId: GrantId
  readonly key: VerifiedKey
  readonly compartments: readonly { readonly kind: string; readonly rights: readonly Right[] }[]
  readonly until: Instant
  readonly state: Hash
}

/**
 * Gives a professional or an establishment access. The holder's key is checked first: card, chain, revocation, both
 * signatures. Throws as `verifyPublishedKey`, `changeState`; `StepError` `grant-exists`; `InputError` `compartment-unknown`,
 * `rights-missing` (no default rights for that profession: say which), `grant-until` (a date that has passed).
 */
export async function giveGrant(session: PatientSession, wish: GrantWish): Promise<GrantGiven> {
  const { trust, host, clock } = session
  const now = clock()
  const key =
    wish.answers === undefined
      ? await fetchNewestKey(trust, host, wish.nationalId, now)
      : await fetchKeyByHash(trust, host, wish.answers.keyStatement, now)
  if (key.payload.nationalId !== wish.nationalId) {
    throw new InputError('The request was made by somebody else than the one named', { code: 'grantee-other' })
  }
  const rights = wish.rights ?? rightsOf(key)
  const until = wish.until ?? new Date(now.getTime() + DEFAULT_TERM_MS)
  checkUntil(until, now)

  let grantId: GrantId | null = null
  const { state } = await changeState(session, async view => {
    const planned = await planGrant(view, {
      giver: giverOf(session, view),
      seen: session.seen,
      to: key,
      rights,
      until,
      now: clock(),
      ...(wish.replaces === undefined ? {} : { replaces: wish.replaces }),
    })
    grantId = planned.grantId
    return { ...planned.change, ...(wish.answers === undefined ? {} : { answers: wish.answers.request }) }
  })
  return {
    grantId: grantId as unknown as GrantId,
    key,
    compartments: [...rights].map(([kind, list]) => ({ kind, rights: list })),
    until: instant(until),
    state,
  }
}

/**
 * Plans a grant: sealed to the holder's key, verified now, and remembered in the bundle as holding what it may read.
 * Throws `StepError` `grant-exists`, `InputError` `compartment-unknown`.
 */
export async function planGrant(
  view: Pick<RecordView, 'bundle' | 'state' | 'grants'>,
  input: {
    readonly giver: Giver
    readonly seen: Seen
    readonly to: VerifiedKey
    readonly rights: ReadonlyMap<string, readonly Right[]>
    readonly until: Date
    readonly now: Date
    readonly replaces?: Grant
  },
): Promise<{ readonly grantId: GrantId; readonly change: PlannedChange }> {
  const { giver, to, rights, seen, until, now } = input
  const { kind: holder, nationalId: id } = to.payload
  if ([...view.grants.values()].some(({ payload }) => payload.grantee.kind === holder && payload.grantee.id === id)) {
    throw new StepError('A grant to that holder is in force: take it back first (coffre patient revoke)', {
      code: 'grant-exists',
    })
  }
  const compartments: GrantedCompartment[] = [...rights].map(([kind, list]) => ({
    compartment: compartmentOf(view, kind),
    rights: list,
  }))
  const { grantId, sealed } = await makeGrant(giver, { to, compartments, until: instant(until), t: instant(now) })
  const readable = new Set(compartments.filter(each => each.rights.includes('read')).map(each => each.compartment.id))
  // The same key held the secret before: who reads on by the new grant is no reason to roll.
  const before = input.replaces?.grantee.keyStatement === to.hash ? input.replaces.grantId : null
  const exposed = view.bundle.compartments.map(each =>
    readable.has(each.id) ? { ...each, exposed: [...each.exposed.filter(held => held !== before), grantId] } : each,
  )
  return {
    grantId,
    change: { action: 'grant.give', grants: [sealed], bundle: nextBundle(seen, view, exposed), object: {} },
  }
}

/** What becomes of a grant: other rights, another end, or both. */
export interface GrantChange {
  readonly rights?: ReadonlyMap<string, readonly Right[]>
  readonly until?: Date
}

/**
 * Gives the holder of a grant other rights or another term. A grantee holds one grant at a time, so the one in force is
 * taken back and a new one given, to the newest key of the same holder; in between the host refuses. What the holder may
 * read no more is rolled. Throws `StepError` `grant-missing`; as `giveGrant`, `settle`.
 */
export async function changeGrant(
  session: PatientSession,
  nationalId: NationalId,
  wish: GrantChange,
): Promise<GrantGiven & Pick<Revoked, 'rolled'>> {
  const view = await session.view()
  const old = [...view.grants.values()].find(({ payload }) => payload.grantee.id === nationalId)
  if (old === undefined) throw grantMissing()
  const held = grantsInForce(view, session.clock()).find(({ grantId }) => grantId === old.payload.grantId)
  const rights = wish.rights ?? new Map(held?.compartments.map(each => [each.kind, each.rights]))
  const until = wish.until ?? new Date(old.payload.until)
  // Whatever would be refused is found out before anything is taken back.
  for (const kind of rights.keys()) compartmentOf(view, kind)
  checkUntil(until, session.clock())
  await fetchNewestKey(session.trust, session.host, nationalId, session.clock())
  await revokeGrant(session, old.payload.grantId)
  const given = await giveGrant(session, { nationalId, rights, until, replaces: old.payload })
  const { rolled } = await settle(session)
  return { ...given, rolled }
}

/** Plans that a grant is taken back. Throws `StepError` `grant-missing`. */
export function planRevocation(view: Pick<RecordView, 'grants'>, grantId: GrantId): PlannedChange {
  const found = [...view.grants.values()].find(({ payload }) => payload.grantId === grantId)
  if (found === undefined) {
    throw grantMissing()
  }
  return { action: 'grant.revoke', dropGrants: [found.hash], object: { grant: found.hash } }
}

function grantMissing(): StepError {
  return new StepError('That grant is in force no more; nothing was changed', { code: 'grant-missing' })
}

/** Throws `InputError` `grant-until`. */
function checkUntil(until: Date, now: Date): void {
  if (until <= now) throw new InputError('A grant must end in the future; choose a later date', { code: 'grant-until' })
}

/** A grant in force, for people: who, what, until when. */
export interface GrantInForce {
  readonly grantId: GrantId
  readonly grantee: Grant['grantee']
  readonly compartments: readonly { readonly kind: string; readonly rights: readonly Right[] }[]
  readonly until: Instant
  /** Its term has passed: the host refuses it, and the next sign-in rolls. */
  readonly expired: boolean
}

/** The grants of the state in force. */
export function grantsInForce(view: RecordView, now: Date): GrantInForce[] {
  const kinds = new Map(view.bundle.compartments.map(({ id, kind }) => [id, kind]))
  return [...view.grants.values()].map(({ payload }) => ({
    grantId: payload.grantId,
    grantee: payload.grantee,
    compartments: payload.compartments.map(({ id, rights }) => ({ kind: kinds.get(id) ?? id, rights })),
    until: payload.until,
    expired: Date.parse(payload.until) <= now.getTime(),
  }))
}

/** What a revocation did. */
export interface Revoked {
  readonly revoked: readonly GrantId[]
  /** Kinds of the compartments that were rolled. */
  readonly rolled: readonly string[]
}

/**
 * Takes back every grant of a professional or an establishment, then rolls what those grants could read. Between the two
 * the host already refuses; a client that dies there rolls at its next sign-in.
 * Throws `StepError` `grant-missing` when nothing is in force for that holder; as `changeState`.
 */
export async function revokeGrants(session: PatientSession, nationalId: NationalId): Promise<Revoked> {
  const revoked: GrantId[] = []
  for (;;) {
    const view = await session.view()
    const found = [...view.grants.values()].find(({ payload }) => payload.grantee.id === nationalId)
    if (found === undefined) break
    await revokeGrant(session, found.payload.grantId)
    revoked.push(found.payload.grantId)
  }
  if (revoked.length === 0) {
    throw new StepError(`No grant is in force for ${nationalId}; nothing was changed`, { code: 'grant-missing' })
  }
  const done = await settle(session)
  return { revoked: [...revoked, ...done.revoked], rolled: done.rolled }
}

/** Takes one grant back, and rolls nothing: that is `settle`'s. Throws `StepError` `grant-missing`, as `changeState`. */
export async function revokeGrant(session: PatientSession, grantId: GrantId): Promise<void> {
  await changeState(session, async view => planRevocation(view, grantId))
}

/**
 * Brings the record to rest: takes back grants whose term has passed or whose key was withdrawn, and rolls every compartment whose current key
 * somebody holds who has no grant to read it any more. First thing at each sign-in, and after each revocation.
 * A grantee whose key may not be sealed to any longer (card expired or revoked) loses the grant instead of stopping the
 * roll for all; it is among `revoked`. Throws as `changeState`, `verifyPublishedKey`.
 */
export async function settle(session: PatientSession): Promise<Revoked> {
  const revoked: GrantId[] = []
  let view = await session.view()
  const gone = await withdrawnGrants(session, view)
  for (const { grantId, expired } of grantsInForce(view, session.clock())) {
    if (!expired && !gone.has(grantId)) continue
    await revokeGrant(session, grantId)
    revoked.push(grantId)
  }
  view = await session.view()
  let due = dueRolls(view)
  while (due.length > 0) {
    const gone = await unsealable(session, view, due)
    for (const grantId of gone) {
      await revokeGrant(session, grantId)
      revoked.push(grantId)
    }
    if (gone.length === 0) break
    view = await session.view()
    due = dueRolls(view)
  }
  if (due.length === 0) return { revoked, rolled: [] }
  await roll(session)
  return { revoked, rolled: due.map(({ kind }) => kind).sort((one, other) => placeOf(one) - placeOf(other)) }
}

/** Where a person looks for a kind: compartments are kept in an order that tells the host nothing, and own ones come last. */
function placeOf(kind: string): number {
  const place = (COMPARTMENT_KINDS as readonly string[]).indexOf(kind)
  return place < 0 ? COMPARTMENT_KINDS.length : place
}

/** Grants sealed to a key that its holder took back: named by the host, and proved by the card's own word. */
async function withdrawnGrants(session: PatientSession, view: RecordView): Promise<ReadonlySet<GrantId>> {
  const gone = new Set<GrantId>()
  for (const { payload } of view.grants.values()) {
    const { keyStatement } = payload.grantee
    if (view.withdrawn.includes(keyStatement) && (await hasEnded(session, keyStatement))) gone.add(payload.grantId)
  }
  return gone
}

async function roll(session: PatientSession): Promise<void> {
  await changeState(session, async view =>
    planRoll(view, {
      giver: giverOf(session, view),
      seen: session.seen,
      now: session.clock(),
      keyOf: keyFinder(session),
    }),
  )
}

/** Fetches key statements, each verified now. */
export function keyFinder(session: PatientSession): (hash: Hash) => Promise<VerifiedKey> {
  return hash => fetchKeyByHash(session.trust, session.host, hash, session.clock())
}

/** Before every compartment is rolled: takes back the grants to keys that nothing may be sealed to any more. */
export async function dropUnsealable(session: PatientSession): Promise<void> {
  const view = await session.view()
  for (const grantId of await unsealable(session, view, view.bundle.compartments)) await revokeGrant(session, grantId)
}

/** Grants that name a compartment to be rolled, to a key that nothing may be sealed to any more. */
async function unsealable(
  session: PatientSession,
  view: RecordView,
  due: readonly BundleCompartment[],
): Promise<GrantId[]> {
  const gone: GrantId[] = []
  for (const grant of grantsNaming(view, new Set(due.map(({ id }) => id)))) {
    if (await hasEnded(session, grant.payload.grantee.keyStatement)) gone.push(grant.payload.grantId)
  }
  return gone
}

/** May nothing be sealed to that key any more, as its card says? Throws as `fetchKeyByHash` where it never was good. */
async function hasEnded(session: PatientSession, keyStatement: Hash): Promise<boolean> {
  try {
    await fetchKeyByHash(session.trust, session.host, keyStatement, session.clock())
    return false
  } catch (error) {
    if (CryptoError.is(error) && ENDED.has(error.code)) return true
    if (LogError.is(error, 'key-time') || LogError.is(error, 'key-withdrawn')) return true
    throw error
  }
}

/** What says that a card is over, as opposed to one that never was good. */
const ENDED: ReadonlySet<string> = new Set(['certificate-expired', 'certificate-revoked'])

function rightsOf({ holder }: VerifiedKey): ReadonlyMap<string, readonly Right[]> {
  const rights =
    holder.kind === 'professional' ? defaultRights(PROFESSION_BY_TITLE.get(holder.profession) ?? '') : new Map()
  if (rights.size > 0) return rights
  throw new InputError(
    holder.kind === 'establishment'
      ? 'An establishment has no default rights: say which compartments it may read or deposit into'
      : 'This profession has no default rights: say which compartments it may read or deposit into',
    { code: 'rights-missing' },
  )
}

/** Who gives, in this session. */
export function giverOf(session: PatientSession, view: RecordView): Giver {
  return { deployment: session.trust.anchors.deployment, patient: view.patient, sign: view.sign }
}
