import { rootsOf } from '../../src/log/sets.ts'
import type { Hash } from '../../src/protocol/ids.ts'
import type { StateSets } from '../../src/protocol/record.ts'
import { type State, StatementTyp } from '../../src/protocol/statements.ts'
import type { MadeState } from './story.ts'
import { draw, text64 } from './vector-file.ts'
import { patient, signByPatient } from './world.ts'

/** A hash of nothing that there is. */
export const some = (name: string): Hash => text64(draw(name, 32)) as Hash

/** A state in force as a case gives it. */
export interface TextState {
  readonly state: string
  readonly sets: StateSets
}

export const textOfState = ({ text, sets }: MadeState): TextState => ({ state: text, sets })

/** Signs a state with these changes. */
export async function altered(
  made: MadeState,
  changes: Partial<State>,
  sets: Partial<StateSets> = {},
): Promise<TextState> {
  const all = { ...made.sets, ...sets }
  const roots = Object.keys(sets).length > 0 ? rootsOf(all) : {}
  const state = await signByPatient(StatementTyp.state, { ...made.payload, ...roots, ...changes }, await patient())
  return { state, sets: all }
}
