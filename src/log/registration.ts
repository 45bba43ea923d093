/**
 * The verifying half of registrations (docs/protocol/registration.md): every client and auditor starts the chain
 * *insurer → mailed code's key → patient's identity* here. The issuing half belongs to the insurer (`src/ins`).
 */
import { type Bytes, equal, fromBase64url, lp, toBase64url } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import { VerifyKey } from '../crypto/sign.ts'
import type { DeploymentId, Hash, Ins } from '../protocol/ids.ts'
import { Registration, StatementTyp } from '../protocol/statements.ts'
import { LogError } from './errors.ts'
import { type Verified, verifyAs } from './verified.ts'

/** Bytes of the salt that hides the INS in a registration. */
export const REGISTRATION_SALT_LENGTH = 32

/** The insurer's name in a registration's header. */
export const INSURER_KEY_ID = 'insurer'

/** Milliseconds by which the insurer's clock may run ahead of the caller's; as much as for requests. */
const CLOCK_TOLERANCE_MS = 120_000

/** Whose registration it is; salt and INS travel beside the statement, never inside. */
export interface RegistrationSubject {
  readonly ins: Ins
  /** 32 bytes. */
  readonly salt: Bytes
}

/**
 * `subject` of a registration: binds it to an INS without telling it to who lacks salt and INS.
 * Throws `LogError` `registration-salt` unless the salt has 32 bytes.
 */
export function registrationSubject({ salt, ins }: RegistrationSubject): Hash {
  if (salt.length !== REGISTRATION_SALT_LENGTH) {
    throw new LogError(`A registration's salt has 32 bytes, this one ${salt.length}`, { code: 'registration-salt' })
  }
  return toBase64url(sha256(lp('coffre/v1/registration-subject', salt, ins))) as Hash
}

/** What must hold of a registration. */
export interface RegistrationCheck {
  /** `insurerKey` of the anchors; from nowhere else. */
  readonly insurerKey: VerifyKey
  readonly deployment: DeploymentId
  /** What the code is used for; a registration for the other purpose is refused. */
  readonly purpose: Registration['purpose']
  /** For who knows them; left out by an auditor, who then checks everything but the person. */
  readonly person?: RegistrationSubject
  /** When the code was used; left out, dates are not looked at (a used registration stays evidence for ever). */
  readonly usedAt?: Date
}

/**
 * Verifies a registration from the insurer's key on. Throws `CryptoError` when the signature or its header is wrong,
 * `LogError` otherwise: `statement-form`, `registration-key-id`, `registration-deployment`, `registration-purpose`,
 * `registration-subject` (another person's), `registration-dates`, `registration-expired`,
 * `registration-not-yet-valid`; the statement is the evidence.
 */
export async function verifyRegistration(text: string, check: RegistrationCheck): Promise<Verified<Registration>> {
  const registration = await verifyAs(text, {
    typ: StatementTyp.registration,
    schema: Registration,
    algorithms: ['Ed25519'],
    keys: [check.insurerKey],
  })
  const { payload, headers } = registration
  const demand = (condition: boolean, code: string, message: string) => {
    if (!condition) throw new LogError(message, { code, evidence: { registration: text } })
  }
  demand(headers[0]?.kid === INSURER_KEY_ID, 'registration-key-id', 'This registration does not name the insurer’s key')
  demand(
    payload.deployment === check.deployment,
    'registration-deployment',
    'This registration belongs to another installation',
  )
  demand(
    payload.purpose === check.purpose,
    'registration-purpose',
    `This code is for the ${payload.purpose} of a record, not for its ${check.purpose}: take the other letter`,
  )
  demand(
    check.person === undefined ||
      equal(fromBase64url(registrationSubject(check.person)), fromBase64url(payload.subject)),
    'registration-subject',
    'This registration was made for another INS',
  )
  const issued = Date.parse(payload.issuedAt)
  const expires = Date.parse(payload.expiresAt)
  demand(issued < expires, 'registration-dates', 'This registration expires before it begins')
  const usedAt = check.usedAt?.getTime()
  if (usedAt === undefined) return registration
  demand(
    usedAt < expires,
    'registration-expired',
    `This code was valid until ${payload.expiresAt}: ask for a new letter`,
  )
  demand(
    usedAt >= issued - CLOCK_TOLERANCE_MS,
    'registration-not-yet-valid',
    `This code is valid from ${payload.issuedAt}: check the clock`,
  )
  return registration
}

/** The mailed code's public key. */
export function codeKeyOf(registration: Verified<Registration>): VerifyKey {
  return VerifyKey.parse(fromBase64url(registration.payload.key))
}
