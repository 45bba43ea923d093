/** A key is for one purpose. Checked by `tsc`, never run. */
import { DocumentKey, type SealPublicKey, type SealSecretKey } from '../../src/crypto/keys.ts'
import { open, seal } from '../../src/crypto/seal.ts'
import type { SigningKey, VerifyKey } from '../../src/crypto/sign.ts'
import { ed25519Signer } from '../../src/crypto/statement.ts'

interface Keys {
  readonly sign: SigningKey
  readonly verify: VerifyKey
  readonly secret: SealSecretKey
  readonly publicKey: SealPublicKey
}

export function misuse({ sign, verify, secret, publicKey }: Keys, bytes: Uint8Array): void {
  open(secret, bytes, bytes)
  // @ts-expect-error a signing key where a sealing secret belongs
  open(sign, bytes, bytes)
  // @ts-expect-error bare bytes where a sealing secret belongs
  open(bytes, bytes, bytes)
  // @ts-expect-error the secret where the public key belongs
  seal(secret, bytes, bytes)
  // @ts-expect-error a key that verifies where one to seal to belongs
  seal(verify, bytes, bytes)
  // @ts-expect-error a sealing secret where a signing key belongs
  ed25519Signer(secret)
  // @ts-expect-error a public key where a signing key belongs
  ed25519Signer(publicKey)
  // @ts-expect-error a document's key is no sealing secret
  open(DocumentKey.generate(), bytes, bytes)
}
