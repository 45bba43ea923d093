import { toBase64url } from '../../crypto/bytes.ts'
import type { AccountKey } from '../../crypto/keys.ts'
import type { SigningKey } from '../../crypto/sign.ts'
import { ed25519Signer, signStatement } from '../../crypto/statement.ts'
import { verifyGrant, verifyPlacement } from '../../log/grant.ts'
import { freshSeed, rootsOf, slotLeaf } from '../../log/sets.ts'
import { checkSuccessor, verifyState } from '../../log/state-chain.ts'
import type { ChangeAction } from '../../log/state-changes.ts'
import type { StateInForce } from '../../log/state-in-force.ts'
import type { Verified } from '../../log/verified.ts'
import type { Bundle } from '../../protocol/bundle.ts'
import type { DeploymentId, Hash, Instant, NationalId } from '../../protocol/ids.ts'
import type { SealedGrant, SealedPlacement } from '../../protocol/messages.ts'
import type { Slot, StateSets } from '../../protocol/record.ts'
import { type State, type StateCompartment, StatementTyp } from '../../protocol/statements.ts'
import { sealBundle } from '../bundle.ts'
import { hashText } from '../grant-seal.ts'
import type { VerifiedPatient } from '../trust.ts'

/** What a change does to the state; what is left out stays. */
export interface Change {
  readonly action: ChangeAction
  /** Grants that come (new ones and re-issues). */
  readonly grants?: readonly SealedGrant[]
  /** Hashes of the grants that go. */
  readonly dropGrants?: readonly Hash[]
  readonly placement?: SealedPlacement
  readonly dropPlacement?: Hash
  /** All compartments, in their order, when any is rolled. */
  readonly compartments?: readonly StateCompartment[]
  /** The whole list of those who are blocked, when it changes. */
  readonly blocked?: readonly NationalId[]
  /** A new device's slot. */
  readonly device?: Slot
  /** All slots, each wrapping a new account key, when a device goes. */
  readonly slots?: readonly Slot[]
  /** The next bundle, its version already raised. */
  readonly bundle?: Bundle
}

/** Who signs the next state, and for which record. */
export interface DraftContext {
  readonly deployment: DeploymentId
  readonly patient: VerifiedPatient
  readonly sign: SigningKey
  /** That of the next bundle: another than before when a device goes. */
  readonly accountKey: AccountKey
  readonly now: Date
}

/** The next state, signed and checked, with what goes to the host beside it. */
export interface Draft {
  readonly state: Verified<State>
  readonly sets: StateSets
  /** base64url; null when the state names the same bundle as before. */
  readonly bundle: string | null
}

/**
 * Makes and signs the state that follows one in force, and runs on it the very check that the host and every auditor
 * will run: a client never sends what it would not accept. Throws `LogError` `state-…`.
 */
export async function draftNext(previous: StateInForce, change: Change, context: DraftContext): Promise<Draft> {
  const { patient, deployment } = context
  const place = { deployment, ...patient }
  const grants = new Map(previous.grants)
  const placements = new Map(previous.placements)
  const added: Hash[] = []
  for (const { statement } of change.grants ?? []) {
    const grant = await verifyGrant(statement, place)
    grants.set(grant.hash, grant)
    added.push(grant.hash)
  }
  const placed: Hash[] = []
  if (change.placement !== undefined) {
    const placement = await verifyPlacement(change.placement.statement, place)
    placements.set(placement.hash, placement)
    placed.push(placement.hash)
  }
  const dropped = new Set(change.dropGrants ?? [])
  const { sets: before } = previous
  const sets: StateSets = {
    seed: freshSeed(),
    grants: [...before.grants.filter(hash => !dropped.has(hash)), ...added],
    delegations: before.delegations,
    blocked: [...(change.blocked ?? before.blocked)],
    devices: change.slots?.map(slotLeaf) ?? [
      ...before.devices,
      ...(change.device === undefined ? [] : [slotLeaf(change.device)]),
    ],
    placements: [...before.placements.filter(hash => hash !== change.dropPlacement), ...placed],
  }
  const sealed = change.bundle === undefined ? null : sealBundle(context.accountKey, change.bundle)
  const old = previous.state.payload
  const state = await signState(
    {
      ...old,
      seq: old.seq + 1,
      prev: previous.state.hash,
      compartments: [...(change.compartments ?? old.compartments)],
      ...rootsOf(sets),
      bundle:
        sealed === null || change.bundle === undefined
          ? old.bundle
          : { version: change.bundle.version, hash: hashText(sealed) },
      t: later(context.now, old.t),
    },
    context,
  )
  checkSuccessor(change.action, previous, { ...previous, state, sets, grants, placements })
  return { state, sets, bundle: sealed === null ? null : toBase64url(sealed) }
}

/** Signs a state and reads it back verified. Throws as `verifyState`. */
export async function signState(
  payload: State,
  { patient, sign }: Pick<DraftContext, 'patient' | 'sign'>,
): Promise<Verified<State>> {
  const text = await signStatement(StatementTyp.state, payload, ed25519Signer(sign, patient.identity.hash))
  return verifyState(text, { deployment: payload.deployment, ...patient })
}

/** Now, but never before: a clock set back must not make a state the host has to refuse. */
function later(now: Date, before: Instant): Instant {
  return new Date(Math.max(now.getTime(), Date.parse(before))).toISOString() as Instant
}
