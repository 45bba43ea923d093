import { createHash, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { chacha20Poly1305 } from '../../src/crypto/aead.ts'
import { concat, fromHex, lp, toHex, utf8 } from '../../src/crypto/bytes.ts'
import { hkdfExpandSha256, hkdfExtractSha256 } from '../../src/crypto/hash.ts'
import { SealPublicKey, SealSecretKey } from '../../src/crypto/keys.ts'
import { keySchedule, open, openAside, SEAL_OVERHEAD, seal } from '../../src/crypto/seal.ts'
import { xwingDecapsulate, xwingEncapsulate } from '../../src/crypto/sodium.ts'
import { flipped, readVectors } from './vectors.ts'

interface HpkeVector {
  readonly kem_id: number
  readonly kdf_id: number
  readonly aead_id: number
  readonly info: string
  readonly ikmE: string
  readonly skRm: string
  readonly pkRm: string
  readonly enc: string
  readonly shared_secret: string
  readonly key: string
  readonly base_nonce: string
  readonly encryptions: readonly {
    readonly aad: string
    readonly ct: string
    readonly nonce: string
    readonly pt: string
  }[]
}

const EMPTY = new Uint8Array(0)

/** The nonce of the n-th message (RFC 9180 §5.2). */
function nonceOf(baseNonce: Uint8Array, sequence: number): Uint8Array {
  const nonce = baseNonce.slice()
  const view = new DataView(nonce.buffer)
  view.setUint32(8, view.getUint32(8) ^ sequence)
  return nonce
}

t.test('HPKE with X-Wing: vectors of draft-ietf-hpke-pq', async t => {
  const vectors = readVectors<HpkeVector[]>('hpke/hpke-pq-xwing.json')
  // The file's other vector uses SHAKE256 (KDF 17), which is not our suite.
  const ours = vectors.filter(({ kdf_id }) => kdf_id === 1)
  t.same([vectors.length, ours.length], [2, 1])
  for (const vector of ours) {
    t.same([vector.kem_id, vector.aead_id], [0x647a, 3])
    const secret = SealSecretKey.parse(fromHex(vector.skRm))
    t.equal(toHex(secret.publicKey.bytes), vector.pkRm)
    const encapsulated = xwingEncapsulate(fromHex(vector.pkRm), fromHex(vector.ikmE))
    t.equal(toHex(encapsulated?.ciphertext as Uint8Array), vector.enc)
    t.equal(toHex(encapsulated?.sharedSecret as Uint8Array), vector.shared_secret)
    t.equal(toHex(xwingDecapsulate(fromHex(vector.enc), secret.bytes) as Uint8Array), vector.shared_secret)
    const { key, baseNonce } = keySchedule(fromHex(vector.shared_secret), fromHex(vector.info))
    t.same([toHex(key), toHex(baseNonce)], [vector.key, vector.base_nonce])
    t.equal(vector.encryptions.length, 10)
    for (const [sequence, { aad, ct, nonce, pt }] of vector.encryptions.entries()) {
      if (sequence < 5) t.equal(toHex(nonceOf(baseNonce, sequence)), nonce)
      t.equal(toHex(chacha20Poly1305.seal(key, fromHex(nonce), fromHex(pt), fromHex(aad))), ct)
    }
  }
})

t.test('HPKE with X25519: the vector of RFC 9180, accumulated over 1,000 messages', async t => {
  type Vector = Pick<HpkeVector, 'info' | 'skRm' | 'pkRm' | 'enc'> & { encryptions_accumulated: string }
  const [vector, ...more] = readVectors<Vector[]>('hpke/rfc9180-x25519-hkdf256-chacha20poly1305.json')
  t.equal(more.length, 0)
  const { info, skRm, pkRm, enc, encryptions_accumulated } = vector as Vector
  const { key, baseNonce } = keySchedule(dhkem(fromHex(enc), fromHex(skRm), fromHex(pkRm)), fromHex(info), 0x0020)
  // Inputs are drawn from SHAKE128 of nothing: a length byte, then as many bytes; all ciphertexts are hashed together.
  const source = createHash('shake128', { outputLength: 2 * 256 * 1000 }).digest()
  let at = 0
  const draw = () => {
    const length = source[at] as number
    at += 1 + length
    return source.subarray(at - length, at)
  }
  const sink = createHash('shake128', { outputLength: 16 })
  for (let sequence = 0; sequence < 1000; sequence++) {
    const aad = draw()
    sink.update(chacha20Poly1305.seal(key, nonceOf(baseNonce, sequence), draw(), aad))
  }
  t.equal(sink.digest('hex'), encryptions_accumulated)
})

/** DHKEM(X25519, HKDF-SHA256) decapsulation (RFC 9180 §4.1), only to bring the key schedule before its RFC's vector. */
function dhkem(enc: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const der = (prefix: string, key: Uint8Array) => Buffer.concat([Buffer.from(prefix, 'hex'), key])
  const dh = diffieHellman({
    privateKey: createPrivateKey({
      key: der('302e020100300506032b656e04220420', secretKey),
      format: 'der',
      type: 'pkcs8',
    }),
    publicKey: createPublicKey({ key: der('302a300506032b656e032100', enc), format: 'der', type: 'spki' }),
  })
  const suite = concat(utf8('KEM'), Uint8Array.of(0x00, 0x20))
  const prk = hkdfExtractSha256(EMPTY, concat(utf8('HPKE-v1'), suite, utf8('eae_prk'), dh))
  const info = concat(Uint8Array.of(0, 32), utf8('HPKE-v1'), suite, utf8('shared_secret'), enc, publicKey)
  return hkdfExpandSha256({ prk, info, length: 32 })
}

const secret = SealSecretKey.generate()
const info = lp('coffre/v1/test', 'record', 'document')

t.test('what is sealed opens; each time it looks different', async t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), plaintext => {
      const sealed = seal(secret.publicKey, info, plaintext)
      return (
        sealed.length === plaintext.length + SEAL_OVERHEAD && toHex(open(secret, info, sealed)) === toHex(plaintext)
      )
    }),
    { numRuns: 10 },
  )
  t.notSame(seal(secret.publicKey, info, EMPTY), seal(secret.publicKey, info, EMPTY))
})

