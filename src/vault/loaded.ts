/** Reads a record's statements back, verified as they were when they came in. */

import { verifyGrant, verifyPlacement } from '../log/grant.ts'
import { verifyState } from '../log/state-chain.ts'
import type { StateInForce } from '../log/state-in-force.ts'
import type { Verified } from '../log/verified.ts'
import type { Hash, RecordId } from '../protocol/ids.ts'
import type { StateSets } from '../protocol/record.ts'
import type { Grant, Placement } from '../protocol/statements.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import { identityChain } from './identities.ts'

/**
 * The state in force with all that its roots name. There are no delegations: this host has no action that gives one, so a
 * state that names one is refused. Throws `Refusal` `record-unknown`.
 */
export async function loadRecord(context: Context, record: RecordId): Promise<StateInForce> {
  const { store, deployment } = context
  const row = store.read.get<{ statement: string; sets: string }>(
    'SELECT statement, sets FROM states WHERE record = @record ORDER BY seq DESC LIMIT 1',
    { record },
  )
  if (row === undefined) throw new Refusal('record-unknown', 'There is no such record here')
  const { identity, earlier } = await identityChain(context, record)
  const place = { deployment, recordId: record, identity, earlier }
  const grants = new Map<Hash, Verified<Grant>>()
  const placements = new Map<Hash, Verified<Placement>>()
  for (const { statement } of statementsInForce(context, 'grants', record)) {
    const grant = await verifyGrant(statement, place)
    grants.set(grant.hash, grant)
  }
  for (const { statement } of statementsInForce(context, 'placements', record)) {
    const placement = await verifyPlacement(statement, place)
    placements.set(placement.hash, placement)
  }
  const state = await verifyState(row.statement, place)
  return { identity, state, sets: JSON.parse(row.sets) as StateSets, grants, delegations: new Map(), placements }
}

function statementsInForce({ store }: Context, table: 'grants' | 'placements', record: RecordId) {
  return store.read.all<{ statement: string }>(
    `SELECT statement FROM ${table} WHERE record = @record AND in_force = 1`,
    { record },
  )
}
