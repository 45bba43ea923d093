/** Whom a patient has blocked (docs/protocol/state.md, "What each change may change"). */
import type { ActingPerson } from '../protocol/entry.ts'

/** National ids of persons, as a card has them: `8` and RPPS, `0` and ADELI. */
const PERSONS = 'urn:oid:1.2.250.1.71.4.2.1'
const RPPS = 'https://rpps.esante.gouv.fr'

/** Who asks: a professional, or an establishment with the person who acts for it. */
export interface Asking {
  readonly id: string
  readonly acting?: ActingPerson | null
}

/**
 * Is this caller blocked, or the person who acts for it? Somebody who is blocked does not come in by an establishment's
 * grant either, as far as the establishment tells the truth about who acts.
 */
export function isBlocked(blocked: readonly string[], { id, acting }: Asking): boolean {
  if (blocked.includes(id)) return true
  const person = acting == null ? null : personId(acting)
  return person !== null && blocked.includes(person)
}

/** The acting person as a national id; null in a register that has none. */
function personId({ idSystem, id }: ActingPerson): string | null {
  if (idSystem === PERSONS) return id
  return idSystem === RPPS ? `8${id}` : null
}
