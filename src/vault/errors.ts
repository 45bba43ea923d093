import { CoffreError } from '../crypto/errors.ts'
import type { ProblemCode } from '../protocol/problems.ts'

/** What a problem may tell beside its code. */
export interface RefusalExtra {
  readonly attemptsLeft?: number
  readonly retryAt?: string
  readonly hostTime?: string
}

/**
 * The host says no, and why, in words the caller may read: never a secret, never a value the caller did not send.
 * `api/statuses.ts` turns the code into an HTTP status.
 */
export class Refusal extends CoffreError {
  declare readonly code: ProblemCode
  readonly extra: RefusalExtra

  constructor(code: ProblemCode, message: string, options: { cause?: unknown; extra?: RefusalExtra } = {}) {
    super(message, { code, ...('cause' in options ? { cause: options.cause } : {}) })
    this.extra = options.extra ?? {}
  }
}

/** Something is wrong with the host's own files or configuration; for its operator. */
export class VaultError extends CoffreError {}
