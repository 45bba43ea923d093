import { ListMemory, type PatientSession, StepError } from '../../client/browser.ts'
import { BrowserStore } from './store.ts'

/** The deployment's anchors, as JSON; put in when the pages are built. */
declare const COFFRE_ANCHORS: string

/** What this browser keeps. */
export const store = new BrowserStore(COFFRE_ANCHORS)

let session: PatientSession | null = null

/** What the session's lists have opened. */
export const listMemory = new ListMemory()

/** From a sign-in on, until `endSession`; a session before it is forgotten. */
export function startSession(started: PatientSession): void {
  listMemory.clear()
  session = started
}

/**
 * Signs in anew within a session, where an act wants a sign-in of just now: the session before goes on until there is
 * another, and ends then. Throws as `enter`.
 */
export async function enterAnew<T extends { readonly session: PatientSession }>(enter: () => Promise<T>): Promise<T> {
  const entered = await enter()
  const before = session
  session = entered.session
  // The host may have ended it, or be out of reach: its keys are overwritten here all the same.
  await before?.end().catch(() => undefined)
  return entered
}

/** Throws `StepError` `not-signed-in`. */
export function currentSession(): PatientSession {
  if (session !== null) return session
  throw new StepError('Nobody is signed in', { code: 'not-signed-in' })
}

/** Ends it at the host; its keys are overwritten here whatever the host says. */
export async function endSession(): Promise<void> {
  const ending = session
  session = null
  listMemory.clear()
  await ending?.end()
}
