import { identityFingerprint } from '../../log/identity.ts'
import type { Hash, Instant, NationalId } from '../../protocol/ids.ts'
import { ProposedIdentities } from '../../protocol/succession.ts'
import { InputError } from '../errors.ts'
import { verifyPaper } from '../trust.ts'
import type { PatientSession } from './session.ts'

/** An identity that was proposed to follow the one in force. Who vouched, and when, is the host's word; the trace proves it. */
export interface ProposedIdentity {
  readonly identity: Hash
  readonly fingerprint: string
  readonly vouched: readonly { readonly by: NationalId; readonly t: Instant }[]
  readonly stopped: boolean
}

/** What waits to follow this identity, each from a letter of this patient's. Throws as `PatientSession.call`, `verifyPaper`. */
export async function proposedIdentities(session: PatientSession): Promise<ProposedIdentity[]> {
  const path = session.path('/recoveries')
  const { proposed } = await session.call({ method: 'GET', path, answer: ProposedIdentities })
  return Promise.all(
    proposed.map(async ({ vouched, stopped, ...paper }) => {
      const identity = await verifyPaper(session.trust, session.record.ins, paper)
      return { identity: identity.hash, fingerprint: identityFingerprint(identity), vouched, stopped }
    }),
  )
}

/**
 * Stops an identity that the patient did not ask for: nothing brings it in any more.
 * Throws `InputError` `identity-unknown`; as `PatientSession.write`.
 */
export async function stopRecovery(session: PatientSession, identity: Hash): Promise<ProposedIdentity> {
  const found = (await proposedIdentities(session)).find(each => each.identity === identity)
  if (found === undefined) {
    throw new InputError('No such identity waits to follow yours: coffre patient recoveries shows them', {
      code: 'identity-unknown',
    })
  }
  const path = session.path(`/recoveries/${identity}/stop`)
  await session.write({ method: 'POST', path, body: {} }, { action: 'recovery.stop', object: { identity } })
  return found
}
