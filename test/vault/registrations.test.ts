import t from 'tap'
import { SigningKey } from '../../src/crypto/sign.ts'
import { issueRegistration } from '../../src/ins/registration.ts'
import { newId } from '../fixtures/document.ts'
import { insOf } from '../fixtures/patient.ts'
import { anyHash } from '../fixtures/states.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { chainOf, eventOf } from '../fixtures/vault-acts.ts'
import { asInsurer, draftOpening, letter, openRecord, openVaultWorld, signed } from '../fixtures/vault-world.ts'

t.teardown(() => world.vault.close())
const world = await openVaultWorld(testFolder(t))
const { registrations, records } = world.vault
const ins = insOf('1')

t.test('a registration is taken once, and logged without the INS', async t => {
  const code = await letter(world, ins, 'opening')
  const one = await registrations.import(code.import)
  const two = await registrations.import(code.import)
  t.same(one, two)
  const event = await eventOf(world, one.receipt)
  t.match(event, { action: 'registration.import', object: { registration: code.hash, purpose: 'opening' } })
  t.notMatch(JSON.stringify(event), ins)
  t.equal(chainOf(world, 'system').filter(line => line === 'registration.import').length, 1)
  t.same((await world.vault.callers.resolve(`code:${code.hash}`))?.verifyKey.bytes, code.key.verifyKey.bytes)
  t.equal(await world.vault.callers.resolve(`code:${anyHash()}`), null)
})

t.test('only the insurer’s, for this host, for that person', async t => {
  const { insurer, anchors, now } = world
  const issue = (changes: object) =>
    issueRegistration({ insurer, deployment: anchors.deployment, ins, purpose: 'opening', now: now(), ...changes })
  const good = (await issue({})).import
  const refused: [string, typeof good][] = [
    ['signed by somebody else', (await issue({ insurer: SigningKey.generate() })).import],
    ['for another host', (await issue({ deployment: newId() })).import],
    ['with another person’s INS', { ...good, ins: insOf('2') }],
    ['with another salt', { ...good, salt: (await issue({})).import.salt }],
    ['no statement', { ...good, registration: 'a.b.c' }],
  ]
  for (const [what, body] of refused)
    await t.rejects(registrations.import(body), { code: 'registration-invalid' }, what)
})

t.test('the holder of a code finds it by its key', async t => {
  const code = await letter(world, ins, 'opening')
  const key = code.key.verifyKey.bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
  t.equal(registrations.byKey(key).registration, code.import.registration)
  t.throws(() => registrations.byKey(anyHash()), { code: 'code-refused' })
})

t.test('a code is for one purpose, until its day, unless another letter took its place', async t => {
  const { read } = world.vault.store
  const code = await letter(world, insOf('4'), 'opening')
  t.ok(registrations.usable(read, code.hash, 'opening'))
  t.throws(() => registrations.usable(read, code.hash, 'activation'), { code: 'registration-invalid' })
  t.throws(() => registrations.usable(read, anyHash(), 'opening'), { code: 'registration-invalid' })
  world.advance(91 * 86_400_000)
  t.throws(() => registrations.usable(read, code.hash, 'opening'), { code: 'registration-expired' })
  world.advance(-91 * 86_400_000)
  const stranger = await letter(world, insOf('5'), 'opening', code.hash)
  t.ok(stranger && registrations.usable(read, code.hash, 'opening'), 'a letter to somebody else blocks nothing')
  await letter(world, insOf('4'), 'opening', code.hash)
  t.throws(() => registrations.usable(read, code.hash, 'opening'), { code: 'registration-frozen' })
})

t.test('the insurer reads openings, nobody else', async t => {
  const openings = (who: Parameters<typeof signed>[1], after = 0) =>
    registrations.openings(signed(world, who, { path: '/v1/openings', body: { after } }), after)
  t.same((await openings(asInsurer(world))).openings, [])
  const [one, two] = [await openRecord(world, insOf('6')), await openRecord(world, insOf('7'))]
  const { openings: read } = await openings(asInsurer(world))
  t.match(read, [{ recordId: one.caller.recordId }, { recordId: two.caller.recordId }])
  t.notMatch(JSON.stringify(read), insOf('6'), 'by the registration, not by the INS')
  t.match((await openings(asInsurer(world), read[0]?.cursor)).openings, [{ recordId: two.caller.recordId }])
  await t.rejects(openings(one), { code: 'key-refused' })
})

t.test('a code that was used', async t => {
  const code = await letter(world, insOf('8'), 'opening')
  const drafted = await draftOpening(world, insOf('8'), code)
  await records.open(signed(world, drafted, { path: '/v1/records', body: drafted.opening }), drafted.opening)
  t.throws(() => registrations.usable(world.vault.store.read, code.hash, 'opening'), { code: 'registration-used' })
})
