import { createPrivateKey, createPublicKey, decapsulate, diffieHellman } from 'node:crypto'
import t from 'tap'
import { fromHex } from '../../src/crypto/bytes.ts'
import { pinVectors, readVectors } from '../crypto/vectors.ts'
import { engines } from '../fixtures/engines.ts'
import {
  type KemParts,
  kem,
  ML_KEM_FILE,
  runMlKem,
  runX25519,
  sodiumParts,
  X25519_FILE,
} from '../fixtures/published/kem.ts'
import { signatures } from '../fixtures/published/signatures.ts'
import { symmetric } from '../fixtures/published/symmetric.ts'

// Published vectors over both engines. The same runs again in a real browser: test/client/browser.test.ts.

for (const engine of engines) {
  t.test(engine.name, async t => {
    for (const run of [...signatures, ...symmetric, ...kem]) {
      pinVectors(t, run.pinned, run.with(engine, readVectors(run.file)))
    }
  })
}

const key = (prefix: string, bytes: Uint8Array) => Buffer.concat([Buffer.from(prefix, 'hex'), bytes])
const secretKey = (prefix: string, bytes: Uint8Array) =>
  createPrivateKey({ key: key(prefix, bytes), format: 'der', type: 'pkcs8' })
const orNull = <T>(step: () => T): T | null => {
  try {
    return step()
  } catch {
    return null
  }
}

const nativeParts: KemParts = {
  x25519: (secret, publicKey) =>
    orNull(() =>
      diffieHellman({
        privateKey: secretKey('302e020100300506032b656e04220420', secret),
        publicKey: createPublicKey({ key: key('302a300506032b656e032100', publicKey), format: 'der', type: 'spki' }),
      }),
    ),
  // The length stands in the prefix: OpenSSL would not look at what comes after a key of 2,400 bytes.
  decapsulate: (expanded, ciphertext) =>
    expanded.length !== 2400
      ? null
      : orNull(() =>
          decapsulate(secretKey('30820978020100300b06096086480165030404020482096404820960', expanded), ciphertext),
        ),
  checksKeys: true,
}

for (const [name, parts, decapsulated] of [
  ['native', nativeParts, 9],
  ['portable', sodiumParts, 7],
] as const) {
  t.test(`the parts of X-Wing (${name})`, async t => {
    t.equal(parts.x25519(fromHex('01'.repeat(32)), fromHex('00'.repeat(32))), null, 'a result of zero is refused')
    pinVectors(t, 518, runX25519(parts, readVectors(X25519_FILE)))
    pinVectors(t, decapsulated, runMlKem(parts, readVectors(ML_KEM_FILE)))
  })
}
