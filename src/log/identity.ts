import { fromBase64url, lp, toBase64url } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import { VerifyKey } from '../crypto/sign.ts'
import { RecordId } from '../protocol/ids.ts'
import { Identity, type Registration, StatementTyp } from '../protocol/statements.ts'
import { demand, peek, type Verified, verifyAs } from './verified.ts'

const kind = { typ: StatementTyp.identity, schema: Identity } as const

/**
 * Verifies a patient's identity statement (docs/protocol/identity.md): signed by the mailed code's key, then by its own.
 * Throws `CryptoError` on signatures, `LogError` `statement-form`, `identity-registration` (names or belongs to another
 * registration, or one for another purpose), `identity-key-id`.
 */
export async function verifyIdentity(
  text: string,
  { registration }: { registration: Verified<Registration> },
): Promise<Verified<Identity>> {
  const claimed = peek(text, kind)
  const identity = await verifyAs(text, {
    ...kind,
    algorithms: ['Ed25519', 'Ed25519'],
    keys: [VerifyKey.parse(fromBase64url(registration.payload.key)), VerifyKey.parse(fromBase64url(claimed.signKey))],
  })
  demand(
    registration.payload.purpose === 'opening' && identity.payload.registration === registration.hash,
    'identity-registration',
    'The identity does not belong to this opening registration',
  )
  demand(
    identity.payload.deployment === registration.payload.deployment,
    'identity-registration',
    'The identity was made for another deployment than its registration',
  )
  demand(
    identity.headers[0]?.kid === registration.hash && identity.headers[1]?.kid === 'self',
    'identity-key-id',
    'The identity’s signatures do not name the registration and the identity itself',
  )
  return identity
}

/** The key that signs everything the patient decides. */
export function signKeyOf(identity: Verified<Identity>): VerifyKey {
  return VerifyKey.parse(fromBase64url(identity.payload.signKey))
}

/** The record id of a first identity: the first 16 bytes of its hash. */
export function recordIdOf(identity: Verified<Identity>): RecordId {
  return RecordId.parse(toBase64url(fromBase64url(identity.hash).subarray(0, 16)))
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** What people compare: 24 Crockford symbols (120 bits) in groups of four. */
export function identityFingerprint(identity: Verified<Identity>): string {
  const { signKey, sealKey } = identity.payload
  const hash = sha256(lp('coffre/v1/identity-fingerprint', fromBase64url(signKey), fromBase64url(sealKey)))
  let bits = hash.subarray(0, 15).reduce((number, byte) => (number << 8n) | BigInt(byte), 0n)
  const symbols: string[] = []
  for (let i = 0; i < 24; i++) {
    symbols.unshift(CROCKFORD[Number(bits & 31n)] as string)
    bits >>= 5n
  }
  return (symbols.join('').match(/.{4}/g) as string[]).join(' ')
}
