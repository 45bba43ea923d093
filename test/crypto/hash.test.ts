import fc from 'fast-check'
import t from 'tap'
import { randomBytes, toBase64url, toHex, utf8 } from '../../src/crypto/bytes.ts'
import {
  hkdfExpandSha256,
  hkdfSha256,
  hkdfSha512,
  hmacSha256,
  nativeEngine,
  portableEngine,
  Sha256,
  sha256,
  sha256Text,
  sha512,
} from '../../src/crypto/hash.ts'
import { engines } from '../fixtures/engines.ts'
import { symmetric } from '../fixtures/published/symmetric.ts'
import { pinVectors, readVectors } from './vectors.ts'

for (const engine of engines) {
  t.test(`HMAC and HKDF: Wycheproof (${engine.name})`, async t => {
    for (const run of symmetric.slice(1)) pinVectors(t, run.pinned, run.with(engine, readVectors(run.file)))
  })
}

t.test('SHA-2: FIPS 180-4 examples', async t => {
  t.equal(toHex(sha256(utf8('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  t.match(toHex(sha512(utf8('abc'))), /^ddaf35a193617abacc417349ae204131.*a54ca49f$/)
  t.equal(toHex(sha256(utf8('a'), utf8('bc'))), toHex(sha256(utf8('abc'))), 'parts are joined')
  t.equal(toHex(new Sha256().update(utf8('a')).update(utf8('bc')).digest()), toHex(sha256(utf8('abc'))))
})

t.test('the same hash, written into other bytes or as text', async t => {
  const data = randomBytes(65)
  for (const { name, hash } of engines) {
    const target = new Uint8Array(40).fill(7)
    hash.sha256Into(data, target, 4)
    t.equal(toHex(target), `07070707${toHex(sha256(data))}07070707`, name)
    t.equal(hash.sha256Base64url(data), toBase64url(sha256(data)), name)
  }
})

t.test('a text is hashed as its UTF-8', async t => {
  for (const text of ['', 'abc', 'é€𝄞', '\ufeffx', 'x'.repeat(5000)]) {
    t.equal(toHex(sha256Text(text)), toHex(sha256(utf8(text))))
    t.equal(toHex(portableEngine.hashText(text)), toHex(sha256(utf8(text))))
  }
  t.throws(() => sha256Text('\ud800'), { code: 'text-malformed' })
})

t.test(
  'long bytes, at once and beside the thread: the same by both engines, at and around blocks and the length where WASM begins',
  async t => {
    t.same(
      engines.map(({ hash }) => hash.hashesAside),
      [false, true],
    )
    for (const length of [0, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1_048_577]) {
      const data = randomBytes(length)
      const expected = toHex(sha256(data))
      for (const { name, hash } of engines) {
        t.equal(toHex(hash.sha256(data)), expected, `${name} ${length}`)
        const several = await Promise.all([data, data.subarray(1), data].map(each => hash.sha256Aside(each)))
        t.equal(toHex(several[0] as Uint8Array), expected, `${name} ${length} beside`)
        t.equal(toHex(several[1] as Uint8Array), toHex(sha256(data.subarray(1))))
        t.equal(toHex(several[2] as Uint8Array), expected)
      }
    }
  },
)

t.test('the two engines give the same bytes', async t => {
  t.ok(nativeEngine)
  const bytes = fc.uint8Array({ maxLength: 300 })
  fc.assert(
    fc.property(bytes, bytes, (key, data) =>
      (['sha256', 'sha512'] as const).every(
        name =>
          toHex(portableEngine.hash(name, data)) === toHex(nativeEngine?.hash(name, data) as Uint8Array) &&
          toHex(portableEngine.hmac(name, key, data)) === toHex(nativeEngine?.hmac(name, key, data) as Uint8Array),
      ),
    ),
    { numRuns: 30 },
  )
  const state = portableEngine.start()
  state.update(utf8('ab'))
  state.update(utf8('c'))
  t.equal(toHex(state.digest()), toHex(sha256(utf8('abc'))))
})

t.test('lengths, and long info', async t => {
  const input = { ikm: utf8('k'), salt: new Uint8Array(0), info: new Uint8Array(2000) }
  t.equal(hkdfSha256({ ...input, length: 32 }).length, 32, 'info above what the platform takes')
  t.equal(hkdfSha512({ ...input, length: 64 }).length, 64)
  t.equal(hkdfSha256({ ...input, length: 0 }).length, 0)
  t.throws(() => hkdfSha512({ ...input, length: 255 * 64 + 1 }), { code: 'hkdf-length' })
  t.throws(() => hkdfExpandSha256({ prk: hmacSha256(utf8('a'), utf8('b')), info: utf8(''), length: -1 }), {
    code: 'hkdf-length',
  })
})

t.test('an empty salt is 32 zero bytes (RFC 5869 §2.2)', async t => {
  const input = { ikm: utf8('k'), info: utf8('i'), length: 32 }
  t.same(hkdfSha256({ ...input, salt: new Uint8Array(0) }), hkdfSha256({ ...input, salt: new Uint8Array(32) }))
})
