import t from 'tap'
import { toBase64url } from '../../src/crypto/bytes.ts'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { delegationBehind, liesWithin, verifyDelegation } from '../../src/log/delegation.ts'
import { verifyGrant } from '../../src/log/grant.ts'
import type { Instant } from '../../src/protocol/ids.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'
import { makePatient } from '../fixtures/document.ts'
import { anyHash, makeCard, makeCardGrant, makeVerifiedGrant, stateInForce } from '../fixtures/states.ts'

const patient = await makePatient()
const { previous, imaging, masked, card, nurse, doctor } = await stateInForce(patient)

t.test('a delegation is the patient’s, of this record, and names a compartment once', async t => {
  const { delegation, signKey } = card
  t.equal((await verifyDelegation(delegation.text, patient)).hash, delegation.hash)
  const other = await makePatient(patient.deployment)
  await t.rejects(verifyDelegation(delegation.text, other), { code: 'statement-signature' })
  await t.rejects(verifyDelegation(delegation.text, { ...patient, recordId: other.recordId }), {
    code: 'statement-record',
  })
  const byItself = ed25519Signer(signKey, patient.identity.hash)
  const forged = await signStatement(StatementTyp.delegation, { ...delegation.payload, may: ['give'] }, byItself)
  await t.rejects(verifyDelegation(forged, patient), { code: 'statement-signature' })
  const twice = { compartments: [0, 1].map(() => ({ id: imaging, epoch: 0, seal: anyHash() })) }
  await t.rejects(makeCard(patient, twice), { code: 'delegation-compartments' })
  const smallOrder = {
    ...twice,
    compartments: twice.compartments.slice(1),
    card: { ...delegation.payload.card, signKey: toBase64url(new Uint8Array(32)) },
  }
  await t.rejects(makeCard(patient, smallOrder), { code: 'key-malformed' })
})

t.test('a grant that a card signed counts only with its delegation at hand', async t => {
  t.equal((await verifyGrant(nurse.text, { ...patient, delegations: [card.delegation] })).hash, nurse.hash)
  await t.rejects(verifyGrant(nurse.text, patient), { code: 'statement-signature' })
  const other = await makeCard(patient, {
    delegationId: card.delegation.payload.delegationId,
    compartments: [{ id: imaging, epoch: 0, seal: anyHash() }],
  })
  await t.rejects(verifyGrant(nurse.text, { ...patient, delegations: [other.delegation] }), {
    code: 'statement-signature',
  })
  t.equal(delegationBehind(nurse, previous)?.hash, card.delegation.hash)
  t.equal(delegationBehind(doctor, previous), null)
})

t.test('what lies within a delegation', async t => {
  const { delegation } = card
  t.ok(liesWithin(delegation, nurse.payload))
  const until = '2036-11-24T08:00:00.000Z' as Instant
  t.notOk(liesWithin(delegation, (await makeCardGrant(patient, card, { ...nurse.payload, until })).payload))
  const compartments = [{ id: masked, rights: ['read' as const], epoch: 0, seal: anyHash() }]
  t.notOk(liesWithin(delegation, (await makeVerifiedGrant(patient, { compartments })).payload))
})
