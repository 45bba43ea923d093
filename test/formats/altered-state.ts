import { rootsOf } from '../../src/log/sets.ts'
import type { Hash } from '../../src/protocol/ids.ts'
import type { StateSets } from '../../src/protocol/record.ts'
import { type State, StatementTyp } from '../../src/protocol/statements.ts'
import type { MadeState } from './story.ts'
import { draw, text64 } from './vector-file.ts'
import { at, hashOf, patient, type Signatory, signByPatient } from './world.ts'

/** A hash of nothing that there is. */
export const some = (name: string): Hash => text64(draw(name, 32)) as Hash

/** A state in force as a case gives it. */
export interface TextState {
  readonly state: string
  readonly sets: StateSets
}

/** Without what only a maker knows. */
export const textOnly = ({ state, sets }: TextState): TextState => ({ state, sets })

export const textOfState = ({ text, sets }: MadeState): TextState => ({ state: text, sets })

/** A state and what it says, so that another can follow it. */
export type StateBefore = Pick<MadeState, 'payload' | 'sets' | 'hash'>

/** Signs a state with these changes; by the patient's identity unless told. */
export async function altered(
  made: Pick<StateBefore, 'payload' | 'sets'>,
  changes: Partial<State>,
  sets: Partial<StateSets> = {},
  by?: Signatory,
): Promise<TextState> {
  const { state, sets: all } = await signed(made, changes, sets, by)
  return { state, sets: all }
}

/** The next state after that one, with these changes. */
export async function following(
  before: StateBefore,
  changes: Partial<State>,
  sets: Partial<StateSets> = {},
  by?: Signatory,
): Promise<TextState & StateBefore> {
  const seq = before.payload.seq + 1
  const seed = text64(draw(`state ${seq} seed`, 32))
  return signed(before, { seq, prev: before.hash, t: at('08:55:00'), ...changes }, { seed, ...sets }, by)
}

async function signed(
  { payload: before, sets }: Pick<StateBefore, 'payload' | 'sets'>,
  changes: Partial<State>,
  other: Partial<StateSets>,
  by?: Signatory,
) {
  const all = { ...sets, ...other }
  const roots = Object.keys(other).length > 0 ? rootsOf(all) : {}
  const payload = { ...before, ...roots, ...changes }
  const state = await signByPatient(StatementTyp.state, payload, by ?? (await patient()))
  return { state, sets: all, payload, hash: hashOf(state) }
}
