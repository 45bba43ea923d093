import t from 'tap'
import type { Card } from '../../src/client/cards/card.ts'
import { fromBase64, randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { parseCertificate, parseCrl } from '../../src/crypto/x509.ts'
import { holderName, verifyKeyStatement } from '../../src/log/key-statement.ts'
import type { DeploymentId } from '../../src/protocol/ids.ts'
import { type KeyStatement, StatementTyp } from '../../src/protocol/statements.ts'
import { type Authority, DOCTOR, HOSPITAL, makeAuthority, makeSoftwareCard } from '../fixtures/certificates.ts'
import { AT, newId } from '../fixtures/document.ts'

const deployment = newId<DeploymentId>()
const [persons, organisations] = await Promise.all([makeAuthority('persons', AT), makeAuthority('organisations', AT)])
const rootOf = ({ anchor }: Authority) => parseCertificate(anchor.replaceAll(/-----[A-Z ]+-----|\s/g, ''))
const listsOf = async (...authorities: Authority[]) =>
  (await Promise.all(authorities.map(authority => authority.crls(AT)))).flat().map(der => parseCrl(fromBase64(der)))
const context = {
  deployment,
  cardAuthorities: [persons, organisations].map(rootOf),
  crls: await listsOf(persons, organisations),
  at: AT,
}
const [{ card: doctor }, { card: hospital }] = await Promise.all([
  makeSoftwareCard(persons, DOCTOR, AT),
  makeSoftwareCard(organisations, HOSPITAL, AT),
])
const sign = SigningKey.generate()
const instant = (days: number) => new Date(AT.getTime() + days * 86_400_000).toISOString()
const payload = {
  deployment,
  kind: 'professional',
  nationalId: DOCTOR.id,
  signKey: toBase64url(sign.verifyKey.bytes),
  sealKey: toBase64url(randomBytes(1216)),
  seq: 0,
  prev: null,
  notBefore: instant(0),
  notAfter: instant(300),
} as unknown as KeyStatement
const byCard = (card: Card, alg: 'RS256' | 'PS256' = 'RS256') =>
  ({
    alg,
    x5c: card.certificates.map(({ der }) => der.toBase64()),
    sign: (bytes: Uint8Array) => card.sign(bytes, 'RS256'),
  }) as const
const bySelf = ed25519Signer(sign, 'self')
const make = (
  changes: object = {},
  {
    first = byCard(doctor) as Parameters<typeof cosignStatement>[2],
    second = bySelf,
    typ = StatementTyp.key as string,
  } = {},
) => cosignStatement(typ, { ...payload, ...changes }, first, second)

t.test('a card vouches for working keys; its certificate says whose they are', async t => {
  const key = await verifyKeyStatement(await make(), context)
  t.same(key.payload, payload)
  t.equal(holderName(key.holder), 'Claire LEROY')
  t.same(key.verifyKey.bytes, sign.verifyKey.bytes)
  const ofHospital = await make({ kind: 'establishment', nationalId: HOSPITAL.id }, { first: byCard(hospital) })
  t.match(holderName((await verifyKeyStatement(ofHospital, context)).holder), /VAL/)
})

t.test('attacks: each is refused', async t => {
  const stranger = SigningKey.generate()
  const { card: otherDoctor } = await makeSoftwareCard(persons, { ...DOCTOR, id: '810000000025' } as never, AT)
  const attacks: [string, Promise<string>, string][] = [
    ['another holder’s number', make({ nationalId: '810000000025' }), 'key-holder'],
    ['another holder’s card', make({}, { first: byCard(otherDoctor) }), 'key-holder'],
    ['a person as an establishment', make({ kind: 'establishment' }), 'key-holder'],
    ['another installation', make({ deployment: newId() }), 'key-holder'],
    ['a signing key that did not sign', make({}, { second: ed25519Signer(stranger, 'self') }), 'statement-signature'],
    ['another name for the own key', make({}, { second: ed25519Signer(sign, 'card') }), 'key-id'],
    ['signed by no card', make({}, { first: ed25519Signer(stranger) }), 'key-certificate'],
    ['one signature', signStatement(StatementTyp.key, payload, byCard(doctor)), 'statement-signatures'],
    ['another kind of statement', make({}, { typ: StatementTyp.identity }), 'statement-type'],
    ['keys that outlive the card', make({ notAfter: instant(3000) }), 'key-time'],
    ['keys of tomorrow', make({ notBefore: instant(1) }), 'key-time'],
    ['keys of yesterday', make({ notBefore: instant(-10), notAfter: instant(-1) }), 'key-time'],
    ['the term itself is too late', make({ notBefore: instant(-10), notAfter: instant(0) }), 'key-time'],
  ]
  for (const [what, text, refusal] of attacks)
    await t.rejects(verifyKeyStatement(await text, context), { code: refusal }, what)
  const spoiled = { ...byCard(doctor), sign: async () => randomBytes(256) }
  await t.rejects(verifyKeyStatement(await make({}, { first: spoiled }), context), { code: 'statement-signature' })
})

t.test('a card of an authority that nobody trusts, and lists that are missing', async t => {
  const text = await make()
  await t.rejects(verifyKeyStatement(text, { ...context, cardAuthorities: [rootOf(organisations)] }), /./)
  await t.rejects(verifyKeyStatement(text, { ...context, crls: [] }), { code: 'crl-missing' })
  const later = new Date(AT.getTime() + 8 * 86_400_000)
  await t.rejects(verifyKeyStatement(text, { ...context, at: later }), /./, 'lists past their next update')
})
