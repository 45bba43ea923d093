/** Vectors of who is who: registration, identity, activation, key statement. */

import { contactHash } from '../../src/client/infos.ts'
import { fromBase64url } from '../../src/crypto/bytes.ts'
import { VerifyKey } from '../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { verifyActivation } from '../../src/log/activation.ts'
import { identityFingerprint, recordIdOf, verifyIdentity } from '../../src/log/identity.ts'
import { verifyRegistration } from '../../src/log/registration.ts'
import { type DeploymentId, Ins } from '../../src/protocol/ids.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'
import { anyOf, draw, type Format, hex, type Members, refused, text64, textOf, type VectorCase } from './vector-file.ts'
import {
  deployment,
  host,
  insurer,
  activation as makeActivation,
  patient,
  patientInsNumber,
  register,
} from './world.ts'

const other = (): DeploymentId => text64(draw('another deployment', 16)) as DeploymentId
const key64 = (member: string, given: Members) => VerifyKey.parse(fromBase64url(textOf(given, member)))

/** Verifies a registration as its user does. */
async function registrationOf(given: Members, shared: Members) {
  const registration = await verifyRegistration(textOf(given, 'registration'), {
    insurerKey: key64('insurerKey', shared),
    deployment: anyOf(shared, 'deployment'),
    purpose: anyOf(given, 'purpose'),
    person: { ins: Ins.parse(given.ins), salt: fromBase64url(textOf(given, 'salt')) },
    ...(given.usedAt === undefined ? {} : { usedAt: new Date(textOf(given, 'usedAt')) }),
  })
  return registration
}

const anchors = async (): Promise<Members> => ({ deployment, insurerKey: text64(insurer().verifyKey.bytes) })

export const registration: Format = {
  file: 'registration',
  page: 'registration.md',
  about:
    'Registrations, verified by who knows salt and INS; with usedAt, as for use at that time. writer: the insurer’s seed.',
  shared: anchors,
  async cases() {
    const opening = await register('opening')
    const given = { registration: opening.text, purpose: 'opening', ins: patientInsNumber, salt: text64(opening.salt) }
    const good: VectorCase = {
      name: 'an opening',
      writer: { insurerSeed: hex(insurer().seed) },
      given: { ...given, usedAt: '2026-11-24T08:05:00.000Z' },
      opens: { hash: opening.hash, key: opening.payload.key },
    }
    const activation = await register('activation', { supersedes: opening.hash })
    const bad = async (name: string, code: string, changes: Parameters<typeof register>[1]) => {
      const { text } = await register('opening', changes)
      return refused(name, code, good, { registration: text })
    }
    const signedBy = async (name: string, code: string, kid: string, by = insurer()) => {
      const text = await signStatement(StatementTyp.registration, opening.payload, ed25519Signer(by, kid))
      return refused(name, code, good, { registration: text })
    }
    const otherTyp = await signStatement(StatementTyp.receipt, opening.payload, ed25519Signer(insurer(), 'insurer'))
    return [
      good,
      { name: 'the same, for ever', given, opens: good.opens ?? {} },
      {
        name: 'an activation that supersedes another',
        given: {
          registration: activation.text,
          purpose: 'activation',
          ins: patientInsNumber,
          salt: text64(activation.salt),
        },
        opens: { hash: activation.hash, key: activation.payload.key },
      },
      refused('for the other purpose', 'registration-purpose', good, { purpose: 'activation' }),
      refused('another person’s', 'registration-subject', good, { ins: '0315466963029986519437' }),
      refused('another salt', 'registration-subject', good, { salt: text64(draw('another salt', 32)) }),
      refused('a salt of 31 bytes', 'registration-salt', good, { salt: text64(draw('another salt', 31)) }),
      refused('used when over', 'registration-expired', good, { usedAt: '2027-02-22T08:00:00.000Z' }),
      refused('used before', 'registration-not-yet-valid', good, { usedAt: '2026-11-24T07:57:59.000Z' }),
      await bad('another deployment', 'registration-deployment', { deployment: other() }),
      await bad('over before it begins', 'registration-dates', { expiresAt: opening.payload.issuedAt }),
      await bad('a key of 31 bytes', 'statement-form', { key: text64(draw('short key', 31)) }),
      await bad('another member', 'statement-form', { ins: patientInsNumber } as object),
      await signedBy('another signer', 'statement-signature', 'insurer', host()),
      await signedBy('another kid', 'registration-key-id', 'insurance'),
      refused('another typ', 'statement-type', good, { registration: otherTyp }),
    ]
  },
  async open(given, shared) {
    const { hash, payload } = await registrationOf(given, shared)
    return { hash, key: payload.key }
  },
}

/** The registration that comes with a case, verified. */
const registrationFor = (purpose: string, given: Members, shared: Members) =>
  registrationOf(
    { registration: given.registration ?? null, purpose, ins: given.ins ?? null, salt: given.salt ?? null },
    shared,
  )

