import { IdentityVersions } from '../../protocol/succession.ts'
import { type IdentityVersion, verifyIdentityHistory } from '../identity-history.ts'
import { readLog } from '../log-view.ts'
import type { PatientSession } from './session.ts'

/** Every identity that this record ever had. Throws as `PatientSession.call`, `readLog`, `verifyIdentityHistory`. */
export async function readIdentities(session: PatientSession): Promise<IdentityVersion[]> {
  const { patient, record, host, trust, clock, seen } = session
  const served = await session.call({ method: 'GET', path: session.path('/identities'), answer: IdentityVersions })
  const log = await readLog(host, trust, clock, seen.tree)
  const known = { recordId: patient.recordId, ins: record.ins, identity: patient.identity.hash }
  return verifyIdentityHistory(served, known, { trust, log, clock })
}
