import { fromBase64url, randomBytes, toBase64url, wiping } from '../crypto/bytes.ts'
import { SealPublicKey, SealSecretKey } from '../crypto/keys.ts'
import type { SigningKey } from '../crypto/sign.ts'
import { ed25519Signer, signStatement } from '../crypto/statement.ts'
import type { VerifiedKey } from '../log/key-statement.ts'
import type { Verified } from '../log/verified.ts'
import type { BundleCompartment } from '../protocol/bundle.ts'
import type { CompartmentId, DeploymentId, GrantId, Hash, Instant } from '../protocol/ids.ts'
import type { SealedGrant } from '../protocol/messages.ts'
import { type Grant, type Right, StatementTyp } from '../protocol/statements.ts'
import { hashText, sealGift } from './grant-seal.ts'
import { grantSealInfo } from './infos.ts'
import type { VerifiedPatient } from './trust.ts'

/** Who gives, in which installation. */
export interface Giver {
  readonly deployment: DeploymentId
  readonly patient: VerifiedPatient
  readonly sign: SigningKey
}

/** A right on one compartment, with what the bundle holds of it. */
export interface GrantedCompartment {
  readonly compartment: BundleCompartment
  readonly rights: readonly Right[]
}

/** A new grant and its id. */
export interface NewGrant {
  readonly grantId: GrantId
  readonly sealed: SealedGrant
}

/**
 * Makes and signs a grant with one seal a compartment, to a key statement that was verified (card, chain, revocation).
 * The secret goes along only where the right is to read.
 */
export async function makeGrant(
  giver: Giver,
  input: {
    readonly to: VerifiedKey
    readonly compartments: readonly GrantedCompartment[]
    readonly until: Instant
    readonly t: Instant
  },
): Promise<NewGrant> {
  const grantId = toBase64url(randomBytes(16)) as GrantId
  const { to } = input
  const sealKey = SealPublicKey.parse(fromBase64url(to.payload.sealKey))
  const seals: string[] = []
  const compartments: Grant['compartments'] = input.compartments.map(({ compartment, rights }) => {
    const sealed = sealOne(giver, { grantId, keyStatement: to.hash, sealKey, compartment, rights })
    seals.push(toBase64url(sealed))
    return { id: compartment.id, rights: [...rights], epoch: compartment.epoch, seal: hashText(sealed) }
  })
  const { kind, nationalId } = to.payload
  const payload: Grant = {
    deployment: giver.deployment,
    recordId: giver.patient.recordId,
    grantId,
    grantee: { kind, id: nationalId, keyStatement: to.hash },
    compartments,
    until: input.until,
    t: input.t,
  }
  return { grantId, sealed: { statement: await signGrant(giver, payload), seals } }
}

/**
 * The same grant for the new epochs of rolled compartments: new seals there, everything else as it was.
 * `rolled` holds those compartments as the next bundle has them.
 */
export async function reissueGrant(
  giver: Giver,
  input: {
    readonly grant: Verified<Grant>
    readonly seals: readonly string[]
    readonly to: VerifiedKey
    readonly rolled: ReadonlyMap<CompartmentId, BundleCompartment>
    readonly t: Instant
  },
): Promise<SealedGrant> {
  const { grant, to, rolled } = input
  const { grantId } = grant.payload
  const sealKey = SealPublicKey.parse(fromBase64url(to.payload.sealKey))
  const seals: string[] = []
  const compartments = grant.payload.compartments.map((old, index) => {
    const compartment = rolled.get(old.id)
    if (compartment === undefined) {
      seals.push(input.seals[index] as string)
      return old
    }
    const sealed = sealOne(giver, { grantId, keyStatement: to.hash, sealKey, compartment, rights: old.rights })
    seals.push(toBase64url(sealed))
    return { ...old, epoch: compartment.epoch, seal: hashText(sealed) }
  })
  return { statement: await signGrant(giver, { ...grant.payload, compartments, t: input.t }), seals }
}

function sealOne(
  { patient }: Giver,
  input: {
    readonly grantId: GrantId
    readonly keyStatement: Hash
    readonly sealKey: SealPublicKey
    readonly compartment: BundleCompartment
    readonly rights: readonly Right[]
  },
): Uint8Array {
  const { grantId, keyStatement, compartment, rights } = input
  using secret = rights.includes('read') ? wiping(fromBase64url(compartment.secret), SealSecretKey.parse) : null
  return sealGift(
    input.sealKey,
    grantSealInfo({
      recordId: patient.recordId,
      compartmentId: compartment.id,
      epoch: compartment.epoch,
      keyStatement,
      grantId,
    }),
    { name: compartment.kind, secret },
  )
}

async function signGrant({ sign, patient }: Giver, payload: Grant): Promise<string> {
  return signStatement(StatementTyp.grant, payload, ed25519Signer(sign, patient.identity.hash))
}
