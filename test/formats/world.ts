/**
 * Who is in the vectors, and the parts of their one small record, made from drawn bytes alone.
 */

import { bundlePlaintext } from '../../src/client/bundle.ts'
import { giftPlaintext } from '../../src/client/grant-seal.ts'
import {
  bundleInfo,
  contactHash,
  delegationSealInfo,
  deviceSlotKey,
  grantSealInfo,
  kitSlotKey,
  linkInfo,
  linkKey,
  slotInfo,
} from '../../src/client/infos.ts'
import { boxWithSalt } from '../../src/crypto/box.ts'
import { type Bytes, concat, fromBase64url } from '../../src/crypto/bytes.ts'
import { codeSigningKey } from '../../src/crypto/codes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { sealWithSeed } from '../../src/crypto/seal.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, signStatement, statementHash } from '../../src/crypto/statement.ts'
import { registrationSubject } from '../../src/log/registration.ts'
import type { Bundle } from '../../src/protocol/bundle.ts'
import type {
  CompartmentId,
  DelegationId,
  DeploymentId,
  GrantId,
  Hash,
  Ins,
  Instant,
  NationalId,
  RecordId,
  SlotId,
} from '../../src/protocol/ids.ts'
import type { SealedGrant } from '../../src/protocol/messages.ts'
import type { Slot } from '../../src/protocol/record.ts'
import {
  type Delegation,
  type Grant,
  type Identity,
  type KeyStatement,
  type Registration,
  type StateCompartment,
  StatementTyp,
} from '../../src/protocol/statements.ts'
import { readCard } from './card.ts'
import { drawnCode } from './codes.ts'
import { draw, once, text64 } from './vector-file.ts'

export const id = <T>(name: string): T => text64(draw(name, 16)) as T
export const hashOf = (statement: string): Hash => text64(statementHash(statement)) as Hash
export const hash = (bytes: Bytes): Hash => text64(sha256(bytes)) as Hash

/** The vectors' time, and later the same day. */
export const at = (clock: string): Instant => `2026-11-24T${clock}.000Z` as Instant

/** Who there is. */
export const deployment = id<DeploymentId>('deployment')
export const insurer = once(() => SigningKey.fromSeed(draw('insurer', 32)))
export const host = once(() => SigningKey.fromSeed(draw('host', 32)))
export const patientInsNumber = '6042636791378413971156' as Ins

/** A mailed code with its registration; `letter` tells two of one purpose apart. */
export async function register(
  purpose: Registration['purpose'],
  changes: Partial<Registration> = {},
  letter: string = purpose,
) {
  const code = drawnCode(`${letter} code`)
  const key = codeSigningKey(code, patientInsNumber)
  const salt = draw(`${letter} salt`, 32)
  const payload: Registration = {
    deployment,
    subject: registrationSubject({ ins: patientInsNumber, salt }),
    purpose,
    key: text64(key.verifyKey.bytes),
    issuedAt: at('08:00:00'),
    expiresAt: (purpose === 'opening' ? '2027-02-22T08:00:00.000Z' : '2026-12-24T08:00:00.000Z') as Instant,
    ...changes,
  }
  const text = await signStatement(StatementTyp.registration, payload, ed25519Signer(insurer(), 'insurer'))
  return { code, key, salt, payload, text, hash: hashOf(text) }
}

/** An identity with its keys, by that letter; `before` it the one that it follows, of the same record. */
async function makeIdentity(
  name: string,
  registration: Awaited<ReturnType<typeof register>>,
  before: { readonly hash: Hash; readonly recordId: RecordId } | null,
) {
  const sign = SigningKey.fromSeed(draw(`${name} sign`, 32))
  const seal = SealSecretKey.parse(draw(`${name} seal`, 32))
  const payload: Identity = {
    deployment,
    registration: registration.hash,
    signKey: text64(sign.verifyKey.bytes),
    sealKey: text64(seal.publicKey.bytes),
    prevIdentity: before?.hash ?? null,
    nonce: id(before === null ? 'identity nonce' : `${name} nonce`),
  }
  const text = await cosignStatement(
    StatementTyp.identity,
    payload,
    ed25519Signer(registration.key, registration.hash),
    ed25519Signer(sign, 'self'),
  )
  const recordId = before?.recordId ?? (text64(statementHash(text).subarray(0, 16)) as RecordId)
  return { registration, sign, seal, payload, text, hash: hashOf(text), recordId }
}

