import { join } from 'node:path'
import { fromBase64url, randomBytes, toBase64url } from '../crypto/bytes.ts'
import { MlDsaSigningKey } from '../crypto/mldsa.ts'
import { SigningKey } from '../crypto/sign.ts'
import type { LogSigner } from '../log/checkpoint.ts'
import type { Cosigner } from '../log/cosignature.ts'
import { keep } from './files.ts'
import type { Layout } from './layout.ts'

// The keys that sign the log and cosign it. One party would never hold them all; the development world is every party.

/** Names that no log outside will ever have: `.invalid` is reserved (RFC 2606 §2). */
const DOMAIN = 'dev.coffre.invalid'

/** A 32-byte seed (or shorter) in a file of its own, one line of base64url, made when it is not there. */
export async function ensureSeed(path: string, length = 32): Promise<Uint8Array> {
  return fromBase64url(await keep(path, () => `${toBase64url(randomBytes(length))}\n`))
}

/** The log's two keys; its origin names the deployment. */
export async function ensureLogSigner({ host }: Layout, deployment: string): Promise<LogSigner> {
  return {
    origin: `${DOMAIN}/log/${deployment}`,
    ed25519: SigningKey.fromSeed(await ensureSeed(join(host.keys, 'log-ed25519.key'))),
    mlDsa44: MlDsaSigningKey.fromSeed(await ensureSeed(join(host.keys, 'log-mldsa44.key'))),
  }
}

/** The keys of both witnesses, in order. */
export async function ensureWitnessSigners({ witnesses }: Layout): Promise<Required<Cosigner>[]> {
  const signers: Required<Cosigner>[] = []
  for (const [i, home] of witnesses.entries()) {
    signers.push({
      name: `${DOMAIN}/witness-${i + 1}`,
      ed25519: SigningKey.fromSeed(await ensureSeed(join(home, 'keys', 'ed25519.key'))),
      mlDsa44: MlDsaSigningKey.fromSeed(await ensureSeed(join(home, 'keys', 'mldsa44.key'))),
    })
  }
  return signers
}
