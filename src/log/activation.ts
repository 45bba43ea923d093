import { fromBase64url } from '../crypto/bytes.ts'
import { VerifyKey } from '../crypto/sign.ts'
import type { RecordId } from '../protocol/ids.ts'
import { Activation, type Identity, type Registration, StatementTyp } from '../protocol/statements.ts'
import { signKeyOf } from './identity.ts'
import { demand, type Verified, verifyAs } from './verified.ts'

/** Whose activation it should be. */
export interface ActivationContext {
  /** The activation registration, of the same subject's INS. */
  readonly registration: Verified<Registration>
  readonly identity: Verified<Identity>
  /** The record's, which an identity that followed another keeps. */
  readonly recordId: RecordId
}

/**
 * Verifies an activation statement: signed by the activation code's key, then by the identity.
 * Throws `CryptoError` on signatures, `LogError` `statement-form`, `activation-registration`, `activation-record`.
 */
export async function verifyActivation(text: string, context: ActivationContext): Promise<Verified<Activation>> {
  const { registration, identity, recordId } = context
  const activation = await verifyAs(text, {
    typ: StatementTyp.activation,
    schema: Activation,
    algorithms: ['Ed25519', 'Ed25519'],
    keys: [VerifyKey.parse(fromBase64url(registration.payload.key)), signKeyOf(identity)],
  })
  const { payload, headers } = activation
  demand(
    registration.payload.purpose === 'activation' &&
      payload.registration === registration.hash &&
      payload.deployment === registration.payload.deployment &&
      headers[0]?.kid === registration.hash,
    'activation-registration',
    'The activation does not belong to this activation registration',
  )
  demand(
    payload.recordId === recordId && headers[1]?.kid === identity.hash,
    'activation-record',
    'The activation is of another record',
  )
  return activation
}
