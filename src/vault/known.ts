/**
 * What never changes once it is in the store, read once: sets of a state and terms of a grant, by the hash that names
 * them. Which state and which grant are in force is asked of the store each time. Bounded; what was not asked for the
 * longest goes first.
 */
import { Recent } from '../log/audit/recent.ts'
import { peek } from '../log/verified.ts'
import type { Hash, RecordId } from '../protocol/ids.ts'
import type { StateSets } from '../protocol/record.ts'
import { Grant, StatementTyp } from '../protocol/statements.ts'
import type { Tx } from './store/store.ts'

/** States remembered. */
const STATES_MAX = 1024
/** A state that names more grants and blocked holders than that is read each time: memory stays within some 30 MiB. */
const NAMES_MAX = 512
/** Grants remembered, a KiB or two each. */
const GRANTS_MAX = 4096
/** Holders of states remembered, some 200 bytes each. */
const HELD_MAX = 16_384

/** What acts ask of a state's sets; placements, of which there may be many thousands, are not kept. */
export interface StandingSets {
  readonly grants: ReadonlySet<Hash>
  readonly blocked: readonly string[]
}

const states = new Recent<Hash, StandingSets>(STATES_MAX)
const grants = new Recent<Hash, Grant>(GRANTS_MAX)

/** Grants by state and holder. */
const held = new Recent<string, Hash>(HELD_MAX)

const GRANT = { typ: StatementTyp.grant, schema: Grant } as const

/** A state that the store has, whole: its statement as it was signed, and all that its roots name. */
export function storedState(tx: Tx, state: Hash): { readonly statement: string; readonly sets: StateSets } {
  const row = tx.get<{ statement: string; sets: string }>('SELECT statement, sets FROM states WHERE hash = @state', {
    state,
  })
  if (row === undefined) throw new TypeError('There is no such state in the store')
  return { statement: row.statement, sets: JSON.parse(row.sets) as StateSets }
}

/** Of a state that the store has. */
export function setsOfState(tx: Tx, state: Hash): StandingSets {
  const known = states.get(state)
  if (known !== undefined) return known
  const { sets } = storedState(tx, state)
  const standing = { grants: new Set(sets.grants), blocked: sets.blocked }
  if (sets.grants.length + sets.blocked.length <= NAMES_MAX) states.set(state, standing)
  return standing
}

/** The grant that a holder has by a state; null without one. */
export function grantIn(
  tx: Tx,
  { record, state }: { readonly record: RecordId; readonly state: Hash },
  { kind, id }: { readonly kind: string; readonly id: string },
): Hash | null {
  const name = `${state} ${kind} ${id}`
  const known = held.get(name)
  if (known !== undefined) return known
  const row = tx.get<{ hash: Hash }>(
    'SELECT hash FROM grants WHERE record = @record AND in_force = 1 AND grantee_kind = @kind AND grantee = @id',
    { record, kind, id },
  )
  if (row === undefined || !setsOfState(tx, state).grants.has(row.hash)) return null
  held.set(name, row.hash)
  return row.hash
}

/** The terms of a grant that the store has, verified when it came in. */
export function grantOf(tx: Tx, hash: Hash): Grant {
  const known = grants.get(hash)
  if (known !== undefined) return known
  const row = tx.get<{ statement: string }>('SELECT statement FROM grants WHERE hash = @hash', { hash })
  if (row === undefined) throw new TypeError('There is no such grant in the store')
  const grant = peek(row.statement, GRANT)
  grants.set(hash, grant)
  return grant
}
