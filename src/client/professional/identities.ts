import type { RecordId } from '../../protocol/ids.ts'
import { IdentityVersions } from '../../protocol/succession.ts'
import { InputError, StepError } from '../errors.ts'
import { type IdentityVersion, isNew, type KnownRecord, verifyIdentityHistory } from '../identity-history.ts'
import { sameFingerprint } from '../kit.ts'
import type { Connection } from './connection.ts'
import type { KnownRecord as KeptRecord, Workstation } from './workstation.ts'

/** What this workstation knows of a record. Throws `StepError` `record-unasked`. */
export async function requireKnown(workstation: Workstation, recordId: RecordId): Promise<KeptRecord> {
  const known = (await workstation.records()).find(record => record.recordId === recordId)
  if (known !== undefined) return known
  throw new StepError('This workstation does not know that record: ask for access with the patient’s INS first', {
    code: 'record-unasked',
  })
}

/**
 * Every identity that a record within reach ever had. Throws `StepError` `record-unasked`, `HostRefusal` `no-grant`, and
 * as `verifyIdentityHistory`: the last one must be the identity that this workstation knows.
 */
export async function readIdentities(connection: Connection, recordId: RecordId): Promise<IdentityVersion[]> {
  return historyOf(connection, await requireKnown(connection.workstation, recordId))
}

/** The same up to an identity that the host says is in force now. */
async function historyOf(connection: Connection, known: KnownRecord): Promise<IdentityVersion[]> {
  const { workstation, host, log, signing } = connection
  const path = `/v1/records/${known.recordId}/identities`
  const served = await host.call({ ...signing, method: 'GET', path, answer: IdentityVersions })
  const { trust, clock } = workstation
  return verifyIdentityHistory(served, known, { trust, log, clock })
}

/** What is known of a patient after meeting the identity now in force, and what a person must be told of it. */
export interface Met {
  readonly known: KeptRecord
  readonly warnings: readonly string[]
}

/**
 * Meets the identity in force: the one known here, or one that rightly follows it (every step from the record's first
 * identity is checked). Warns while it is new: until witnesses have known it for a day, or somebody here has compared the
 * fingerprint in person. Throws as `verifyIdentityHistory`.
 */
export async function meetIdentity(
  connection: Connection,
  { identity, ...before }: KeptRecord,
  inForce: KeptRecord['identity'],
): Promise<Met> {
  const isSame = identity === inForce
  if (isSame && before.familiar) return { known: { identity, ...before }, warnings: [] }
  const { familiar, ...rest } = before
  const history = await historyOf(connection, { ...rest, identity: inForce })
  const last = history.at(-1) as IdentityVersion
  const { workstation, log } = connection
  const { trust, clock } = workstation
  const changed = isSame ? [] : [changeOf(last)]
  if (!isNew(last, { trust, log, clock })) {
    return { known: { ...rest, identity: inForce, familiar: true }, warnings: changed }
  }
  const warning = `This patient’s identity is less than a day old. Compare ${last.fingerprint} with the patient’s screen or kit (coffre pro compare)`
  return { known: { ...rest, identity: inForce }, warnings: [...changed, warning] }
}

function changeOf({ warranted, fingerprint }: IdentityVersion): string {
  const by =
    warranted?.by === 'recovery'
      ? `a recovery that ${warranted.professional.payload.nationalId} vouched for`
      : 'a handover'
  return `This patient has a new identity, ${fingerprint}, by ${by}`
}

/**
 * Somebody compared the fingerprint of the identity known here with the one that the patient showed in person, as typed
 * or scanned. From then on no warning. Throws `StepError` `record-unasked`, `InputError` `fingerprint-other`.
 */
export async function compareInPerson(
  connection: Connection,
  recordId: RecordId,
  shown: string,
): Promise<IdentityVersion> {
  const { workstation } = connection
  const known = await requireKnown(workstation, recordId)
  const last = (await historyOf(connection, known)).at(-1) as IdentityVersion
  if (!sameFingerprint(last.fingerprint, shown)) {
    throw new InputError('That is not the fingerprint of the identity known here: this may be somebody else’s record', {
      code: 'fingerprint-other',
    })
  }
  await workstation.keepRecord({ ...known, familiar: true })
  return last
}
