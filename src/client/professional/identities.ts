import type { RecordId } from '../../protocol/ids.ts'
import { IdentityVersions } from '../../protocol/messages.ts'
import { StepError } from '../errors.ts'
import { type IdentityVersion, verifyIdentityHistory } from '../identity-history.ts'
import type { Connection } from './connection.ts'

/**
 * Every identity that a record within reach ever had. Throws `StepError` `record-unasked`, `HostRefusal` `no-grant`, and
 * as `verifyIdentityHistory`: the last one must be the identity that this workstation knows.
 */
export async function readIdentities(connection: Connection, recordId: RecordId): Promise<IdentityVersion[]> {
  const { workstation, host, log, signing } = connection
  const known = (await workstation.records()).find(record => record.recordId === recordId)
  if (known === undefined) {
    throw new StepError('This workstation does not know that record: ask for access with the patient’s INS first', {
      code: 'record-unasked',
    })
  }
  const path = `/v1/records/${recordId}/identities`
  const served = await host.call({ ...signing, method: 'GET', path, answer: IdentityVersions })
  return verifyIdentityHistory(served, known, { trust: workstation.trust, log })
}
