import { CoffreError, type CoffreErrorOptions } from '../crypto/errors.ts'
import type { ProblemCode } from '../protocol/problems.ts'

/** Base of what the SDK throws; always one of the five below. A program switches on `code`, a person reads `message`. */
export class ClientError extends CoffreError {}

/** The host said no (an RFC 9457 problem). `code` is the problem's own, one of `PROBLEM_CODES`. */
export class HostRefusal extends ClientError {
  /** HTTP status of the answer. */
  readonly status: number
  /** What the host said its clock shows; only on `clock-skew`, and never believed. */
  readonly hostTime: string | undefined

  constructor(message: string, options: { code: ProblemCode; status: number; hostTime?: string | undefined }) {
    super(message, { code: options.code })
    this.status = options.status
    this.hostTime = options.hostTime
  }
}

/** What a `VerificationError` is made of. */
export interface VerificationErrorOptions extends CoffreErrorOptions {
  /** What proves the failure to a third party: statements, checkpoints, entries. Never a secret. */
  readonly evidence?: unknown
}

/**
 * Something that the host served does not hold: a signature, a hash, a proof, a state older than one seen, a key that
 * is not the card holder's. Whoever sees it stops and keeps `evidence`.
 */
export class VerificationError extends ClientError {
  readonly evidence: unknown

  constructor(message: string, options: VerificationErrorOptions) {
    super(message, options)
    this.evidence = options.evidence
  }
}

/** Something has to be done first, or is not there: no session, no device in this folder, no such document. */
export class StepError extends ClientError {}

/** What the person gave cannot be used: a mistyped code, a weak secret code, a wrong file. */
export class InputError extends ClientError {}

/** The host cannot be reached, or not over a connection that the anchors vouch for. */
export class ConnectionError extends ClientError {}
