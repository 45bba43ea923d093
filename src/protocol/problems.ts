/**
 * Every refusal the API can give, by stable code. The problem document's `type` is
 * `urn:coffre:problem:<code>` (RFC 9457). `api/statuses.ts` alone turns codes into HTTP statuses.
 */
import { z } from 'zod'

export const PROBLEM_CODES = [
  // the request itself
  'malformed',
  'no-such-route',
  'too-large',
  'request-unsigned',
  'signature-invalid',
  'clock-skew',
  'nonce-replayed',
  'history-missing',
  // who asks
  'certificate-refused',
  'key-unknown',
  'key-refused',
  'key-withdrawn',
  'session-required',
  'sign-in-refused',
  'sign-in-locked',
  'sign-in-again',
  'contact-new',
  'contact-unsupported',
  'code-refused',
  // opening and activation
  'registration-invalid',
  'registration-expired',
  'registration-used',
  'registration-frozen',
  'identity-invalid',
  'activation-invalid',
  // the record
  'record-unknown',
  'record-exists',
  'record-closed',
  'record-open',
  'state-stale',
  'state-invalid',
  'statement-invalid',
  'no-grant',
  'request-unknown',
  'pairing-unknown',
  'recovery-unknown',
  'recovery-early',
  'recovery-stopped',
  // documents
  'document-unknown',
  'document-exists',
  'document-invalid',
  'epoch-stale',
  'upload-unknown',
  'upload-incomplete',
  'part-invalid',
  'body-mismatch',
  'read-closed',
  'range-invalid',
  // the host
  'log-unavailable',
  'store-full',
  'busy',
  'too-many-requests',
  'internal',
] as const
export const ProblemCode = z.enum(PROBLEM_CODES)
export type ProblemCode = z.infer<typeof ProblemCode>

/** RFC 9457 problem details as this API sends them. */
export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: ProblemCode,
  /** Host's clock, on `clock-skew`. */
  hostTime: z.string().optional(),
  /** Tries that remain before the pair (INS, device) is locked, on `sign-in-refused` and `code-refused`. */
  attemptsLeft: z.int().optional(),
  /** When signing in is possible again, on `sign-in-locked`; when the act is, on `contact-new`, `recovery-early`. */
  retryAt: z.string().optional(),
  /** What to quote to the operator, on `internal`. */
  incident: z.string().optional(),
})
export type Problem = z.infer<typeof Problem>
