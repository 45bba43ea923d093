/** Vectors of what lets a new identity follow: the old one’s handover, or a professional’s recovery. */
import { recoverySealInfo } from '../../src/client/infos.ts'
import { fromBase64, fromBase64url } from '../../src/crypto/bytes.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { SigningKey, VerifyKey } from '../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, type Signer } from '../../src/crypto/statement.ts'
import { parseCertificate, parseCrl } from '../../src/crypto/x509.ts'
import { verifyGrant } from '../../src/log/grant.ts'
import { verifyIdentity } from '../../src/log/identity.ts'
import { verifyKeyStatement } from '../../src/log/key-statement.ts'
import { byHandover, byRecovery, checkCovered, verifyHandover, verifyRecovery } from '../../src/log/recovery.ts'
import { verifyRegistration } from '../../src/log/registration.ts'
import { verifyState } from '../../src/log/state-chain.ts'
import type { Ins } from '../../src/protocol/ids.ts'
import { type Recovery, StatementTyp } from '../../src/protocol/statements.ts'
import { some } from './altered-state.ts'
import { readCards } from './cards.ts'
import { flipped64, verifiedIdentity } from './keys.ts'
import { openSeals } from './seals.ts'
import { story } from './story.ts'
import {
  anyOf,
  bytesOf,
  draw,
  type Format,
  hex,
  type Json,
  type Members,
  refused,
  text64,
  textOf,
  type VectorCase,
} from './vector-file.ts'
import {
  at,
  compartmentId,
  deployment,
  epochSecret,
  hash,
  hashOf,
  host,
  insurer,
  nextPatient,
  type Patient,
  patientInsNumber,
  sealedSecret,
  signByPatient,
} from './world.ts'

const T = at('09:00:00')
const STARTED = at('09:00:05')
const DUE = '2026-11-27T09:00:05.000Z'

/** An identity with what it is verified by. */
const shown = ({ text, registration }: Patient): Members => ({
  identity: text,
  registration: registration.text,
  salt: text64(registration.salt),
})