t.test('another purpose, another key, any change: refused', async t => {
  const sealed = seal(secret.publicKey, info, utf8('key of a document'))
  const refused = { code: 'seal-open' }
  t.throws(() => open(secret, lp('coffre/v1/test', 'record', 'other'), sealed), refused)
  t.throws(() => open(secret, lp('coffre/v1/test', 'recorddocument'), sealed), refused)
  t.throws(() => open(SealSecretKey.generate(), info, sealed), refused)
  for (const at of [0, 500, 1087, 1088, 1119, 1120, sealed.length - 17, sealed.length - 1]) {
    t.throws(() => open(secret, info, flipped(sealed, at)), refused, `byte ${at}`)
  }
  t.throws(() => open(secret, info, sealed.subarray(0, sealed.length - 1)), refused)
  t.throws(() => open(secret, info, concat(sealed, Uint8Array.of(0))), refused)
  t.throws(() => open(secret, info, sealed.subarray(0, SEAL_OVERHEAD - 1)), refused)
  t.throws(() => open(secret, info, EMPTY), refused)
  t.throws(() => open(secret, info, sealed.slice().fill(0, 1088, 1120)), refused, 'X25519 part of small order')
})

t.test('beside the thread the same opens, and the same is refused', async t => {
  const sealed = seal(secret.publicKey, info, utf8('key of a document'))
  const refused = { code: 'seal-open' }
  const opened = await Promise.all(Array.from({ length: 20 }, () => openAside(secret, info, sealed)))
  t.ok(opened.every(each => toHex(each) === toHex(utf8('key of a document'))))
  await t.rejects(openAside(secret, lp('coffre/v1/test', 'record', 'other'), sealed), refused)
  await t.rejects(openAside(SealSecretKey.generate(), info, sealed), refused)
  for (const at of [0, 1087, 1088, 1119, 1120]) {
    await t.rejects(openAside(secret, info, flipped(sealed, at)), refused, `byte ${at}`)
  }
  await t.rejects(openAside(secret, info, sealed.subarray(0, SEAL_OVERHEAD - 1)), refused)
  await t.rejects(openAside(secret, info, sealed.slice().fill(0, 1088, 1120)), refused, 'X25519 part of small order')
  const spent = SealSecretKey.generate()
  await t.rejects(openAside(spent, info, sealed), refused)
  spent.wipe()
  await t.rejects(openAside(spent, info, sealed), { code: 'key-wiped' })
})

t.test('a public key that gives the secret away is not sealed to', async t => {
  const weak = SealPublicKey.parse(secret.publicKey.bytes.fill(0, 1184))
  t.throws(() => seal(weak, info, EMPTY), { code: 'key-malformed' })
})
