import t from 'tap'
import { fromHex, toHex, utf8 } from '../../src/crypto/bytes.ts'
import { MlDsaSigningKey, MlDsaVerifyKey, nativeEngine, portableEngine } from '../../src/crypto/mldsa.ts'
import { flipped, readVectors, type Wycheproof } from './vectors.ts'

t.test('Wycheproof, both engines', async t => {
  const { testGroups } = readVectors<Wycheproof<{ publicKey: string }, { msg: string; sig: string; ctx?: string }>>(
    'wycheproof/mldsa_44_verify_test.json',
  )
  const count = { run: 0, keyLength: 0, context: 0 }
  for (const { publicKey, tests } of testGroups) {
    const key = fromHex(publicKey)
    for (const { tcId, comment, msg, sig, ctx, result } of tests) {
      if (ctx !== undefined && ctx !== '') {
        count.context++ // a context is never used here
      } else if (key.length !== 1312) {
        t.throws(() => MlDsaVerifyKey.parse(key), { code: 'key-length' }, `${tcId} ${comment}`)
        count.keyLength++
      } else {
        const [message, signature] = [fromHex(msg), fromHex(sig)]
        const verdicts = [MlDsaVerifyKey.parse(key).verify(message, signature)]
        for (const engine of [nativeEngine, portableEngine]) {
          if (signature.length === 2420) verdicts.push(engine?.verifier(key)(message, signature) as boolean)
        }
        if (verdicts.some(verdict => verdict !== (result === 'valid'))) t.fail(`${tcId} ${comment}: ${verdicts}`)
        count.run++
      }
    }
  }
  t.same(count, { run: 169, keyLength: 4, context: 7 })
})

t.test('both engines: same public key, each verifies the other', async t => {
  const seed = fromHex(`${'00'.repeat(31)}07`)
  t.ok(nativeEngine)
  const publicKey = portableEngine.publicKey(seed)
  t.equal(toHex(nativeEngine?.publicKey(seed) as Uint8Array), toHex(publicKey))
  const message = utf8('checkpoint')
  t.ok(nativeEngine?.verifier(publicKey)(message, portableEngine.signer(seed)(message)))
  t.ok(portableEngine.verifier(publicKey)(message, nativeEngine?.signer(seed)(message) as Uint8Array))
})

t.test('what is signed verifies, what is changed does not', async t => {
  const key = MlDsaSigningKey.generate()
  const signature = key.sign(utf8('m'))
  t.equal(signature.length, 2420)
  t.ok(key.verifyKey.verify(utf8('m'), signature))
  t.notOk(key.verifyKey.verify(utf8('n'), signature))
  for (const at of [0, 1000, 2419]) t.notOk(key.verifyKey.verify(utf8('m'), flipped(signature, at)))
  t.notOk(key.verifyKey.verify(utf8('m'), signature.subarray(1)))
  const again = MlDsaSigningKey.fromSeed(key.seed)
  t.ok(again.verifyKey.equals(key.verifyKey))
  t.ok(MlDsaVerifyKey.parse(key.verifyKey.bytes).verify(utf8('m'), again.sign(utf8('m'))))
  t.throws(() => MlDsaSigningKey.fromSeed(new Uint8Array(33)), { code: 'key-length' })
})