export const recovery: Format = {
  file: 'recovery',
  page: 'recovery.md',
  about:
    'A handover, or a recovery with its seals and its course: whether it lets the identity `next` follow `shared.identity`. given.grant and state: the professional’s, in force. writer.cardKey: card.json.',
  async shared() {
    const { patient, doctor } = await story()
    return {
      deployment,
      recordId: patient.recordId,
      identity: patient.text,
      insurerKey: text64(insurer().verifyKey.bytes),
      ins: patientInsNumber,
      authorities: [doctor.card.file.authority, ...readCards().file.authorities],
      nextSealSecret: hex((await nextPatient()).seal.bytes),
    }
  },
  async cases() {
    const { patient, doctor, grants, states } = await story()
    const next = await nextPatient()
    const { recordId } = patient
    const place = { deployment, recordId, from: patient.hash, to: next.hash, t: T }
    const handed = (changes: object = {}, by: Patient = patient) =>
      signByPatient(StatementTyp.handover, { ...place, ...changes }, by)
    const handover: VectorCase = {
      name: 'a handover',
      writer: { signSeed: hex(patient.sign.seed) },
      given: { next: shown(next), handover: await handed() },
      opens: { hash: hashOf(await handed()), from: patient.hash, to: next.hash },
    }

    const reports = compartmentId('reports')
    const info = recoverySealInfo({ recordId, compartmentId: reports, epoch: 1, from: place.from, to: place.to })
    const { seed, sealed } = sealedSecret('recovery', next.seal, info, 'reports', 1)
    const covers = { id: reports, epoch: 1, seal: hash(sealed) }
    const payload: Recovery = { ...place, compartments: [covers] }
    const make = (
      changes: object = {},
      first: Signer = doctor.card.signer,
      second = doctor.sign,
      kid: string = doctor.hash,
    ) => cosignStatement(StatementTyp.recovery, { ...payload, ...changes }, first, ed25519Signer(second, kid))
    const good: VectorCase = {
      name: 'a recovery',
      writer: { cardKey: 'card.json', signSeed: hex(doctor.sign.seed), encapsulation: hex(seed), info: hex(info) },
      given: {
        next: shown(next),
        recovery: await make(),
        keyStatement: doctor.text,
        crls: [...doctor.card.file.crls],
        seals: [text64(sealed)],
        grant: grants.second.statement,
        state: states.masked.text,
        course: { startedAt: STARTED, at: DUE, stopped: false },
      },
      opens: {
        hash: hashOf(await make()),
        from: patient.hash,
        to: next.hash,
        compartments: [{ id: reports, name: 'reports', secret: hex(epochSecret('reports', 1).bytes) }],
      },
    }
    const bad = async (name: string, code: string, text: Promise<string>, changes: Members = {}) =>
      refused(name, code, good, { recovery: await text, ...changes })
    const course = (name: string, code: string, changes: object) =>
      refused(name, code, good, { course: { ...(good.given.course as object), ...changes } as Json })
    const stranger = SigningKey.fromSeed(draw('stranger', 32))
    const unfollowing = await unnamed()
    const house = await establishmentKey()
    const other = (name: string) => text64(draw(name, 16))
    return [
      handover,
      refused('a handover the new identity signed', 'statement-signature', handover, {
        handover: await handed({}, { ...patient, sign: next.sign }),
      }),
      refused('a handover from another identity', 'recovery-identity', handover, {
        handover: await handed({ from: some('identity') }),
      }),
      refused('a handover to another identity', 'recovery-identity', handover, {
        handover: await handed({ to: some('identity') }),
      }),
      refused('a handover of another record', 'statement-record', handover, {
        handover: await handed({ recordId: other('another record') }),
      }),
      refused('a handover to one that names none before it', 'recovery-identity', handover, {
        next: shown(unfollowing),
        handover: await handed({ to: unfollowing.hash }),
      }),
      good,
      await bad('another working key', 'statement-signature', make({}, undefined, stranger)),
      await bad(
        'not signed by the card',
        'statement-signature',
        make({}, { ...doctor.card.signer, sign: bytes => draw(`${bytes.length}`, 256) }),
      ),
      await bad('second kid', 'statement-record', make({}, undefined, undefined, 'self')),
      await bad('no card', 'key-certificate', make({}, ed25519Signer(stranger))),
      await bad('another record', 'statement-record', make({ recordId: other('another record') })),
      await bad('another deployment', 'statement-record', make({ deployment: other('another deployment') })),
      await bad('from another identity', 'recovery-identity', make({ from: some('identity') })),
      await bad('to another identity', 'recovery-identity', make({ to: some('identity') })),
      await bad('to one that names none before it', 'recovery-identity', make({ to: unfollowing.hash }), {
        next: shown(unfollowing),
      }),
      await bad('another professional’s card', 'recovery-holder', make({}, readCards().signer('adeli')), {
        crls: [...doctor.card.file.crls, ...readCards().card('adeli').crls],
      }),
      await bad(
        'an establishment',
        'recovery-holder',
        make({}, readCards().signer('establishment'), house.sign, hashOf(house.text)),
        { keyStatement: house.text, crls: [...readCards().card('establishment').crls] },
      ),
      await bad('a compartment twice', 'recovery-compartments', make({ compartments: [covers, covers] }), {
        seals: [text64(sealed), text64(sealed)],
      }),
      await bad('no compartment', 'statement-form', make({ compartments: [] })),
      await bad(
        'a compartment that the grant lets not read',
        'recovery-right',
        make({ compartments: [{ ...covers, id: compartmentId('laboratory'), epoch: 0 }] }),
      ),
      await bad(
        'a compartment of no grant',
        'recovery-right',
        make({ compartments: [{ ...covers, id: compartmentId('masked'), epoch: 0 }] }),
      ),
      await bad('an epoch that is over', 'recovery-epoch', make({ compartments: [{ ...covers, epoch: 0 }] })),
      refused('the card revoked before', 'certificate-revoked', good, { crls: [...doctor.card.file.crlsRevoked] }),
      refused('no lists', 'crl-missing', good, { crls: [] }),
      refused('a seal altered', 'grant-seal', good, { seals: [flipped64(text64(sealed), 5)] }),
      refused('a seal missing', 'grant-seal', good, { seals: [] }),
      course('one millisecond before 72 hours', 'recovery-early', { at: '2026-11-27T09:00:04.999Z' }),
      course('stopped by an old device', 'recovery-stopped', { stopped: true, at: '2026-12-24T09:00:00.000Z' }),
      refused('a handover by a stranger', 'statement-signature', handover, {
        handover: await handed({}, { ...patient, sign: host() }),
      }),
    ]
  },
  open,
}

