/** What every error of this project carries besides its message. */
export interface CoffreErrorOptions {
  /** Stable, kebab-case; what programs test (messages may change). */
  readonly code: string
  readonly cause?: unknown
}

/**
 * Base of every error that Coffre throws on purpose.
 *
 * The message says what to do next; it may show types and lengths, never a value that could be secret.
 * Anything thrown that is not a `CoffreError` is a defect.
 */
export class CoffreError extends Error {
  readonly code: string

  constructor(message: string, options: CoffreErrorOptions) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = new.target.name
    this.code = options.code
  }

  /**
   * Narrows an unknown error to this class (called on a subclass: to that subclass), and to one code if given.
   * Never throws.
   */
  static is<T extends CoffreError>(
    this: abstract new (
      ...parameters: never[]
    ) => T,
    error: unknown,
    code?: string,
  ): error is T {
    // biome-ignore lint/complexity/noThisInStatic: the subclass it is called on is the point
    return error instanceof this && (code === undefined || error.code === code)
  }
}

/** A cryptographic check failed, or a value given to `crypto` has the wrong form. */
export class CryptoError extends CoffreError {}
