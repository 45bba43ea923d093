/** What a professional may do in a record: the own grant, proved to stand in the patient's state, and its keys. */

import { fromBase64url } from '../../crypto/bytes.ts'
import { SealPublicKey, type SealSecretKey } from '../../crypto/keys.ts'
import { liesWithin, verifyDelegation } from '../../log/delegation.ts'
import { grantedTo, verifyGrant } from '../../log/grant.ts'
import type { RecordContext } from '../../log/patient-signed.ts'
import { verifyLeaf } from '../../log/sets.ts'
import type { Verified } from '../../log/verified.ts'
import type { CompartmentId, RecordId } from '../../protocol/ids.ts'
import { EpochLinks, RecordAccess } from '../../protocol/messages.ts'
import type { Delegation, Grant, State, StateCompartment } from '../../protocol/statements.ts'
import { type AuthorKeys, directoryAuthors } from '../document/author.ts'
import type { DocumentReader } from '../document/open.ts'
import { walkBack } from '../epochs.ts'
import { StepError, VerificationError } from '../errors.ts'
import { type OpenedCompartment, openGrant } from '../grant-seal.ts'
import { nothingSeen } from '../seen.ts'
import { readServedState } from '../served-state.ts'
import { leadsTo, type VerifiedPatient, verifyPatient } from '../trust.ts'
import type { Connection } from './connection.ts'
import { meetIdentity, requireKnown } from './identities.ts'

/** A compartment within reach, and its current epoch's public key from the state. */
export interface GrantedCompartment extends OpenedCompartment {
  readonly publicKey: SealPublicKey
}

/** A record as far as its patient opened it to this holder; all of it checked. */
export interface Access {
  readonly recordId: RecordId
  readonly patient: VerifiedPatient
  readonly state: Verified<State>
  readonly grant: Verified<Grant>
  readonly compartments: readonly GrantedCompartment[]
  /** What a person must be told of who the patient is; empty when all is well. */
  readonly warnings: readonly string[]
}

/**
 * Fetches and checks the access to a record: registration (for the INS known here) → identity → state, not older than
 * the last one seen → the own grant and its leaf under the state's root → seals, each secret against the state's public
 * key. An identity that was not known here must rightly follow the one that was. Throws `StepError` `record-unasked`, `HostRefusal` (`no-grant`), `LogError`, `CryptoError`, `VerificationError`
 * (`identity-…`, `state-…`, `grant-…`, `epoch-key`), and as `meetIdentity`.
 */
export async function openAccess(connection: Connection, recordId: RecordId): Promise<Access> {
  const { workstation, host } = connection
  const { trust, file, clock } = workstation
  const known = await requireKnown(workstation, recordId)
  const served = await host.call({
    ...connection.signing,
    method: 'GET',
    path: `/v1/records/${recordId}/access`,
    answer: RecordAccess,
  })
  const patient = await verifyPatient(trust, known.ins, served)
  const refuse = (code: string, message: string): VerificationError =>
    new VerificationError(message, { code, evidence: served })
  if (patient.recordId !== recordId || !leadsTo(patient, known.identity)) {
    throw refuse('identity-changed', 'The host names another identity for this record than the one known here')
  }
  const met = await meetIdentity(connection, known, patient.identity.hash)
  const context = { deployment: trust.anchors.deployment, ...patient }
  const { state, seen: newer } = await readServedState(served, context, { ...nothingSeen(), state: known.state })
  const giver = await giverOf(served, state, context)
  const grant = await verifyGrant(served.grant.statement, { ...context, delegations: giver === null ? [] : [giver] })
  if (giver !== null && grant.headers[0]?.kid === giver.payload.delegationId && !liesWithin(giver, grant.payload)) {
    throw refuse('grant-not-in-force', 'The card that signed the grant may not give it')
  }
  if (!grantedTo(grant.payload, { kind: file.kind, id: file.nationalId, at: clock() })) {
    throw refuse('grant-other', 'The host answered with a grant to somebody else, or one whose term has passed')
  }
  if (served.proof.set !== 'grants' || !verifyLeaf(state.payload, served.proof, grant.hash)) {
    throw refuse('grant-not-in-force', 'The grant is not one of those in the patient’s state: it was taken back')
  }
  const key = await workstation.sealKeyOf(grant.payload.grantee.keyStatement)
  if (key === null) {
    throw new StepError('The grant was sealed to working keys of another workstation: ask the patient for a new one', {
      code: 'keys-missing',
    })
  }
  const opened = openGrant({ grant, seals: served.grant.seals, state: state.payload, key })
  await workstation.keepRecord({ ...met.known, state: newer.state })
  return {
    warnings: met.warnings,
    recordId,
    patient,
    state,
    grant,
    compartments: opened.map(compartment => ({
      ...compartment,
      publicKey: SealPublicKey.parse(fromBase64url(inState(state.payload, compartment.id).publicKey)),
    })),
  }
}

/** The delegation of the card that gave the grant, where one did: it stands in this state. */
async function giverOf(
  { giver }: RecordAccess,
  state: Verified<State>,
  context: RecordContext,
): Promise<Verified<Delegation> | null> {
  if (giver === undefined) return null
  const delegation = await verifyDelegation(giver.delegation, context)
  if (giver.proof.set === 'delegations' && verifyLeaf(state.payload, giver.proof, delegation.hash)) return delegation
  throw new VerificationError('The grant was signed by a card whose delegation is not in force', {
    code: 'grant-not-in-force',
    evidence: giver,
  })
}

/** What reading documents needs. Older epochs are opened by walking the links back from the current secret. */
export function readerOf(connection: Connection, access: Access): DocumentReader {
  const { trust, clock } = connection.workstation
  const authorKeys: AuthorKeys = directoryAuthors(connection.publicHost, trust, clock)
  const walked = new Map<CompartmentId, Promise<ReadonlyMap<number, SealSecretKey>>>()
  return {
    deployment: trust.anchors.deployment,
    ...access.patient,
    authorKeys,
    async epochSecret(id, epoch) {
      const compartment = access.compartments.find(each => each.id === id)
      const secret = compartment?.secret
      if (compartment === undefined || secret === null || secret === undefined) {
        throw new VerificationError('The document lies in a compartment that the grant does not open', {
          code: 'compartment-closed',
        })
      }
      if (epoch === compartment.epoch) return secret
      let epochs = walked.get(id)
      if (epochs === undefined) {
        epochs = walkCompartment(connection, access, { id, secret })
        walked.set(id, epochs)
      }
      const older = (await epochs).get(epoch)
      if (older !== undefined) return older
      throw new VerificationError('The document names an epoch that its compartment never had', {
        code: 'epoch-unknown',
      })
    },
  }
}

async function walkCompartment(
  connection: Connection,
  { recordId, state }: Access,
  { id, secret }: { id: CompartmentId; secret: SealSecretKey },
): Promise<ReadonlyMap<number, SealSecretKey>> {
  const { epochs } = await connection.host.call({
    ...connection.signing,
    method: 'GET',
    path: `/v1/records/${recordId}/epochs/${id}`,
    answer: EpochLinks,
  })
  return walkBack({ recordId, current: inState(state.payload, id), secret, links: epochs })
}

/** `openGrant` has made sure that every granted compartment is in the state. */
function inState(state: State, id: CompartmentId): StateCompartment {
  return state.compartments.find(compartment => compartment.id === id) as StateCompartment
}
