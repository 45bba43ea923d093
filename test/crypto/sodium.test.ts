import { createHash, createPrivateKey, createPublicKey, decapsulate, diffieHellman } from 'node:crypto'
import t from 'tap'
import { concat, fromHex, toHex, utf8 } from '../../src/crypto/bytes.ts'
import { chachaOpen, chachaSeal, xwingDecapsulate, xwingEncapsulate, xwingPublicKey } from '../../src/crypto/sodium.ts'
import { flipped, readVectors } from './vectors.ts'

type Vector = Readonly<Record<'seed' | 'eseed' | 'ss' | 'sk' | 'pk' | 'ct', string>>

const vectors = readVectors<Vector[]>('xwing/test-vectors.json')

t.test('X-Wing: vectors of the draft', async t => {
  for (const { seed, eseed, ss, sk, pk, ct } of vectors) {
    t.equal(sk, seed, 'the secret key is the seed')
    t.equal(toHex(xwingPublicKey(fromHex(seed))), pk)
    const encapsulated = xwingEncapsulate(fromHex(pk), fromHex(eseed))
    t.equal(toHex(encapsulated?.ciphertext as Uint8Array), ct)
    t.equal(toHex(encapsulated?.sharedSecret as Uint8Array), ss)
    t.equal(toHex(xwingDecapsulate(fromHex(ct), fromHex(seed)) as Uint8Array), ss)
  }
  t.equal(vectors.length, 3)
})

/** X-Wing decapsulation written out (draft §5.4) over the platform's ML-KEM-768 and X25519, to judge libsodium's by. */
function decapsulateByParts(ciphertext: Uint8Array, seed: Uint8Array): Uint8Array {
  const expanded = createHash('shake256', { outputLength: 96 }).update(seed).digest()
  const der = (prefix: string, key: Uint8Array) => Buffer.concat([Buffer.from(prefix, 'hex'), key])
  const pkcs8 = (prefix: string, key: Uint8Array) =>
    createPrivateKey({ key: der(prefix, key), format: 'der', type: 'pkcs8' })
  const mlKem = pkcs8('3054020100300b0609608648016503040402044280' + '40', expanded.subarray(0, 64))
  const x25519 = pkcs8('302e020100300506032b656e04220420', expanded.subarray(64))
  const theirs = createPublicKey({
    key: der('302a300506032b656e032100', ciphertext.subarray(1088)),
    format: 'der',
    type: 'spki',
  })
  const ours = createPublicKey(x25519).export({ format: 'der', type: 'spki' }).subarray(12)
  return createHash('sha3-256')
    .update(decapsulate(mlKem, ciphertext.subarray(0, 1088)))
    .update(diffieHellman({ privateKey: x25519, publicKey: theirs }))
    .update(ciphertext.subarray(1088))
    .update(ours)
    .update(Buffer.from('5c2e2f2f5e5c', 'hex'))
    .digest()
}

t.test('X-Wing: the same as the draft’s formula over another implementation, forged ciphertexts included', async t => {
  const seed = fromHex((vectors[0] as Vector).seed)
  const { ciphertext } = xwingEncapsulate(xwingPublicKey(seed)) as { ciphertext: Uint8Array }
  for (const sent of [ciphertext, flipped(ciphertext, 0), flipped(ciphertext, 1087), flipped(ciphertext, 1100)]) {
    t.equal(toHex(xwingDecapsulate(sent, seed) as Uint8Array), toHex(decapsulateByParts(sent, seed)))
  }
})

t.test('what libsodium refuses is null, what we call wrongly is an error', async t => {
  const seed = new Uint8Array(32).fill(7)
  const publicKey = xwingPublicKey(seed)
  const { ciphertext } = xwingEncapsulate(publicKey) as { ciphertext: Uint8Array }
  t.equal(xwingEncapsulate(publicKey.slice().fill(0xff, 0, 2)), null, 'coefficient above q')
  t.equal(xwingEncapsulate(publicKey.slice().fill(0, 1184)), null, 'X25519 part of small order')
  t.equal(xwingDecapsulate(ciphertext.slice().fill(0, 1088), seed), null)
  t.throws(() => xwingPublicKey(seed.subarray(1)), { code: 'key-length' })
  t.throws(() => xwingEncapsulate(publicKey, seed), { code: 'key-length' })
  t.throws(() => xwingDecapsulate(ciphertext.subarray(1), seed), { code: 'key-length' })
  const text = 'a'.repeat(32) as unknown as Uint8Array
  t.throws(() => xwingPublicKey(text), { code: 'key-length' }, 'a text is not taken for bytes')
})

t.test('ChaCha20-Poly1305: lengths, forgeries', async t => {
  const [key, nonce, aad] = [new Uint8Array(32), new Uint8Array(12), utf8('aad')]
  const sealed = chachaSeal(key, nonce, utf8('text'), aad)
  t.same(chachaOpen(key, nonce, sealed, aad), utf8('text'))
  t.equal(chachaOpen(key, nonce, flipped(sealed, 0), aad), null)
  t.equal(chachaOpen(key, nonce, sealed, utf8('other')), null)
  t.equal(chachaOpen(key, nonce, sealed.subarray(0, 15), aad), null)
  t.equal(chachaOpen(key, nonce, concat(sealed, Uint8Array.of(0)), aad), null)
  t.throws(() => chachaSeal(key.subarray(1), nonce, utf8('text'), aad), { code: 'key-length' })
  t.throws(() => chachaOpen(key, nonce.subarray(1), sealed, aad), { code: 'key-length' })
})
