import { fromBase64, fromBase64url } from '../crypto/bytes.ts'
import { VerifyKey } from '../crypto/sign.ts'
import { type Certificate, parseCertificate } from '../crypto/x509.ts'
import { type Policy, parsePolicy } from '../log/policy.ts'
import { Anchors } from '../protocol/anchors.ts'
import { InputError } from './errors.ts'

/** The anchors with their keys, certificates and policy read: what a client trusts before it talks to anyone. */
export interface Trust {
  readonly anchors: Anchors
  readonly hostKey: VerifyKey
  readonly insurerKey: VerifyKey
  readonly cardAuthorities: readonly Certificate[]
  readonly policy: Policy
}

/** Reads anchors from their JSON text. Throws `InputError` `anchors-invalid`. */
export function parseAnchors(text: string): Anchors {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid(cause)
  }
  const parsed = Anchors.safeParse(value)
  if (!parsed.success) throw invalid(parsed.error)
  return parsed.data
}

/** Reads what the anchors hold. Throws `InputError` `anchors-invalid` when a key, certificate or the policy is not one. */
export function trustOf(anchors: Anchors): Trust {
  try {
    return {
      anchors,
      hostKey: VerifyKey.parse(fromBase64url(anchors.hostKey)),
      insurerKey: VerifyKey.parse(fromBase64url(anchors.insurerKey)),
      cardAuthorities: anchors.cardAuthorities.map(pem => parseCertificate(derOf(pem))),
      policy: parsePolicy(anchors.policy),
    }
  } catch (cause) {
    throw invalid(cause)
  }
}

/** The DER of exactly one PEM certificate (RFC 7468 §5). */
function derOf(pem: string): Uint8Array {
  const base64 = /^\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(pem)?.[1]
  if (base64 === undefined) throw new InputError('Not one PEM certificate', { code: 'anchors-invalid' })
  return fromBase64(base64.replace(/\s+/g, ''))
}

function invalid(cause: unknown): InputError {
  return new InputError('This is not an anchors file of this version; get it again from who runs the deployment', {
    code: 'anchors-invalid',
    cause,
  })
}