/** The patient's keys and identity. */
export const patient = once(async () => makeIdentity('patient', await register('opening'), null))
/** The identity that follows it, by another letter. */
export const nextPatient = once(async () => {
  const before = await patient()
  const letter = await register('opening', { supersedes: before.registration.hash }, 'second opening')
  return makeIdentity('next patient', letter, before)
})
export type Patient = Awaited<ReturnType<typeof patient>>

/** The doctor's working keys. */
export const doctor = once(async () => {
  const card = readCard()
  const sign = SigningKey.fromSeed(draw('doctor sign', 32))
  const seal = SealSecretKey.parse(draw('doctor seal', 32))
  const payload: KeyStatement = {
    deployment,
    kind: 'professional',
    nationalId: card.holder.id as NationalId,
    signKey: text64(sign.verifyKey.bytes),
    sealKey: text64(seal.publicKey.bytes),
    seq: 0,
    prev: null,
    notBefore: at('08:00:00'),
    notAfter: '2027-11-24T08:00:00.000Z' as Instant,
  }
  const text = await cosignStatement(StatementTyp.key, payload, card.signer, ed25519Signer(sign, 'self'))
  return { card, sign, seal, payload, text, hash: hashOf(text) }
})
export type Doctor = Awaited<ReturnType<typeof doctor>>

/** A key that signs in a record, by its name there: an identity's hash, or a delegation's id. */
export interface Signatory {
  readonly sign: SigningKey
  readonly hash: string
}

/** Signs what the patient decides; a card signs so too. */
export function signByPatient(typ: StatementTyp, payload: object, { sign, hash }: Signatory): Promise<string> {
  return signStatement(typ, payload, ed25519Signer(sign, hash))
}

/** What a Vitale card holds. */
export const vitale = (name = 'vitale') => ({
  sign: SigningKey.fromSeed(draw(`${name} sign`, 32)),
  seal: SealSecretKey.parse(draw(`${name} seal`, 32)),
})

/** A compartment's secret, sealed to somebody with that info. */
export function sealedSecret(name: string, to: SealSecretKey, info: Bytes, kind: string, epoch: number) {
  const seed = draw(`${name} seal ${kind} ${epoch}`, 64)
  const gift = giftPlaintext({ name: kind, secret: epochSecret(kind, epoch) })
  return { seed, info, sealed: sealWithSeed(to.publicKey, info, gift, seed) }
}

/** A delegation to a card, for these compartments. */
export async function makeDelegation(
  who: Patient,
  compartments: readonly (readonly [kind: string, epoch: number])[],
  changes: Partial<Delegation> = {},
  name = 'vitale',
) {
  const card = vitale(name)
  const delegationId = id<DelegationId>(`${name} delegation`)
  const seals = compartments.map(([kind, epoch]) => {
    const compartmentOf = { recordId: who.recordId, compartmentId: compartmentId(kind), epoch }
    const info = delegationSealInfo({ ...compartmentOf, delegationId, cardSealKey: card.seal.publicKey.bytes })
    return {
      ...sealedSecret(`${name} delegation`, card.seal, info, kind, epoch),
      id: compartmentOf.compartmentId,
      epoch,
    }
  })
  const payload: Delegation = {
    deployment,
    recordId: who.recordId,
    delegationId,
    card: { signKey: text64(card.sign.verifyKey.bytes), sealKey: text64(card.seal.publicKey.bytes) },
    may: ['give', 'revoke'],
    compartments: seals.map(({ id, epoch, sealed }) => ({ id, epoch, seal: hash(sealed) })),
    maxUntil: '2027-05-24T08:00:00.000Z' as Instant,
    t: at('08:52:00'),
    ...changes,
  }
  const text = await signByPatient(StatementTyp.delegation, payload, who)
  return { card, payload, seals, text, hash: hashOf(text), by: { sign: card.sign, hash: delegationId } }
}

export const kitSecret = (): Bytes => draw('kit secret', 16)
export const accountKey = (): Bytes => draw('account key', 32)
export const device = () => ({ exportKey: draw('opaque export key', 64), secret: draw('device secret', 32) })

/** A slot around the account key. */
export function makeSlot(name: string, recordId: RecordId, kind: Slot['kind'], key: Bytes): Slot {
  const place = { recordId, slotId: id<SlotId>(`${name} id`), kind, accountKeyVersion: 1, parameters: '' } as const
  const wrapped = boxWithSalt(key, slotInfo(place), accountKey(), draw(`${name} salt`, 32))
  const { slotId, accountKeyVersion, parameters } = place
  return { slotId, kind, accountKeyVersion, parameters, wrapped: text64(wrapped) }
}

export function kitSlot(recordId: RecordId): Slot {
  return makeSlot('kit slot', recordId, 'kit', kitSlotKey(kitSecret(), recordId))
}

