import type { Credentials } from '../../client/patient/authenticate.ts'
import type { Talk } from '../talk.ts'

/** A person tells the one-time passwords, and can look at the message again after a wrong one. */
export function byMessage(talk: Talk): Omit<Credentials, 'secretCode'> {
  return { oneTimePassword: asked => talk.ask('password', asked), canAskAgain: true }
}
