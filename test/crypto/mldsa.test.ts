import t from 'tap'
import { fromHex, toHex, utf8 } from '../../src/crypto/bytes.ts'
import { MlDsaSigningKey, MlDsaVerifyKey, nativeEngine, portableEngine } from '../../src/crypto/mldsa.ts'
import { engines } from '../fixtures/engines.ts'
import { signatures } from '../fixtures/published/signatures.ts'
import { flipped, pinVectors, readVectors } from './vectors.ts'

for (const engine of engines) {
  t.test(`Wycheproof (${engine.name})`, async t => {
    for (const run of signatures.slice(2)) pinVectors(t, run.pinned, run.with(engine, readVectors(run.file)))
  })
}

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