export function deviceSlot(recordId: RecordId): Slot {
  const { exportKey, secret } = device()
  return makeSlot('device slot', recordId, 'device', deviceSlotKey(concat(exportKey, secret), recordId))
}

/** Seals a bundle: the salt is that of its version. */
export function closeBundle(bundle: Bundle): Bytes {
  const info = bundleInfo(bundle.recordId, bundle.version)
  return boxWithSalt(accountKey(), info, bundlePlaintext(bundle), draw(`bundle ${bundle.version} salt`, 32))
}

/** The secret of an epoch of a compartment. */
export function epochSecret(kind: string, epoch: number): SealSecretKey {
  return SealSecretKey.parse(draw(`${kind} epoch ${epoch}`, 32))
}
export const compartmentId = (kind: string): CompartmentId => id(`compartment ${kind}`)

/** A link, and what its box was closed with. */
export type LinkParts = Readonly<Record<'link' | 'key' | 'info' | 'salt', Bytes>>

/** The link that opens the epoch before. */
export function linkParts(recordId: RecordId, kind: string, epoch: number): LinkParts {
  const [next, previous] = [epochSecret(kind, epoch), epochSecret(kind, epoch - 1)]
  const previousLinkHash = epoch === 1 ? new Uint8Array(32) : sha256(linkParts(recordId, kind, epoch - 1).link)
  const info = linkInfo({
    recordId,
    compartmentId: compartmentId(kind),
    epoch,
    publicKey: next.publicKey.bytes,
    previousPublicKey: previous.publicKey.bytes,
    previousLinkHash,
  })
  const [key, salt] = [linkKey(next.bytes), draw(`${kind} link ${epoch} salt`, 32)]
  return { link: concat(previousLinkHash, boxWithSalt(key, info, previous.bytes, salt)), key, info, salt }
}

/** A compartment as a state names it. */
export function compartment(recordId: RecordId, kind: string, epoch: number): StateCompartment {
  return {
    id: compartmentId(kind),
    epoch,
    publicKey: text64(epochSecret(kind, epoch).publicKey.bytes),
    link: epoch === 0 ? null : text64(linkParts(recordId, kind, epoch).link),
  }
}

/** The doctor's grant: reads and deposits reports, deposits laboratory results; `epoch` that of the reports. */
export async function makeGrant(who: Patient, to: Doctor, epoch: number, t: Instant) {
  const grantId = id<GrantId>('grant')
  const seals: Bytes[] = []
  const entry = (kind: string, current: number, rights: Grant['compartments'][number]['rights']) => {
    const place = {
      recordId: who.recordId,
      compartmentId: compartmentId(kind),
      epoch: current,
      keyStatement: to.hash,
      grantId,
    }
    const secret = rights.includes('read') ? epochSecret(kind, current) : null
    const seed = draw(`grant seal ${kind} ${current}`, 64)
    const sealed = sealWithSeed(to.seal.publicKey, grantSealInfo(place), giftPlaintext({ name: kind, secret }), seed)
    seals.push(sealed)
    return { id: place.compartmentId, rights, epoch: current, seal: hash(sealed) }
  }
  const payload: Grant = {
    deployment,
    recordId: who.recordId,
    grantId,
    grantee: { kind: 'professional', id: to.payload.nationalId, keyStatement: to.hash },
    compartments: [entry('reports', epoch, ['read', 'deposit']), entry('laboratory', 0, ['deposit'])],
    until: '2027-05-24T08:00:00.000Z' as Instant,
    t,
  }
  const statement = await signByPatient(StatementTyp.grant, payload, who)
  const sealed: SealedGrant = { statement, seals: seals.map(text64) }
  return { payload, statement, hash: hashOf(statement), sealed }
}

/** The activation statement, with what stands beside it. */
export async function activation() {
  const who = await patient()
  const registration = await register('activation')
  const contact = { kind: 'mail', address: 'camille@example.fr' } as const
  const contactSalt = draw('contact salt', 32)
  const opaqueRecord = draw('opaque record', 192)
  const payload = {
    deployment,
    recordId: who.recordId,
    registration: registration.hash,
    opaque: hash(opaqueRecord),
    contact: text64(contactHash(contactSalt, contact)),
    t: at('08:10:00'),
  }
  const text = await cosignStatement(
    StatementTyp.activation,
    payload,
    ed25519Signer(registration.key, registration.hash),
    ed25519Signer(who.sign, who.hash),
  )
  return { registration, contact, contactSalt, opaqueRecord, payload, text, hash: hashOf(text) }
}

/** base64url read back. */
export const bytes64 = fromBase64url
