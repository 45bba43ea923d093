/** What no list can do without: of each document a seal's decapsulation, a signature, two small messages opened. */
import { chacha20Poly1305 } from '../../src/crypto/aead.ts'
import { randomBytes } from '../../src/crypto/bytes.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { seal } from '../../src/crypto/seal.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { XWING } from '../../src/crypto/sodium.ts'

/** In the longest of them, a manifest, bytes; and in a deposit as it is signed. */
const MANIFEST = 1072
const SIGNED = 1000
/** At once, as a list does it. */
const AT_ONCE = 16

/** The cryptography of so many documents and nothing else, by the platform's engine: milliseconds. */
export function bareList(documents: number): () => Promise<number> {
  const secret = SealSecretKey.generate()
  const encapsulation = seal(secret.publicKey, new Uint8Array(8), new Uint8Array(32)).subarray(0, XWING.ciphertext)
  const author = SigningKey.generate()
  const signed = randomBytes(SIGNED)
  const signature = author.sign(signed)
  const [key, nonce, none] = [randomBytes(32), new Uint8Array(12), new Uint8Array(0)]
  const envelope = chacha20Poly1305.seal(key, nonce, new Uint8Array(32), none)
  const manifest = chacha20Poly1305.seal(key, nonce, new Uint8Array(MANIFEST), none)
  const one = async () => {
    const [shared, isGood] = await Promise.all([
      secret.decapsulateAside(encapsulation),
      author.verifyKey.verifyAside(signed, signature),
    ])
    for (const sealed of [envelope, manifest]) chacha20Poly1305.open(key, nonce, sealed, none)
    if (shared === null || !isGood) throw new Error('what was sealed and signed here does not open')
  }
  return async () => {
    const began = performance.now()
    let left = documents
    const run = async () => {
      while (left-- > 0) await one()
    }
    await Promise.all(Array.from({ length: AT_ONCE }, run))
    return performance.now() - began
  }
}
