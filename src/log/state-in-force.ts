import type { Hash } from '../protocol/ids.ts'
import type { StateSets } from '../protocol/record.ts'
import type { Delegation, Grant, Identity, Placement, State } from '../protocol/statements.ts'
import type { Verified } from './verified.ts'

/** A state with what it names. Maps are by statement hash and hold every leaf of their set. */
export interface StateInForce {
  readonly state: Verified<State>
  readonly sets: StateSets
  /** The one that the state names, and that its chain of trust leads to. */
  readonly identity: Verified<Identity>
  readonly grants: ReadonlyMap<Hash, Verified<Grant>>
  readonly delegations: ReadonlyMap<Hash, Verified<Delegation>>
  readonly placements: ReadonlyMap<Hash, Verified<Placement>>
}

/** The statements of a set, in its order; what nobody gave is left out (`checkHolds` refuses such a state). */
export function named<T>(hashes: readonly Hash[], statements: ReadonlyMap<Hash, Verified<T>>): Verified<T>[] {
  return hashes.flatMap(hash => statements.get(hash) ?? [])
}
