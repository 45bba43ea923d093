/** One parser or opener, good inputs for it, and what it may answer to all others. */
import type { Random } from './random.ts'

export interface Target {
  readonly name: string
  /** Part of the inputs of a whole run, to that of the others: fast ones take more. */
  readonly share: number
  /** Inputs that are taken. Never empty; all of bytes or all of text. */
  readonly samples: readonly Uint8Array[] | readonly string[]
  /** Inputs that have the format's grammar and say something else; used for a third of the inputs. */
  readonly near?: (random: Random) => Uint8Array | string
  /** Reads an input: what it gives was accepted, and what it throws must be a `CoffreError` of `refusals`. */
  readonly take: (input: never) => unknown
  /** Codes that are documented where `take` is. */
  readonly refusals: readonly string[]
  /** Nothing but the samples may be accepted: an altered input that is, is a forgery. */
  readonly authentic?: true
  /**
   * Writes what was accepted down again; must give the input: the format has one text for each value. `null`: what was
   * read says "not mine".
   */
  readonly write?: (read: never) => Uint8Array | string | null
}

/** The only way to make one, so that input, result and writer fit each other. */
export function target<Input extends Uint8Array | string, Read>(
  parts: Omit<Target, 'samples' | 'near' | 'take' | 'write'> & {
    readonly samples: readonly Input[]
    readonly near?: (random: Random) => Input
    readonly take: (input: Input) => Read | Promise<Read>
    readonly write?: (read: Read) => Input | null
  },
): Target {
  return parts as unknown as Target
}
