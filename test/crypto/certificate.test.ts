import fc from 'fast-check'
import t from 'tap'
import { concat, toBase64 } from '../../src/crypto/bytes.ts'
import { parseCertificate, parseCrl } from '../../src/crypto/certificate.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { CLIENT_AUTH, day, issue, list, listDer } from './authority.ts'
import { codeOf, flipped } from './vectors.ts'

t.test('what a certificate says', async t => {
  const root = await issue({ authority: 0, name: [{ C: ['FR'] }, { CN: ['root'] }] })
  const leaf = await issue({
    by: root,
    kind: 'rsa-2048',
    name: [{ C: ['FR'] }, { T: ['Médecin'] }, { CN: ['899700367917'], SN: ['A, B+C'], G: ['ZOÉ'] }],
  })
  const { certificate } = leaf
  t.same(certificate.subject, [
    [{ type: 'C', value: 'FR' }],
    [{ type: 'T', value: 'Médecin' }],
    [
      { type: 'CN', value: '899700367917' },
      { type: 'SN', value: 'A, B+C' },
      { type: 'GN', value: 'ZOÉ' },
    ],
  ])
  t.same(certificate.issuer, root.certificate.subject)
  t.same([certificate.notBefore, certificate.notAfter], [day(-10), day(10)])
  t.same([...certificate.keyUsage], ['digitalSignature'])
  t.same([...certificate.extendedKeyUsage], [CLIENT_AUTH])
  t.same([certificate.authority, root.certificate.authority], [null, { pathLength: 0 }])
  t.equal(certificate.fingerprint, sha256(certificate.der).toHex())
  t.ok(parseCertificate(toBase64(certificate.der)).equals(certificate), 'base64 as in x5c')
  t.same(certificate.publicKey.algorithms, ['RS256', 'PS256'])
  t.same(root.certificate.publicKey.algorithms, ['ES256'])
  t.ok(certificate.names(root.certificate) && (await certificate.isSignedBy(root.certificate)))
  t.notOk(await root.certificate.isSignedBy(certificate))
})

t.test('keys too weak, or of a kind that statements do not take, verify none', async t => {
  for (const kind of ['rsa-1024', 'ed25519', 'p-521'] as const) {
    t.same((await issue({ kind })).certificate.publicKey.algorithms, [], kind)
  }
})

t.test('not a certificate', async t => {
  const { der } = (await issue()).certificate
  const refused = { code: 'certificate-malformed' }
  t.throws(() => parseCertificate(concat(der, Uint8Array.of(0))), refused, 'a byte after the end')
  t.throws(() => parseCertificate(der.subarray(0, der.length - 1)), refused)
  t.throws(() => parseCertificate(new Uint8Array(0)), refused)
  t.throws(() => parseCertificate(Uint8Array.of(0x30, 0)), refused)
  t.throws(() => parseCertificate(concat(Uint8Array.of(0x30, 0x82, 0x40, 0x01), new Uint8Array(0x4001))), refused)
  t.throws(() => parseCertificate('AAA'), { code: 'base64-malformed' })
  await fc.assert(
    fc.asyncProperty(fc.nat(der.length - 1), fc.nat(7), async (at, bit) => {
      const code = await codeOf(() => parseCertificate(flipped(der, at, bit)))
      return code === null || code === 'certificate-malformed'
    }),
    { numRuns: 200 },
  )
})

t.test('revocation lists', async t => {
  const root = await issue({ authority: null })
  const [good, bad] = [await issue({ by: root }), await issue({ by: root })]
  const crl = await list(root, { revoked: [[bad, day(-3)]] })
  t.same([crl.thisUpdate, crl.nextUpdate], [day(-1), day(1)])
  t.same(crl.hash, sha256(crl.der))
  t.same([crl.revokedAt(good.certificate), crl.revokedAt(bad.certificate)], [null, day(-3)])
  t.ok(good.certificate.isCoveredBy(crl))
  t.ok(await root.certificate.signed(crl))
  t.notOk(await good.certificate.signed(crl))
  const der = await listDer(root)
  const refused = { code: 'crl-malformed' }
  t.throws(() => parseCrl(concat(der, Uint8Array.of(0))), refused)
  t.throws(() => parseCrl(good.certificate.der), refused)
  t.equal(await codeOf(() => list(root, { to: null })), 'crl-malformed', 'a list without a next update')
  t.equal(await codeOf(() => list(root, { critical: '2.5.29.28' })), 'crl-malformed', 'a list of a part')
})
