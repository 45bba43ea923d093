import { CoffreError, type CoffreErrorOptions } from '../crypto/errors.ts'

/** What a `LogError` is made of. */
export interface LogErrorOptions extends CoffreErrorOptions {
  /** What an auditor would publish to prove the failure: both checkpoints, the proof, the paths. Never a secret. */
  readonly evidence?: unknown
}

/**
 * A part of the log is malformed or does not verify.
 *
 * Codes: `*-malformed` and `*-range` say that the input has no meaning; all the others say that it has one and is wrong.
 */
export class LogError extends CoffreError {
  /** `undefined` when there is nothing to show beyond the message. */
  readonly evidence: unknown

  constructor(message: string, options: LogErrorOptions) {
    super(message, options)
    this.evidence = options.evidence
  }
}
