import t from 'tap'
import { concat } from '../../src/crypto/bytes.ts'
import { isOneSigned } from '../../src/crypto/der.ts'
import { DOCTOR, makeAuthority, makeSoftwareCard } from '../fixtures/certificates.ts'

const AT = new Date('2026-11-24T08:00:00.000Z')
const authority = await makeAuthority('persons', AT)
const { card } = await makeSoftwareCard(authority, DOCTOR, AT)
const certificates = card.certificates.map(({ der }) => der)
const [leaf] = certificates as [Uint8Array]
const changed = (at: number, value: number) => leaf.with(at < 0 ? leaf.length + at : at, value)

t.test('certificates and lists as authorities write them', async t => {
  for (const der of certificates) t.ok(isOneSigned(der))
  for (const list of await authority.crls(AT)) t.ok(isOneSigned(Uint8Array.fromBase64(list)))
})

t.test('what no signature covers has one form', async t => {
  const signature = leaf.length - 256
  t.equal(leaf[signature - 1], 0, 'unused bits of the signature')
  for (const bits of [1, 4, 7, 255]) t.notOk(isOneSigned(changed(signature - 1, bits)), `${bits} unused bits`)
  t.notOk(isOneSigned(changed(signature - 5, 0x04)), 'the signature is no bit string')
  t.notOk(isOneSigned(changed(signature - 7, 0x04)), 'parameters of the algorithm that are not the signed ones')
  t.notOk(isOneSigned(changed(signature - 8, 0x0c)), 'an algorithm that is not the signed one')
  t.notOk(isOneSigned(concat(leaf, Uint8Array.of(0))), 'something after it')
  t.notOk(isOneSigned(leaf.subarray(0, -1)), 'cut short')
  t.notOk(isOneSigned(changed(0, 0x31)), 'a set')
  const length = leaf.length - 4
  const long = Uint8Array.of(0x30, 0x83, 0, length >> 8, length & 0xff)
  t.notOk(isOneSigned(concat(long, leaf.subarray(4))), 'a length that is not minimal')
  const more = concat(leaf.subarray(4), Uint8Array.of(5, 0))
  t.notOk(
    isOneSigned(concat(Uint8Array.of(0x30, 0x82, more.length >> 8, more.length & 0xff), more)),
    'a fourth element',
  )
  t.notOk(isOneSigned(new Uint8Array(0)))
  t.notOk(isOneSigned(Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff)))
  t.notOk(isOneSigned(Uint8Array.of(0x30, 0x80, 0, 0)), 'indefinite length')
})
