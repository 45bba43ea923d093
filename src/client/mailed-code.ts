import { fromBase64url, toBase64url } from '../crypto/bytes.ts'
import { codeSigningKey, parseCode } from '../crypto/codes.ts'
import type { SigningKey } from '../crypto/sign.ts'
import { verifyRegistration } from '../log/registration.ts'
import type { Verified } from '../log/verified.ts'
import type { Ins } from '../protocol/ids.ts'
import { RegistrationFound } from '../protocol/messages.ts'
import type { Registration } from '../protocol/statements.ts'
import type { Trust } from './anchors.ts'
import { HostRefusal, InputError, VerificationError } from './errors.ts'
import type { Host, RequestSigner } from './http.ts'

/** A mailed code turned into its key, with the registration that the insurer signed for it. */
export interface CodeHolder {
  readonly key: SigningKey
  readonly registration: Verified<Registration>
  /** base64url, beside the registration. */
  readonly salt: string
  /** Signs requests as the holder of this code. */
  readonly signer: RequestSigner
}

/** What the square on a letter holds (src/ins/letter.ts): the code's purpose, and its symbols. */
const SCANNED = /^coffre-code:1:(opening|activation):([0-9A-Za-z]{20})$/

/**
 * A code as typed, or as the square beside it was scanned, in its printed form. Throws `CryptoError` (`code-malformed`,
 * `code-check-symbol`), `InputError` `code-purpose`: it is the other letter's.
 */
export function readMailedCode(text: string, purpose: Registration['purpose']): string {
  const scanned = SCANNED.exec(text.trim())
  if (scanned !== null && scanned[1] !== purpose) {
    throw new InputError('This code is of the other letter: take the one that is asked for', { code: 'code-purpose' })
  }
  return parseCode(scanned?.[2] ?? text)
}

/**
 * Turns a mailed code into its key and fetches its registration by the public half: insurer's signature, purpose, INS,
 * dates and key are checked. The code itself never leaves this machine.
 * Throws `CryptoError` (`code-malformed`, `code-check-symbol`), `InputError` `code-unknown`, `LogError` (docs of
 * `verifyRegistration`), `VerificationError` `registration-key`.
 */
export async function useMailedCode(
  trust: Trust,
  host: Host,
  input: {
    readonly code: string
    readonly ins: Ins
    readonly purpose: Registration['purpose']
    readonly now: Date
  },
): Promise<CodeHolder> {
  const key = codeSigningKey(parseCode(input.code), input.ins)
  const publicKey = toBase64url(key.verifyKey.bytes)
  const found = await host
    .call({ method: 'GET', path: `/v1/registrations/${publicKey}`, answer: RegistrationFound })
    .catch((error: unknown) => {
      if (!HostRefusal.is(error, 'code-refused')) throw error
      throw new InputError(
        'No letter with this code is known for this INS: compare both with the letter; a new letter takes a day to count',
        { code: 'code-unknown', cause: error },
      )
    })
  const registration = await verifyRegistration(found.registration, {
    insurerKey: trust.insurerKey,
    deployment: trust.anchors.deployment,
    purpose: input.purpose,
    person: { ins: input.ins, salt: fromBase64url(found.salt) },
    usedAt: input.now,
  })
  if (registration.payload.key !== publicKey) {
    throw new VerificationError('The host gave the registration of another code', {
      code: 'registration-key',
      evidence: { registration: found.registration, key: publicKey },
    })
  }
  return { key, registration, salt: found.salt, signer: { keyId: `code:${registration.hash}`, key } }
}
