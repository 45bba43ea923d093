/** The issuing half of registrations (docs/protocol/registration.md); the verifying half is `src/log/registration.ts`. */
import { randomBytes, toBase64url } from '../crypto/bytes.ts'
import { codeSigningKey, generateCode, type MailedCode } from '../crypto/codes.ts'
import type { SigningKey } from '../crypto/sign.ts'
import { ed25519Signer, signStatement, statementHash } from '../crypto/statement.ts'
import { INSURER_KEY_ID, REGISTRATION_SALT_LENGTH, registrationSubject } from '../log/registration.ts'
import type { DeploymentId, Hash, Ins, Instant } from '../protocol/ids.ts'
import type { RegistrationImport } from '../protocol/messages.ts'
import { Registration, StatementTyp } from '../protocol/statements.ts'

/**
 * Days for which a mailed code may be used. Opening: a quarter, since the letter comes unasked and people travel or
 * wait for a relative's help. Activation: the person has just opened the record and waits for it, so a stolen
 * envelope is worth something for a month only.
 */
export const VALIDITY_DAYS: Readonly<Record<Registration['purpose'], number>> = { opening: 90, activation: 30 }

/** What a registration is made for. */
export interface IssueOptions {
  readonly insurer: SigningKey
  readonly deployment: DeploymentId
  readonly ins: Ins
  readonly purpose: Registration['purpose']
  readonly now: Date
  /** The earlier registration that this one replaces: a lost letter, an expired code, a frozen opening. */
  readonly supersedes?: Hash | undefined
}

/** A registration and its code. The code goes on paper and nowhere else: not to the host, a log, a file or a screen. */
export interface Issued {
  readonly code: MailedCode
  readonly hash: Hash
  readonly payload: Registration
  /** What the host is given. */
  readonly import: RegistrationImport
}

/** Makes a fresh code and signs its registration; expires after `VALIDITY_DAYS`. */
export async function issueRegistration(options: IssueOptions): Promise<Issued> {
  const { insurer, deployment, ins, purpose, now, supersedes } = options
  const code = generateCode()
  const salt = randomBytes(REGISTRATION_SALT_LENGTH)
  const payload = Registration.parse({
    deployment,
    subject: registrationSubject({ salt, ins }),
    purpose,
    key: toBase64url(codeSigningKey(code, ins).verifyKey.bytes),
    issuedAt: now.toISOString(),
    expiresAt: expiry(now, purpose),
    ...(supersedes === undefined ? {} : { supersedes }),
  })
  const text = await signStatement(StatementTyp.registration, payload, ed25519Signer(insurer, INSURER_KEY_ID))
  return {
    code,
    hash: toBase64url(statementHash(text)) as Hash,
    payload,
    import: { registration: text, ins, salt: toBase64url(salt) },
  }
}

function expiry(now: Date, purpose: Registration['purpose']): Instant {
  return new Date(now.getTime() + VALIDITY_DAYS[purpose] * 86_400_000).toISOString() as Instant
}
