import { createPrivateKey } from 'node:crypto'
import t from 'tap'
import { identityOf, parseCertificate, parseCrl, verifyChain } from '../../src/crypto/x509.ts'
import {
  type EstablishmentHolder,
  issueServer,
  LIFETIME_DAYS,
  makeCard,
  makeCardAuthority,
  makeCrl,
  makeServerAuthority,
  type ProfessionalHolder,
  validityOf,
} from '../../src/dev/certificates.ts'
import { keysOfPem, makeKeys } from '../../src/dev/key-pairs.ts'

const at = new Date('2026-11-24T08:00:00.000Z')
const physician: ProfessionalHolder = {
  kind: 'professional',
  id: '899700000017',
  surname: 'MARÉCHAL',
  givenName: 'ÉLODIE',
  profession: 'Médecin',
}
const clinic: EstablishmentHolder = {
  kind: 'establishment',
  id: '1690000013',
  name: 'CLINIQUE DES CÈDRES',
  service: 'SERVICE DE SOINS',
  department: 'Rhône (69)',
}
const der = (certificate: { rawData: ArrayBuffer }) => new Uint8Array(certificate.rawData)

t.test('a card: chain, lists, names, key under its PIN', async t => {
  const authority = await makeCardAuthority('persons', { at, rootKey: 'rsa-2048' })
  const card = await makeCard(authority, physician, { at, pin: '4821' })
  const week = validityOf(at, LIFETIME_DAYS.crl)
  const rootList = parseCrl(der(await makeCrl(authority.root, { validity: week })))
  const list = parseCrl(der(await makeCrl(authority.ca, { validity: week })))
  const chain = [parseCertificate(der(card.certificate)), parseCertificate(der(authority.ca.certificate))]
  const anchors = [parseCertificate(der(authority.root.certificate))]
  const policy = { at, usage: 'client-auth', crls: [rootList, list], revocation: 'required' } as const

  const verified = await verifyChain(chain, anchors, policy)
  t.equal(verified.crls.length, 2)
  const [leaf] = chain
  if (leaf === undefined) throw new Error('no leaf')
  t.match(
    leaf.subject
      .find(set => set.length === 3)
      ?.map(({ type }) => type)
      .sort(),
    ['CN', 'GN', 'SN'],
  )
  t.strictSame(identityOf(leaf), physician)
  t.match(card.chainPem.match(/BEGIN CERTIFICATE/g)?.length, 2)

  t.match(card.keyPem, /BEGIN ENCRYPTED PRIVATE KEY/)
  t.ok(createPrivateKey({ key: card.keyPem, passphrase: '4821' }))
  t.throws(() => createPrivateKey({ key: card.keyPem, passphrase: '0000' }))
  t.equal((await keysOfPem(card.keyPem, 'rsa-2048', '4821')).publicKey.type, 'public')

  const revoked = parseCrl(
    der(await makeCrl(authority.ca, { validity: week, revoked: [{ certificate: card.certificate, at }] })),
  )
  await t.rejects(verifyChain(chain, anchors, { ...policy, crls: [rootList, revoked] }), {
    code: 'certificate-revoked',
  })
  await t.rejects(verifyChain(chain, anchors, { ...policy, at: new Date('2026-12-15T08:00:00.000Z') }), {
    code: 'crl-stale',
  })
})

t.test('an organisation, and the card of its director, stand for the establishment', async t => {
  const authority = await makeCardAuthority('organisations', { at, rootKey: 'rsa-2048' })
  const organisation = await makeCard(authority, clinic, { at })
  t.strictSame(identityOf(parseCertificate(der(organisation.certificate))), {
    kind: 'establishment',
    id: '1690000013',
    name: 'CLINIQUE DES CÈDRES',
    service: 'SERVICE DE SOINS',
  })
  const director = { surname: 'DURAND', givenName: 'PAUL' }
  const cde = await makeCard(authority, { ...clinic, service: '3690000013/000001', director }, { at })
  t.match(identityOf(parseCertificate(der(cde.certificate))), { kind: 'establishment', id: '1690000013' })
})

t.test('the server certificate names loopback, for ninety days', async t => {
  const authority = await makeServerAuthority({ at })
  const { publicKey } = await makeKeys('p-256')
  const certificate = await issueServer(authority, publicKey, validityOf(at, LIFETIME_DAYS.server))
  t.equal((certificate.notAfter.getTime() - at.getTime()) / 86_400_000, 90)
  const list = parseCrl(der(await makeCrl(authority, { validity: validityOf(at, LIFETIME_DAYS.crl) })))
  await verifyChain([parseCertificate(der(certificate))], [parseCertificate(der(authority.certificate))], {
    at,
    usage: 'server-auth',
    crls: [list],
    revocation: 'required',
  })
})
