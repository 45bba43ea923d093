import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openSoftwareCard } from '../../src/client/cards/software-card.ts'
import { openGift } from '../../src/client/grant-seal.ts'
import { recoverySealInfo } from '../../src/client/infos.ts'
import { fromBase64, fromBase64url, fromHex, toBase64url, toHex } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { parseCertificate, parseCrl } from '../../src/crypto/x509.ts'
import { verifyKeyStatement } from '../../src/log/key-statement.ts'
import {
  byHandover,
  byRecovery,
  checkCovered,
  RECOVERY_WAIT_MS,
  verifyHandover,
  verifyRecovery,
} from '../../src/log/recovery.ts'
import type { CompartmentId, Hash } from '../../src/protocol/ids.ts'
import { type Recovery, StatementTyp } from '../../src/protocol/statements.ts'
import { AT, makePatient, newId } from '../fixtures/document.ts'
import { type PersonGiven, personOf } from '../fixtures/person.ts'
import { anyHash, DAY_1, makeVerifiedGrant, stateInForce } from '../fixtures/states.ts'

interface Vector {
  readonly given: {
    readonly patient: PersonGiven
    readonly next: PersonGiven
    readonly card: { readonly chainPem: string; readonly keyPem: string; readonly pin: string }
    readonly cardAuthority: string
    readonly crls: readonly string[]
    readonly workingKey: { readonly signSeed: string; readonly sealSeed: string }
    readonly compartmentId: CompartmentId
    readonly epoch: number
    readonly epochSecret: string
    readonly name: string
    readonly seal: string
  }
  readonly recordId: string
  readonly from: Hash
  readonly to: Hash
  readonly handover: string
  readonly keyStatement: string
  readonly info: string
  readonly recovery: string
  readonly recoveryHash: Hash
}
const file = join(import.meta.dirname, '../vectors/coffre/recovery.json')
const vector = JSON.parse(readFileSync(file, 'utf8')) as Vector
const { given } = vector
const patient = await personOf(given.patient)
const next = await personOf(given.next, patient)
const card = openSoftwareCard(given.card)
const cardContext = {
  cardAuthorities: [parseCertificate(given.cardAuthority)],
  crls: given.crls.map(der => parseCrl(fromBase64(der))),
  at: AT,
}
const working = SigningKey.fromSeed(fromHex(given.workingKey.signSeed))
const { deployment, recordId, identity } = patient
const key = await verifyKeyStatement(vector.keyStatement, { deployment, ...cardContext })
const context = { deployment, recordId, identity, next: next.identity, key, ...cardContext }
const byCard = {
  alg: 'RS256',
  x5c: card.certificates.map(({ der }) => der.toBase64()),
  sign: (bytes: Uint8Array) => card.sign(bytes, 'RS256'),
} as const
const sealed = fromBase64url(given.seal)
const payload: Recovery = {
  deployment,
  recordId,
  from: identity.hash,
  to: next.identity.hash,
  t: DAY_1,
  compartments: [{ id: given.compartmentId, epoch: given.epoch, seal: toBase64url(sha256(sealed)) as Hash }],
}
const make = (
  changes: Partial<Recovery> = {},
  second = ed25519Signer(working, key.hash),
  first: Parameters<typeof cosignStatement>[2] = byCard,
) => cosignStatement(StatementTyp.recovery, { ...payload, ...changes }, first, second)

t.test('test/vectors/coffre/recovery.json, byte by byte', async t => {
  t.equal(recordId, vector.recordId)
  t.equal(identity.hash, vector.from)
  t.equal(next.identity.hash, vector.to)
  const from = { deployment, recordId, from: identity.hash, to: next.identity.hash, t: DAY_1 }
  const handover = await signStatement(StatementTyp.handover, from, ed25519Signer(patient.signKey, identity.hash))
  t.equal(handover, vector.handover)
  t.equal(await make(), vector.recovery)
  t.equal((await verifyRecovery(vector.recovery, context)).hash, vector.recoveryHash)
  const { compartmentId, epoch } = given
  const info = recoverySealInfo({ recordId, compartmentId, epoch, from: vector.from, to: vector.to })
  t.equal(toHex(info), vector.info)
  const gift = openGift(SealSecretKey.parse(fromHex(given.next.sealSeed)), info, sealed)
  t.equal(gift.name, given.name)
  const page = readFileSync(join(import.meta.dirname, '../../docs/protocol/recovery.md'), 'utf8')
  for (const shown of [vector.from, vector.to, vector.info, vector.recoveryHash]) t.ok(page.includes(shown), shown)
  t.equal(gift.secret && toHex(gift.secret.bytes), given.epochSecret)
})

