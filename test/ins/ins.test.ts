import t from 'tap'
import { fromHex, toHex, utf8 } from '../../src/crypto/bytes.ts'
import { hkdfExpandSha256, hmacSha256 } from '../../src/crypto/hash.ts'
import { deriveIns, insOfTag, nirFingerprint } from '../../src/ins/ins.ts'
import type { InsKeySource } from '../../src/ins/key-source.ts'
import { Nir } from '../../src/ins/nir.ts'
import { insCheckKey, parseIns } from '../../src/protocol/ins.ts'
import { readVectors } from '../crypto/vectors.ts'

/** Derived once by a separate program (Python, `hmac` and integers); the typed ones and refusals are test/formats'. */
const vectors = (
  readVectors('coffre/ins.json') as {
    cases: { given: { key: string; nir?: string; counter: number }; opens?: { ins: string; fingerprint: string } }[]
  }
).cases.flatMap(({ given: { key, nir, counter }, opens }) =>
  nir === undefined || opens === undefined ? [] : [{ key, nir, counter, ...opens }],
)

const K = fromHex(vectors[0]?.key ?? '')
const registerKey = hkdfExpandSha256({ prk: K, info: utf8('coffre/v1/ins-register-key'), length: 32 })
const key: InsKeySource = {
  tag: message => hmacSha256(K, message),
  registerTag: message => hmacSha256(registerKey, message),
}

t.test('known answers, computed by another program', async t => {
  t.equal(vectors.length, 23)
  for (const { nir, counter, ins, fingerprint } of vectors) {
    t.equal(deriveIns(key, Nir.parse(nir), { counter }), ins)
    t.equal(parseIns(ins), ins, 'its check key holds')
    t.equal(toHex(nirFingerprint(key, Nir.parse(nir))), fingerprint)
  }
  t.ok(vectors.some(({ ins }) => ins.startsWith('00')))
  t.ok(vectors.some(({ ins }) => ins.endsWith('97')))
})

t.test('the reduction at its edges', async t => {
  t.equal(insOfTag(new Uint8Array(32)), `${'0'.repeat(20)}97`)
  const all = insOfTag(new Uint8Array(32).fill(0xff))
  const whole = 2n ** 256n - 1n
  t.equal(all.slice(0, 20), String(whole % 10n ** 20n).padStart(20, '0'))
  t.equal(all.slice(20), insCheckKey(all.slice(0, 20)))
  for (const counter of [-1, 256, 1.5]) {
    t.throws(() => deriveIns(key, Nir.parse('255081416802538'), { counter }), RangeError)
  }
})

t.test('the key of a NIR does not enter, the letter of Corsica does', async t => {
  const a = deriveIns(key, Nir.parse('253072A07300443'), { counter: 0 })
  const b = deriveIns(key, Nir.parse('253072B07300470'), { counter: 0 })
  t.not(a, b)
})
