import { inspect } from 'node:util'
import t from 'tap'
import { toBase64, toBase64url, toHex } from '../../src/crypto/bytes.ts'
import {
  AccountKey,
  DeviceSecret,
  DocumentKey,
  KitSecret,
  SealPublicKey,
  SealSecretKey,
} from '../../src/crypto/keys.ts'

const kinds = [DocumentKey, AccountKey, KitSecret, DeviceSecret, SealSecretKey]

t.test('each kind: size, copies, wiping', async t => {
  for (const kind of kinds) {
    const key = kind.generate()
    const bytes = key.bytes
    t.equal(bytes.length, kind.byteLength)
    const given = bytes.slice()
    const parsed = kind.parse(given)
    given.fill(0)
    t.same(parsed.bytes, bytes, 'copied on entry')
    parsed.bytes.fill(0)
    t.same(parsed.bytes, bytes, 'copied on exit')
    parsed.wipe()
    parsed.wipe()
    t.throws(() => parsed.bytes, { code: 'key-wiped' })
    t.throws(() => kind.parse(new Uint8Array(kind.byteLength + 1)), { code: 'key-length' })
    t.throws(() => kind.parse('x'.repeat(kind.byteLength) as unknown as Uint8Array), { code: 'key-length' })
    t.notSame(kind.generate().bytes, bytes)
  }
})

t.test('no secret key shows in logs, JSON or texts', async t => {
  for (const kind of kinds) {
    const key = kind.generate()
    const shown = [JSON.stringify({ key }), `${key}`, inspect(key, { depth: 9, showHidden: true })].join()
    const { bytes } = key
    for (const form of [toHex(bytes), toBase64(bytes), toBase64url(bytes), bytes.join(), bytes.join(', ')]) {
      t.notOk(shown.includes(form), kind.name)
    }
  }
})

t.test('the public half is computed, not believed', async t => {
  const secret = SealSecretKey.generate()
  t.ok(SealSecretKey.parse(secret.bytes).publicKey.equals(secret.publicKey))
  t.notOk(SealSecretKey.generate().publicKey.equals(secret.publicKey))
  t.equal(secret.publicKey.bytes.length, 1216)
})

t.test('a wiped secret key opens nothing more', async t => {
  const secret = SealSecretKey.generate()
  t.equal(secret.decapsulate(new Uint8Array(1120).fill(9))?.length, 32)
  secret.wipe()
  t.throws(() => secret.decapsulate(new Uint8Array(1120).fill(9)), { code: 'key-wiped' })
})

t.test('public keys: length and range', async t => {
  const { bytes } = SealSecretKey.generate().publicKey
  t.ok(SealPublicKey.parse(bytes).equals(SealPublicKey.parse(bytes)))
  t.throws(() => SealPublicKey.parse(bytes.subarray(1)), { code: 'key-length' })
  const low = bytes.slice()
  low.set([0x01, 0x0d], 0) // 0xd01 = 3329, the first value out of range
  t.throws(() => SealPublicKey.parse(low), { code: 'key-malformed' })
  const high = bytes.slice()
  high.set([0x10 | (high[1150] as number & 0x0f), 0xd0], 1150)
  t.throws(() => SealPublicKey.parse(high), { code: 'key-malformed' }, 'the last coefficient too')
})

t.test('kinds are different types', async t => {
  const open = (_key: DocumentKey) => true
  // @ts-expect-error an account key is no document key
  t.ok(open(AccountKey.generate()))
  // @ts-expect-error nor are bare bytes
  t.ok(open(new Uint8Array(32)))
  // @ts-expect-error keys are made by generate and parse
  t.ok(new DocumentKey(new Uint8Array(32)))
})