t.test('a recovery is a professional’s card and working key, over these two identities', async t => {
  const stranger = SigningKey.generate()
  const another = await makePatient(deployment, patient)
  const twice = { compartments: [payload.compartments[0], payload.compartments[0]] } as Partial<Recovery>
  const attempts: [string, Promise<string>, string][] = [
    ['another working key', make({}, ed25519Signer(stranger, key.hash)), 'statement-signature'],
    ['under another name', make({}, ed25519Signer(working, 'self')), 'statement-record'],
    ['by no card', make({}, undefined, ed25519Signer(stranger)), 'key-certificate'],
    ['of another record', make({ recordId: newId() }), 'statement-record'],
    ['for another installation', make({ deployment: newId() }), 'statement-record'],
    ['from another identity', make({ from: anyHash() }), 'recovery-identity'],
    ['to another identity', make({ to: another.identity.hash }), 'recovery-identity'],
    ['a compartment twice', make(twice), 'recovery-compartments'],
    [
      'a handover',
      signStatement(StatementTyp.handover, payload, ed25519Signer(patient.signKey, identity.hash)),
      'key-certificate',
    ],
  ]
  for (const [what, text, code] of attempts) await t.rejects(verifyRecovery(await text, context), { code }, what)
  const follows = { ...context, next: (await makePatient(deployment)).identity }
  await t.rejects(verifyRecovery(await make({ to: follows.next.hash }), follows), { code: 'recovery-identity' })
  const colleague = { ...key, payload: { ...key.payload, nationalId: '810000000025' as typeof key.payload.nationalId } }
  await t.rejects(verifyRecovery(await make(), { ...context, key: colleague }), { code: 'recovery-holder' })
  const hospital = { ...key, payload: { ...key.payload, kind: 'establishment' as const } }
  await t.rejects(verifyRecovery(await make(), { ...context, key: hospital }), { code: 'recovery-holder' })
  const later = new Date(AT.getTime() + 30 * 86_400_000)
  await t.rejects(verifyRecovery(await make(), { ...context, at: later }), /./, 'lists past their next update')
})

t.test('a handover is the old identity’s own', async t => {
  const record = { deployment, recordId, identity, next: next.identity }
  const handover = await verifyHandover(vector.handover, record)
  t.match(byHandover(handover), { from: identity.hash, to: next.identity.hash })
  const sign = (changes: object, by = patient.signKey) =>
    signStatement(StatementTyp.handover, { ...handover.payload, ...changes }, ed25519Signer(by, identity.hash))
  await t.rejects(verifyHandover(await sign({}, next.signKey), record), { code: 'statement-signature' })
  await t.rejects(verifyHandover(await sign({ to: anyHash() }), record), { code: 'recovery-identity' })
  await t.rejects(verifyHandover(await sign({ from: anyHash() }), record), { code: 'recovery-identity' })
})

t.test('what a professional may re-seal', async t => {
  const { previous, reports, imaging, masked, doctor } = await stateInForce(await makePatient())
  const state = previous.state.payload
  const grant = doctor.payload
  const of = (id: CompartmentId, epoch: number) => ({ ...payload, compartments: [{ id, epoch, seal: anyHash() }] })
  checkCovered(of(reports, 2), { grant, state })
  t.throws(() => checkCovered(of(reports, 1), { grant, state }), { code: 'recovery-epoch' })
  t.throws(() => checkCovered(of(imaging, 0), { grant, state }), { code: 'recovery-right' }, 'only to deposit there')
  t.throws(() => checkCovered(of(masked, 0), { grant, state }), { code: 'recovery-right' })
  const none = await makeVerifiedGrant(await makePatient(), {
    compartments: [{ id: masked, rights: ['deposit'], epoch: 0, seal: anyHash() }],
  })
  t.throws(() => checkCovered(of(reports, 2), { grant: none.payload, state }), { code: 'recovery-right' })
})

t.test('a recovery counts after 72 hours, unless a device stopped it', async t => {
  const recovery = await verifyRecovery(vector.recovery, context)
  const startedAt = AT
  const after = (ms: number) => new Date(AT.getTime() + ms)
  const warrant = byRecovery(recovery, { startedAt, at: after(RECOVERY_WAIT_MS), stopped: false })
  t.match(warrant, { from: identity.hash, to: next.identity.hash })
  t.equal(RECOVERY_WAIT_MS, 72 * 3600 * 1000)
  t.throws(() => byRecovery(recovery, { startedAt, at: after(RECOVERY_WAIT_MS - 1), stopped: false }), {
    code: 'recovery-early',
  })
  t.throws(() => byRecovery(recovery, { startedAt, at: after(9 * RECOVERY_WAIT_MS), stopped: true }), {
    code: 'recovery-stopped',
  })
})
