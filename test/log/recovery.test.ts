import t from 'tap'
import { SigningKey } from '../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import {
  byHandover,
  byRecovery,
  checkCovered,
  RECOVERY_WAIT_MS,
  verifyHandover,
  verifyRecovery,
} from '../../src/log/recovery.ts'
import type { CompartmentId } from '../../src/protocol/ids.ts'
import { type Recovery, StatementTyp } from '../../src/protocol/statements.ts'
import { AT, makeAuthor, makePatient, newId } from '../fixtures/document.ts'
import { anyHash, DAY_1, makeVerifiedGrant, stateInForce } from '../fixtures/states.ts'

const patient = await makePatient()
const { deployment, recordId, identity } = patient
const next = await makePatient(deployment, patient)
const { byCard, cardContext, key, signKey: working } = await makeAuthor(deployment)
const context = { deployment, recordId, identity, next: next.identity, key, ...cardContext }
const payload: Recovery = {
  deployment,
  recordId,
  from: identity.hash,
  to: next.identity.hash,
  t: DAY_1,
  compartments: [{ id: newId(), epoch: 3, seal: anyHash() }],
}
const make = (
  changes: Partial<Recovery> = {},
  second = ed25519Signer(working, key.hash),
  first: Parameters<typeof cosignStatement>[2] = byCard,
) => cosignStatement(StatementTyp.recovery, { ...payload, ...changes }, first, second)

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

const signedHandover = (changes: object = {}, by = patient.signKey) => {
  const handover = { deployment, recordId, from: identity.hash, to: next.identity.hash, t: DAY_1, ...changes }
  return signStatement(StatementTyp.handover, handover, ed25519Signer(by, identity.hash))
}

t.test('a handover is the old identity’s own', async t => {
  const record = { deployment, recordId, identity, next: next.identity }
  const handover = await verifyHandover(await signedHandover(), record)
  t.match(byHandover(handover), { from: identity.hash, to: next.identity.hash })
  const sign = signedHandover
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
  const recovery = await verifyRecovery(await make(), context)
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