export const identity: Format = {
  file: 'identity',
  page: 'identity.md',
  about: 'The patient’s identity, from the insurer’s key on. writer: seeds and nonce.',
  shared: anchors,
  async cases() {
    const { registration, payload, text, sign, seal, hash, recordId } = await patient()
    const fingerprint = identityFingerprint(await verified())
    async function verified() {
      const shared = await anchors()
      const given = { registration: registration.text, ins: patientInsNumber, salt: text64(registration.salt) }
      return verifyIdentity(text, { registration: await registrationFor('opening', given, shared) })
    }
    const good: VectorCase = {
      name: 'an identity',
      writer: { code: registration.code, signSeed: hex(sign.seed), sealSeed: hex(seal.bytes), nonce: payload.nonce },
      given: {
        registration: registration.text,
        ins: patientInsNumber,
        salt: text64(registration.salt),
        identity: text,
      },
      opens: { hash, recordId, fingerprint },
    }
    const signed = async (
      changes: object,
      first = registration.key,
      second = sign,
      kids: string[] = [registration.hash, 'self'],
    ) =>
      cosignStatement(
        StatementTyp.identity,
        { ...payload, ...changes },
        ed25519Signer(first, kids[0]),
        ed25519Signer(second, kids[1]),
      )
    const bad = async (name: string, code: string, statement: Promise<string>) =>
      refused(name, code, good, { identity: await statement })
    const alone = await signStatement(StatementTyp.identity, payload, ed25519Signer(sign, 'self'))
    const activation = await register('activation')
    return [
      good,
      await bad('the code did not sign', 'statement-signature', signed({}, host())),
      await bad('signKey did not sign', 'statement-signature', signed({}, registration.key, host())),
      refused('one signature', 'statement-signatures', good, { identity: alone }),
      await bad('another registration', 'identity-registration', signed({ registration: activation.hash })),
      await bad('another deployment', 'identity-registration', signed({ deployment: other() })),
      await bad('first kid', 'identity-key-id', signed({}, registration.key, sign, [activation.hash, 'self'])),
      await bad('second kid', 'identity-key-id', signed({}, registration.key, sign, [registration.hash, 'me'])),
      await bad('signKey of small order', 'key-malformed', signed({ signKey: text64(new Uint8Array(32)) })),
      await bad('a nonce of 15 bytes', 'statement-form', signed({ nonce: text64(draw('nonce', 15)) })),
      refused('halves swapped', 'statement-malformed', good, { identity: text.split('~').reverse().join('~') }),
    ]
  },
  async open(given, shared) {
    const registration = await registrationFor('opening', given, shared)
    const verified = await verifyIdentity(textOf(given, 'identity'), { registration })
    return { hash: verified.hash, recordId: recordIdOf(verified), fingerprint: identityFingerprint(verified) }
  },
}

export const activation: Format = {
  file: 'activation',
  page: 'activation.md',
  about: 'The activation, with the identity it belongs to; contact and OPAQUE record as the host gets them beside it.',
  async shared() {
    const { registration, text } = await patient()
    return {
      ...(await anchors()),
      ins: patientInsNumber,
      opening: registration.text,
      openingSalt: text64(registration.salt),
      identity: text,
    }
  },
  async cases() {
    const who = await patient()
    const { registration, contact, contactSalt, opaqueRecord, payload, text, hash } = await makeActivation()
    const good: VectorCase = {
      name: 'an activation',
      writer: { code: registration.code, signSeed: hex(who.sign.seed), contactSalt: text64(contactSalt) },
      given: {
        registration: registration.text,
        salt: text64(registration.salt),
        activation: text,
        contact,
        contactSalt: text64(contactSalt),
        opaqueRecord: text64(opaqueRecord),
      },
      opens: { hash, contact: payload.contact, opaque: payload.opaque },
    }
    const signed = async (
      changes: object,
      first = registration.key,
      second = who.sign,
      kids: string[] = [registration.hash, who.hash],
    ) =>
      cosignStatement(
        StatementTyp.activation,
        { ...payload, ...changes },
        ed25519Signer(first, kids[0]),
        ed25519Signer(second, kids[1]),
      )
    const bad = async (name: string, code: string, statement: Promise<string>) =>
      refused(name, code, good, { activation: await statement })
    return [
      good,
      await bad('the code did not sign', 'statement-signature', signed({}, host())),
      await bad('the identity did not sign', 'statement-signature', signed({}, registration.key, host())),
      await bad('another registration', 'activation-registration', signed({ registration: who.registration.hash })),
      await bad('another deployment', 'activation-registration', signed({ deployment: other() })),
      await bad('another record', 'activation-record', signed({ recordId: text64(draw('another record', 16)) })),
      await bad('second kid', 'activation-record', signed({}, registration.key, who.sign, [registration.hash, 'self'])),
    ]
  },
  async open(given, shared) {
    const opening = await registrationFor(
      'opening',
      { registration: shared.opening ?? null, ins: shared.ins ?? null, salt: shared.openingSalt ?? null },
      shared,
    )
    const identity = await verifyIdentity(textOf(shared, 'identity'), { registration: opening })
    const registration = await registrationFor('activation', { ...given, ins: shared.ins ?? null }, shared)
    const { hash, payload } = await verifyActivation(textOf(given, 'activation'), {
      registration,
      identity,
      recordId: recordIdOf(identity),
    })
    const salt = fromBase64url(textOf(given, 'contactSalt'))
    return { hash, contact: text64(contactHash(salt, anyOf(given, 'contact'))), opaque: payload.opaque }
  },
}
