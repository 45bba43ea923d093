import t from 'tap'
import { hashText } from '../../../src/client/grant-seal.ts'
import { nextBundle } from '../../../src/client/patient/change.ts'
import { readView, unlock } from '../../../src/client/patient/view.ts'
import { acceptState } from '../../../src/client/seen.ts'
import { fromBase64url, randomBytes, toBase64url } from '../../../src/crypto/bytes.ts'
import { AccountKey, KitSecret } from '../../../src/crypto/keys.ts'
import { proveLeaf } from '../../../src/log/sets.ts'
import type { CompartmentId, Ins, Instant } from '../../../src/protocol/ids.ts'
import type { Grant } from '../../../src/protocol/statements.ts'
import { flipped } from '../../fixtures/document.ts'
import { makeRecord } from '../../fixtures/record.ts'
import { anyHash, makeCard, makeCardGrant, successor } from '../../fixtures/states.ts'

t.test('what a host serves as the state is held against what the patient signed and saw', async t => {
  const record = await makeRecord()
  const { trust, accountKey, answer } = record
  const { patient } = record.view
  const read = (served: object, seen = record.seen) =>
    readView({ ...answer, ...served }, { trust, patient, accountKey, seen })
  t.equal((await read({})).view.state.payload.seq, 0)

  const other = await makeRecord()
  await t.rejects(read({ state: other.answer.state }), { name: 'CryptoError' }, 'another patient’s state')
  await t.rejects(read({ sets: other.answer.sets }), { code: 'record-state' }, 'other sets')
  await t.rejects(read({ bundle: flipped(answer.bundle, 100) }), { code: 'bundle-hash' }, 'an altered bundle')
  await t.rejects(read({ sets: { ...answer.sets, blocked: ['810000000017'] } }), { code: 'record-state' }, 'a set more')

  await t.test('an older state, or another of the same number', async t => {
    const old = answer
    await record.apply({ action: 'account.activate', device: slot(), bundle: nextBundle(record.seen, record.view) })
    t.equal(record.view.state.payload.seq, 1)
    await t.rejects(readView(old, { trust, patient, accountKey, seen: record.seen }), { code: 'state-rolled-back' })
    const forked = { ...record.seen, state: { seq: 1, hash: other.view.state.hash } }
    t.throws(() => acceptState(forked, record.view.state), { code: 'state-forked' })
    const another = AccountKey.generate()
    await t.rejects(readView(record.answer, { trust, patient, accountKey: another, seen: record.seen }), {
      code: 'box-open',
    })
  })

  function slot() {
    const [kit] = record.opening.request.slots
    return { ...(kit as NonNullable<typeof kit>), slotId: 'AAAAAAAAAAAAAAAAAAAAAA' as never }
  }
})

t.test('delegations are served with the state, and a grant that a card gave counts within its own', async t => {
  const { view, answer, trust, accountKey, seen } = await makeRecord()
  const { patient } = view
  const who = { deployment: trust.anchors.deployment, ...patient, signKey: view.sign }
  const id = view.state.payload.compartments[0]?.id as CompartmentId
  const card = await makeCard(who, { compartments: [{ id, epoch: 0, seal: anyHash() }] })
  const delegated = await successor(who, view, {
    sets: { delegations: [card.delegation.hash] },
    delegations: [card.delegation],
  })
  const read = (served: object) => readView({ ...answer, ...served }, { trust, patient, accountKey, seen })
  const first = { state: delegated.state.text, sets: delegated.sets, delegations: [card.delegation.text] }
  t.same([...(await read(first)).view.delegations.keys()], [card.delegation.hash])
  await t.rejects(read({ ...first, delegations: [] }), { code: 'record-state' }, 'withheld')
  const other = await makeCard(who, { compartments: [{ id, epoch: 0, seal: anyHash() }] })
  await t.rejects(read({ ...first, delegations: [other.delegation.text] }), { code: 'record-state' }, 'another one')

  const seal = toBase64url(randomBytes(1200))
  const give = async (changes: Partial<Grant> = {}) => {
    const compartments = [{ id, rights: ['deposit' as const], epoch: 0, seal: hashText(fromBase64url(seal)) }]
    const grant = await makeCardGrant(who, card, { compartments, ...changes })
    const next = await successor(who, delegated, { card, sets: { grants: [grant.hash] }, grants: [grant] })
    const proof = proveLeaf(delegated.sets, 'delegations', card.delegation.hash)
    const byCard = { delegation: card.delegation.text, proof, before: [first.state], sets: [first.sets] }
    return {
      ...{ ...first, state: next.state.text, sets: next.sets, byCard },
      grants: [{ statement: grant.text, seals: [seal] }],
    }
  }
  t.equal((await read(await give())).view.grants.size, 1)
  await t.rejects(read({ ...(await give()), byCard: undefined }), { code: 'statement-signature' })
  const longer = await give({ until: '2036-11-24T08:00:00.000Z' as Instant })
  await t.rejects(read(longer), { code: 'state-sets' }, 'for longer than the card may')
})

t.test('unlocking with the kit', async t => {
  const record = await makeRecord()
  const { trust, ins, opening, kit, answer } = record
  const keys = {
    ...opening.request,
    registration: opening.registration,
    registrationSalt: opening.registrationSalt,
    recordId: record.view.patient.recordId,
    state: answer.state,
    sets: answer.sets,
    bundle: answer.bundle,
  }
  const opener = { kind: 'kit', kit: kit.secret } as const
  const open = (change: object = {}, who: Ins = ins, by: typeof opener = opener) =>
    unlock({ trust, ins: who, keys: { ...keys, ...change }, seen: record.seen, opener: by })
  t.same((await open()).unlocked.bundle, record.view.bundle)

  const other = await makeRecord()
  await t.rejects(open({ identity: other.opening.request.identity }), { name: /Error/ }, 'another’s identity')
  await t.rejects(open({ recordId: other.view.patient.recordId }), { code: 'record-identity' })
  await t.rejects(open({}, '9999999999999999999942' as Ins), { code: 'registration-subject' }, 'another INS')
  await t.rejects(open({}, ins, { kind: 'kit', kit: KitSecret.generate() }), { code: 'slot-open' })
  await t.rejects(open({ slots: other.opening.request.slots }), { code: 'slot-unknown' })
  await t.rejects(
    open({ registration: other.opening.registration }),
    { name: 'CryptoError' },
    'a registration that this insurer did not sign',
  )
})