/** An identity of the same letter that follows nobody. */
async function unnamed(): Promise<Patient> {
  const next = await nextPatient()
  const payload = { ...next.payload, prevIdentity: null }
  const { registration, sign } = next
  const text = await cosignStatement(
    StatementTyp.identity,
    payload,
    ed25519Signer(registration.key, registration.hash),
    ed25519Signer(sign, 'self'),
  )
  return { ...next, payload, text, hash: hashOf(text) }
}

/** An establishment's working key. */
async function establishmentKey() {
  const { doctor } = await story()
  const sign = SigningKey.fromSeed(draw('establishment sign', 32))
  const payload = {
    ...doctor.payload,
    kind: 'establishment',
    nationalId: '1690000012',
    signKey: text64(sign.verifyKey.bytes),
  }
  const card = readCards().signer('establishment')
  return { sign, text: await cosignStatement(StatementTyp.key, payload, card, ed25519Signer(sign, 'self')) }
}

async function open(given: Members, shared: Members): Promise<Members> {
  const record = {
    deployment: anyOf<typeof deployment>(shared, 'deployment'),
    recordId: anyOf<Patient['recordId']>(shared, 'recordId'),
    identity: await verifiedIdentity(),
  }
  const told = given.next as Members
  const registration = await verifyRegistration(textOf(told, 'registration'), {
    insurerKey: VerifyKey.parse(fromBase64url(textOf(shared, 'insurerKey'))),
    deployment: record.deployment,
    purpose: 'opening',
    person: { ins: anyOf<Ins>(shared, 'ins'), salt: fromBase64url(textOf(told, 'salt')) },
  })
  const next = await verifyIdentity(textOf(told, 'identity'), { registration })
  if (given.handover !== undefined) {
    const verified = await verifyHandover(textOf(given, 'handover'), { ...record, next })
    const { from, to } = byHandover(verified)
    return { hash: verified.hash, from, to }
  }
  const cards = {
    cardAuthorities: anyOf<string[]>(shared, 'authorities').map(der => parseCertificate(der)),
    crls: (given.crls as string[]).map(list => parseCrl(fromBase64(list))),
    at: new Date(T),
  }
  const key = await verifyKeyStatement(textOf(given, 'keyStatement'), { deployment: record.deployment, ...cards })
  const verified = await verifyRecovery(textOf(given, 'recovery'), { ...record, next, key, ...cards })
  const grant = await verifyGrant(textOf(given, 'grant'), record)
  const state = await verifyState(textOf(given, 'state'), record)
  checkCovered(verified.payload, { grant: grant.payload, state: state.payload })
  const { from, to, compartments: named } = verified.payload
  const compartments = openSeals(named, anyOf(given, 'seals'), {
    key: SealSecretKey.parse(bytesOf(shared, 'nextSealSecret')),
    infoOf: ({ id, epoch }) => recoverySealInfo({ recordId: record.recordId, compartmentId: id, epoch, from, to }),
  })
  const { startedAt, at: now, stopped } = anyOf<{ startedAt: string; at: string; stopped: boolean }>(given, 'course')
  byRecovery(verified, { startedAt: new Date(startedAt), at: new Date(now), stopped })
  return { hash: verified.hash, from, to, compartments }
}
