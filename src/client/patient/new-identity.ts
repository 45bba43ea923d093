import { randomBytes, toBase64url } from '../../crypto/bytes.ts'
import { SealSecretKey } from '../../crypto/keys.ts'
import { SigningKey } from '../../crypto/sign.ts'
import { cosignStatement, ed25519Signer } from '../../crypto/statement.ts'
import { verifyIdentity } from '../../log/identity.ts'
import type { Verified } from '../../log/verified.ts'
import type { DeploymentId, Hash } from '../../protocol/ids.ts'
import { type Identity, StatementTyp } from '../../protocol/statements.ts'
import type { CodeHolder } from '../mailed-code.ts'

/** An identity as just made, its keys open; whoever asked wipes them. */
export interface NewIdentity {
  readonly identity: Verified<Identity>
  readonly sign: SigningKey
  readonly seal: SealSecretKey
}

/** Makes an identity by a letter's code: a record's first one, or (`follows`) the one that shall follow another. */
export async function makeIdentity(
  deployment: DeploymentId,
  { key, registration }: Pick<CodeHolder, 'key' | 'registration'>,
  follows: Hash | null,
): Promise<NewIdentity> {
  const [sign, seal] = [SigningKey.generate(), SealSecretKey.generate()]
  const claim: Identity = {
    deployment,
    registration: registration.hash,
    signKey: toBase64url(sign.verifyKey.bytes),
    sealKey: toBase64url(seal.publicKey.bytes),
    prevIdentity: follows,
    nonce: toBase64url(randomBytes(16)),
  }
  const byCode = ed25519Signer(key, registration.hash)
  const text = await cosignStatement(StatementTyp.identity, claim, byCode, ed25519Signer(sign, 'self'))
  return { identity: await verifyIdentity(text, { registration }), sign, seal }
}
