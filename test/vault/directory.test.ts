import t from 'tap'
import { cardSigner } from '../../src/client/cards/card-signer.ts'
import { signStatement } from '../../src/crypto/statement.ts'
import { parseCrl } from '../../src/crypto/x509.ts'
import { makeCrl, validityOf, X509Certificate } from '../../src/dev/certificates.ts'
import type { DeploymentId, NationalId } from '../../src/protocol/ids.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'
import { openReader } from '../../src/vault/reader.ts'
import { makeAuthority } from '../fixtures/certificates.ts'
import { newId } from '../fixtures/document.ts'
import { anyHash } from '../fixtures/states.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { chainOf, eventOf } from '../fixtures/vault-acts.ts'
import {
  DOCTOR,
  HOSPITAL,
  type Holder,
  makeHolder,
  openVaultWorld,
  publish,
  SECOND_DOCTOR,
  signed,
} from '../fixtures/vault-world.ts'

t.teardown(() => world.vault.close())
const world = await openVaultWorld(testFolder(t))
const { directory } = world.vault
const known = (hash: string) => world.vault.callers.resolve(`key:${hash}`)
const doctor = await makeHolder(world)

const send = (
  holder: Holder,
  {
    connection = holder.caller,
    statement = holder.statement,
  }: { connection?: { kind: string; id: string }; statement?: string } = {},
) => directory.publish(signed(world, holder, { path: '/v1/keys', body: { statement } }), { statement }, connection)

t.test('published once, over the holder’s own connection, and logged', async t => {
  t.equal(await known(doctor.hash), null)
  await t.rejects(send(doctor, { connection: { kind: 'professional', id: SECOND_DOCTOR.id } }), { code: 'key-refused' })
  await t.rejects(send(doctor, { connection: { kind: 'establishment', id: DOCTOR.id } }), { code: 'key-refused' })
  const { keyStatement, receipt } = await send(doctor)
  t.equal(keyStatement, doctor.hash)
  t.match(await eventOf(world, receipt), {
    action: 'key.publish',
    actor: { id: DOCTOR.id, key: doctor.hash },
    object: { keyStatement },
  })
  t.match(await known(doctor.hash), { caller: { kind: 'professional', id: DOCTOR.id } })
  t.same(await send(doctor), { keyStatement, receipt }, 'the same again is the same')
  t.match(
    chainOf(world, 'system').filter(line => line.startsWith('key.publish')),
    ['key.publish'],
  )
})

t.test('anybody finds it, with the lists to check it by', async t => {
  const found = directory.byHash(doctor.hash)
  t.equal(found.statement, doctor.statement)
  t.equal(found.crls.length, 4)
  t.same(directory.byNationalId(DOCTOR.id as NationalId), found)
  t.throws(() => directory.byHash(anyHash()), { code: 'key-unknown' })
  t.throws(() => directory.byNationalId('810000000099' as NationalId), { code: 'key-unknown' })
})

t.test('the next one follows the newest; every version stays', async t => {
  const next = await makeHolder(world, DOCTOR, { seq: 1, prev: doctor.hash })
  for (const [what, changes] of [
    ['a first one again', {}],
    ['a number skipped', { seq: 2, prev: doctor.hash }],
    ['after another', { seq: 1, prev: anyHash() }],
  ] as const) {
    await t.rejects(send(await makeHolder(world, DOCTOR, changes)), { code: 'key-refused' }, what)
  }
  await publish(world, next)
  t.equal(directory.byNationalId(DOCTOR.id as NationalId).statement, next.statement)
  t.ok(await known(doctor.hash))
})

t.test('what a card did not sign, or a card that does not hold', async t => {
  const hospital = await makeHolder(world, HOSPITAL)
  const refused: [string, Promise<Holder>][] = [
    [
      'another holder’s number than the card’s',
      makeHolder(world, SECOND_DOCTOR, { nationalId: DOCTOR.id as NationalId }),
    ],
    ['an establishment that is a person', makeHolder(world, SECOND_DOCTOR, { kind: 'establishment' })],
    ['another installation', makeHolder(world, SECOND_DOCTOR, { deployment: newId<DeploymentId>() })],
    ['keys that outlive the card', makeHolder(world, SECOND_DOCTOR, { notAfter: '2099-01-01T00:00:00.000Z' as never })],
    [
      'keys not yet valid',
      makeHolder(world, SECOND_DOCTOR, {
        notBefore: new Date(world.now().getTime() + 3_600_000).toISOString() as never,
      }),
    ],
  ]
  for (const [what, holder] of refused) await t.rejects(send(await holder), { code: 'key-refused' }, what)
  const second = await makeHolder(world, SECOND_DOCTOR)
  await t.rejects(send(second, { statement: hospital.statement }), { code: 'key-refused' }, 'somebody else’s statement')
  await t.rejects(send(second, { statement: `${second.statement.slice(0, -4)}AAAA` }), { code: 'key-refused' })
  const elsewhere = {
    ...world,
    authorities: { ...world.authorities, professional: await makeAuthority('persons', world.now()) },
  }
  await t.rejects(send(await makeHolder(elsewhere, SECOND_DOCTOR)), { code: 'key-refused' }, 'another authority')
})

t.test('a revoked card, and lists that are too old', async t => {
  const second = await makeHolder(world, SECOND_DOCTOR)
  const { ca } = world.authorities.professional.authority
  const [leaf] = second.card.certificates
  const certificate = new X509Certificate(leaf?.der.toBase64() ?? '')
  const at = world.now()
  const list = await makeCrl(ca, { validity: validityOf(at, 7), revoked: [{ certificate, at }] })
  const good = world.crls
  world.crls = [parseCrl(new Uint8Array(list.rawData)), ...good]
  await t.rejects(send(second), { code: 'key-refused', message: /revoked/i })
  world.crls = []
  await t.rejects(send(second), { code: 'key-refused' }, 'no list at all')
  world.crls = good
  world.advance(8 * 86_400_000)
  await t.rejects(send(second), { code: 'key-refused' }, 'lists past their next update')
  world.advance(-8 * 86_400_000)
  await publish(world, second)
})

t.test('withdrawn: remembered by no thread that knew it', async t => {
  const hospital = await makeHolder(world, HOSPITAL)
  await publish(world, hospital)
  const { anchors, vault, now } = world
  const reader = openReader({ folder: world.folder, anchors, clock: now, withdrawals: vault.withdrawals })
  const resolvers = [vault.callers, reader.callers]
  for (const each of resolvers) t.match(await each.resolve(`key:${hospital.hash}`), { caller: { key: hospital.hash } })
  const payload = { deployment: anchors.deployment, keyStatement: hospital.hash, t: now().toISOString() }
  const withdrawal = await signStatement(StatementTyp.withdrawal, payload, cardSigner(hospital.card))
  const request = signed(world, hospital, { path: '/v1/keys/withdrawals', body: { withdrawal } })
  await directory.withdraw(request, { withdrawal }, hospital.caller)
  for (const each of resolvers) await t.rejects(each.resolve(`key:${hospital.hash}`), { code: 'key-withdrawn' })
  await reader.close()
})

t.test('past its term a key signs nothing', async t => {
  world.advance(301 * 86_400_000)
  t.equal(await known(doctor.hash), null)
  t.equal(await world.vault.callers.resolve(`key:${doctor.hash}`), null)
  t.equal(directory.byHash(doctor.hash).statement, doctor.statement, 'but what it signed can still be checked')
})
