import t from 'tap'
import { draftNext } from '../../src/client/patient/draft.ts'
import { makeSlot } from '../../src/client/slots.ts'
import { fromBase64url, lp, randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { DeviceSecret } from '../../src/crypto/keys.ts'
import { cosignStatement, ed25519Signer } from '../../src/crypto/statement.ts'
import type { Hash } from '../../src/protocol/ids.ts'
import type { ActivationRequest } from '../../src/protocol/messages.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'
import { insOf } from '../fixtures/patient.ts'
import { anyHash } from '../fixtures/states.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { chainOf, eventOf } from '../fixtures/vault-acts.ts'
import {
  asInsurer,
  draftOpening,
  letter,
  openRecord,
  openVaultWorld,
  signed,
  type WorldPatient,
} from '../fixtures/vault-world.ts'

t.teardown(() => world.vault.close())
const world = await openVaultWorld(testFolder(t))
const { records, registrations, activation, accounts, store } = world.vault
const open = (drafted: WorldPatient, body = drafted.opening) =>
  records.open(signed(world, drafted, { path: '/v1/records', body }), body)

t.test('a record is opened once; the same opening again is the same', async t => {
  const code = await letter(world, insOf('1'), 'opening')
  const drafted = await draftOpening(world, insOf('1'), code)
  t.equal(records.findByIns(insOf('1')), null)
  t.equal(await world.vault.callers.resolve(`identity:${drafted.caller.identity}`), null)
  const { recordId, receipt } = await open(drafted)
  const event = await eventOf(world, receipt)
  t.match(event, {
    action: 'record.open',
    state: drafted.inForce.state.hash,
    object: { identity: drafted.caller.identity },
  })
  t.same(await open(drafted), { recordId, receipt })
  t.same(chainOf(world, recordId), ['record.open'])
  t.equal(records.findByIns(insOf('1')), recordId)
  t.match(await world.vault.callers.resolve(`identity:${drafted.caller.identity}`), { caller: { recordId } })
  const keys = records.keysOf(recordId)
  t.match(keys, { recordId, bundle: drafted.opening.bundle, slots: drafted.opening.slots })
})

t.test('two identities under one code: the code is frozen, and the first record is not the second’s', async t => {
  const code = await letter(world, insOf('2'), 'opening')
  const [mine, thief] = [await draftOpening(world, insOf('2'), code), await draftOpening(world, insOf('2'), code)]
  await open(mine)
  await t.rejects(open(thief), { code: 'registration-frozen' })
  t.equal(await world.vault.callers.resolve(`identity:${thief.caller.identity}`), null)
  t.equal(records.findByIns(insOf('2')), mine.caller.recordId)
  t.throws(() => registrations.usable(store.read, code.hash, 'opening'), { code: 'registration-frozen' })
  const request = signed(world, asInsurer(world), { path: '/v1/openings', body: { after: 0 } })
  const told = (await registrations.openings(request, 0)).openings.map(each => each.recordId)
  t.notOk(told.includes(mine.caller.recordId), 'the insurer is not told, so no second letter leaves')
})

t.test('a person has one record', async t => {
  const again = await draftOpening(world, insOf('1'), await letter(world, insOf('1'), 'opening'))
  await t.rejects(open(again), { code: 'record-exists' })
  t.not(records.findByIns(insOf('1')), again.caller.recordId)
})

t.test('an opening that does not hold together', async t => {
  const code = await letter(world, insOf('3'), 'opening')
  const mine = await draftOpening(world, insOf('3'), code)
  const other = await draftOpening(world, insOf('4'), await letter(world, insOf('4'), 'opening'))
  const { opening } = mine
  const [slot = null] = opening.slots
  if (slot === null) throw new Error('an opening has a slot')
  const wrong: [string, typeof opening, string][] = [
    ['somebody else’s identity', { ...opening, identity: other.opening.identity }, 'identity-invalid'],
    ['somebody else’s state', { ...opening, state: other.opening.state }, 'identity-invalid'],
    ['other sets', { ...opening, sets: other.opening.sets }, 'identity-invalid'],
    ['another bundle', { ...opening, bundle: other.opening.bundle }, 'state-invalid'],
    ['another slot', { ...opening, slots: other.opening.slots }, 'state-invalid'],
    ['a slot more', { ...opening, slots: [slot, ...other.opening.slots] }, 'state-invalid'],
    ['an identity cut short', { ...opening, identity: opening.identity.slice(0, -8) }, 'identity-invalid'],
  ]
  for (const [what, body, code] of wrong) await t.rejects(open(mine, body), { code }, what)
  t.equal(records.findByIns(insOf('3')), null)
  t.same(chainOf(world, mine.caller.recordId), [])
  const asOther = { ...mine, caller: other.caller, key: other.key, keyId: other.keyId }
  await t.rejects(open(asOther), { code: 'identity-invalid' }, 'sent by somebody else')
  const unknown = await draftOpening(world, insOf('3'), code)
  await store.write(tx => tx.run('DELETE FROM registrations WHERE hash = @hash', { hash: code.hash }))
  await t.rejects(open(unknown), { code: 'registration-invalid' }, 'a code nobody issued')
})

// ── activation ──────────────────────────────────────────────────────────────
const contact = { kind: 'mail', address: 'p@test.invalid' } as const
type Letter = Awaited<ReturnType<typeof letter>>

/** What an activation sends, made as the client does; `challenge` as `sendContactChallenge` gave it. */
async function activationOf(patient: WorldPatient, code: Letter, challenge: Hash, changes: object = {}) {
  const { recordId } = patient.caller
  const opaqueRecord = toBase64url(randomBytes(192))
  const contactSalt = toBase64url(randomBytes(32))
  const slot = makeSlot({
    recordId,
    accountKey: patient.accountKey,
    accountKeyVersion: 1,
    opener: { kind: 'device', exportKey: randomBytes(64), device: DeviceSecret.generate() },
  })
  const draft = await draftNext(
    patient.inForce,
    { action: 'account.activate', device: slot, bundle: { ...patient.bundle, version: patient.bundle.version + 1 } },
    {
      deployment: world.anchors.deployment,
      patient: patient.patient,
      sign: patient.key,
      accountKey: patient.accountKey,
      now: world.now(),
    },
  )
  const payload = {
    deployment: world.anchors.deployment,
    recordId,
    registration: code.hash,
    opaque: toBase64url(sha256(fromBase64url(opaqueRecord))),
    contact: toBase64url(sha256(lp('coffre/v1/contact', fromBase64url(contactSalt), contact.kind, contact.address))),
    t: world.now().toISOString(),
    ...changes,
  }
  const statement = await cosignStatement(
    StatementTyp.activation,
    payload,
    ed25519Signer(code.key, code.hash),
    ed25519Signer(patient.key, patient.caller.identity),
  )
  const body: ActivationRequest = {
    activation: statement,
    opaqueRecord,
    contact,
    contactSalt,
    challenge,
    code: '00000000',
    state: draft.state.text,
    sets: draft.sets,
    bundle: draft.bundle as string,
    slots: [slot],
  }
  return { body, draft }
}

/** Sends a one-time password; the gateway is down, so it waits in the outbox, where we read it. */
async function proved(code: Letter, password?: string): Promise<Hash> {
  const { challenge } = await accounts.sendContactChallenge(
    signed(world, code, { path: '/v1/activation/contact', body: contact }),
    contact,
  )
  const outbox = store.read.all<{ body: string }>('SELECT body FROM outbox ORDER BY expires')
  const sent = /\b\d{8}\b/.exec(outbox.at(-1)?.body.replaceAll(/(\d{4}) (\d{4})/g, '$1$2') ?? '')?.[0] ?? ''
  await accounts.proveContact({ subject: code.hash, challenge, contact, code: password ?? sent, at: world.now() })
  return challenge
}

t.test('activation: code, identity, contact and state together, once', async t => {
  const patient = await openRecord(world, insOf('10'))
  const { recordId } = patient.caller
  const code = await letter(world, insOf('10'), 'activation')
  const activate = (body: ActivationRequest, who = code) =>
    activation.complete(signed(world, who, { path: '/v1/activation', body }), body)
  const keys = await activation.material(signed(world, code, { path: '/v1/activation/bundle', body: {} }))
  t.equal(keys.recordId, recordId)

  const challenge = await proved(code)
  const { body, draft } = await activationOf(patient, code, challenge)
  const wrong: [string, ActivationRequest, string][] = [
    ['a contact that was not proved', { ...body, challenge: anyHash() }, 'code-refused'],
    [
      'another secret code’s registration',
      { ...body, opaqueRecord: toBase64url(randomBytes(192)) },
      'activation-invalid',
    ],
    ['another contact', { ...body, contact: { kind: 'mail', address: 'thief@test.invalid' } }, 'activation-invalid'],
    ['another bundle', { ...body, bundle: patient.opening.bundle }, 'state-invalid'],
    ['another slot', { ...body, slots: patient.opening.slots }, 'state-invalid'],
    [
      'for another record',
      (
        await activationOf(patient, code, challenge, {
          recordId: (await openRecord(world, insOf('11'))).caller.recordId,
        })
      ).body,
      'activation-invalid',
    ],
  ]
  for (const [what, each, refusal] of wrong) await t.rejects(activate(each), { code: refusal }, what)
  t.same(chainOf(world, recordId), ['record.open'])

  const { receipt } = await activate(body)
  t.match(await eventOf(world, receipt), {
    action: 'account.activate',
    state: draft.state.hash,
    actor: { key: patient.caller.identity },
  })
  t.equal(records.keysOf(recordId).slots.length, 2)
  await t.rejects(activate(body), { code: 'registration-used' }, 'a code is used once')
  await t.rejects(activation.material(signed(world, code, { path: '/v1/activation/bundle', body: {} })), {
    code: 'registration-used',
  })
})

t.test('a record whose opening letter two identities used is not activated; one in use goes on', async t => {
  const ins = insOf('20')
  const opening = await letter(world, ins, 'opening')
  const [first, second] = [await draftOpening(world, ins, opening), await draftOpening(world, ins, opening)]
  await open(first)
  const code = await letter(world, ins, 'activation')
  const challenge = await proved(code)
  const { body } = await activationOf(first, code, challenge)
  await t.rejects(open(second), { code: 'registration-frozen' })
  const material = (who = code) => activation.material(signed(world, who, { path: '/v1/activation/bundle', body: {} }))
  await t.rejects(material(), { code: 'registration-frozen' })
  await t.rejects(activation.complete(signed(world, code, { path: '/v1/activation', body }), body), {
    code: 'registration-frozen',
  })

  const late = insOf('21')
  const letter21 = await letter(world, late, 'opening')
  const [owner, thief] = [await draftOpening(world, late, letter21), await draftOpening(world, late, letter21)]
  await open(owner)
  const used = await letter(world, late, 'activation')
  const active = (await activationOf(owner, used, await proved(used))).body
  await activation.complete(signed(world, used, { path: '/v1/activation', body: active }), active)
  await t.rejects(open(thief), { code: 'registration-frozen' })
  t.equal((await material(await letter(world, late, 'activation'))).recordId, owner.caller.recordId)
})

t.test('before the record is open, and with the wrong letter or password', async t => {
  const early = await letter(world, insOf('12'), 'activation')
  await t.rejects(activation.material(signed(world, early, { path: '/v1/activation/bundle', body: {} })), {
    code: 'record-unknown',
  })
  const opening = await letter(world, insOf('13'), 'opening')
  await t.rejects(activation.material(signed(world, opening, { path: '/v1/activation/bundle', body: {} })), {
    code: 'registration-invalid',
  })
  await t.rejects(proved(early, '99999999'), { code: 'code-refused' })
})
