import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openGift, sealGift } from '../../src/client/grant-seal.ts'
import { delegationSealInfo } from '../../src/client/infos.ts'
import { fromBase64url, fromHex, toBase64url, toHex } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { delegationBehind, liesWithin, verifyDelegation } from '../../src/log/delegation.ts'
import { verifyGrant } from '../../src/log/grant.ts'
import type { CompartmentId, DelegationId, Hash, Instant } from '../../src/protocol/ids.ts'
import type { Delegation } from '../../src/protocol/statements.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'
import { makePatient, newId } from '../fixtures/document.ts'
import { type PersonGiven, personOf } from '../fixtures/person.ts'
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

interface Vector {
  readonly given: {
    readonly patient: PersonGiven
    readonly card: { readonly signSeed: string; readonly sealSeed: string }
    readonly compartmentId: CompartmentId
    readonly epoch: number
    readonly epochSecret: string
    readonly name: string
    readonly delegationId: DelegationId
    readonly seal: string
  }
  readonly recordId: string
  readonly info: string
  readonly delegation: string
  readonly delegationHash: Hash
  readonly refused: readonly { readonly why: string; readonly delegation: string; readonly code: string }[]
}

t.test('test/vectors/coffre/delegation.json, byte by byte', async t => {
  const file = join(import.meta.dirname, '../vectors/coffre/delegation.json')
  const vector = JSON.parse(readFileSync(file, 'utf8')) as Vector
  const { given } = vector
  const person = await personOf(given.patient)
  const cardSign = SigningKey.fromSeed(fromHex(given.card.signSeed))
  const cardSeal = SealSecretKey.parse(fromHex(given.card.sealSeed))
  t.equal(person.recordId, vector.recordId)
  const info = delegationSealInfo({
    recordId: person.recordId,
    compartmentId: given.compartmentId,
    epoch: given.epoch,
    delegationId: given.delegationId,
    cardSealKey: cardSeal.publicKey.bytes,
  })
  t.equal(toHex(info), vector.info)
  const sealed = fromBase64url(given.seal)
  const gift = openGift(cardSeal, info, sealed)
  t.equal(gift.name, given.name)
  t.equal(gift.secret && toHex(gift.secret.bytes), given.epochSecret)
  t.throws(() => openGift(SealSecretKey.generate(), info, sealed), { code: 'seal-open' })
  t.equal(sealGift(cardSeal.publicKey, info, gift).length, sealed.length)
  const payload: Delegation = {
    deployment: person.deployment,
    recordId: person.recordId,
    delegationId: given.delegationId,
    card: { signKey: toBase64url(cardSign.verifyKey.bytes), sealKey: toBase64url(cardSeal.publicKey.bytes) },
    may: ['give', 'revoke'],
    compartments: [{ id: given.compartmentId, epoch: given.epoch, seal: toBase64url(sha256(sealed)) as Hash }],
    maxUntil: '2027-11-24T08:00:00.000Z' as Instant,
    t: '2026-11-24T08:00:00.000Z' as Instant,
  }
  const text = await signStatement(
    StatementTyp.delegation,
    payload,
    ed25519Signer(person.signKey, person.identity.hash),
  )
  t.equal(text, vector.delegation)
  t.equal((await verifyDelegation(vector.delegation, person)).hash, vector.delegationHash)
  for (const { why, delegation, code } of vector.refused) {
    await t.rejects(verifyDelegation(delegation, person), { code }, why)
  }
  t.equal(vector.refused.length, 3)
  const page = readFileSync(join(import.meta.dirname, '../../docs/protocol/delegation.md'), 'utf8')
  for (const shown of [vector.recordId, vector.info, vector.delegationHash]) t.ok(page.includes(shown), shown)
  const elsewhere = { ...person, deployment: newId<typeof person.deployment>() }
  await t.rejects(verifyDelegation(vector.delegation, elsewhere), { code: 'statement-record' })
})
