import sodium from 'libsodium-wrappers'
import type { Bytes } from './bytes.ts'
import { CryptoError } from './errors.ts'

// libsodium's second door, which opens nothing: Ed25519 for `sign.ts` where the platform has no synchronous one. Loaded
// there alone, so that the host, which runs in Node, never has libsodium in its memory.

await sodium.ready

/** Ed25519 as `sign.ts` asks for it (`SignEngine`). Lengths are checked there. */
export const sodiumSign = {
  signer(seed: Bytes) {
    const { publicKey, privateKey } = run(() => sodium.crypto_sign_seed_keypair(seed))
    return {
      publicKey,
      sign: (message: Bytes): Bytes => run(() => sodium.crypto_sign_detached(message, privateKey)),
      wipe: (): void => void privateKey.fill(0),
    }
  },
  verifier(publicKey: Bytes) {
    const own = new Uint8Array(publicKey)
    return (message: Bytes, signature: Bytes): boolean =>
      run(() => sodium.crypto_sign_verify_detached(signature, message, own))
  },
}

function run<T>(step: () => T): T {
  try {
    return step()
  } catch {
    // With lengths that are right nothing is refused by an exception: it is the allocator or the WASM machine giving up.
    throw new CryptoError('libsodium ran out of memory: sign or verify less at a time', { code: 'sodium-failure' })
  }
}
