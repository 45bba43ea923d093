/** What a command of the `coffre` program is, and what it is given to speak with. */
import { CoffreError } from '../crypto/errors.ts'

/** Where a command speaks. The journey of the development world hands in its own, so that it runs the same code. */
export interface Io {
  /** One line for a human, on standard output; nothing is printed under `--json`. */
  print(line: string): void
  /** How far a long act has come; a bar on standard error when that is a terminal, else nothing. */
  progress(label: string, done: number, total: number): void
  /** Whether standard output carries one JSON object and nothing else. */
  readonly json: boolean
  clock(): Date
  /** Asks the person (`hidden`: without echo). Absent where nobody can answer; then an option must have said it. */
  ask?(question: string, options?: { readonly hidden?: boolean }): Promise<string>
}

export interface OptionSpec {
  readonly type: 'string' | 'boolean'
  /** One letter. */
  readonly short?: string
  readonly multiple?: boolean
  readonly required?: boolean
  /** What stands for the value on the help page: FILE, INS, ID … */
  readonly value?: string
  readonly description: string
}

export interface PositionalSpec {
  readonly name: string
  readonly description: string
  readonly required?: boolean
}

export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

export interface Arguments {
  readonly values: Values
  readonly positionals: readonly string[]
}

export interface Command {
  /** Group and verb: `patient open`. */
  readonly name: string
  /** One line, no full stop. */
  readonly summary: string
  /** Teaches: what it does, what it needs, examples. */
  readonly help: string
  readonly options: Readonly<Record<string, OptionSpec>>
  readonly positionals?: readonly PositionalSpec[]
  /** Prints lines through `io.print`; returns what `--json` prints. Throws `CoffreError`s. */
  run(args: Arguments, io: Io): Promise<object>
  /** The exit code of a result that is not an error and yet not all good (an audit's findings). 0 when absent. */
  exitCode?(result: object): number
}

/** The command line cannot be obeyed as typed. Exit code 2. */
export class UsageError extends CoffreError {
  constructor(message: string, options: { readonly code?: string; readonly cause?: unknown } = {}) {
    super(message, { code: options.code ?? 'usage', ...('cause' in options ? { cause: options.cause } : {}) })
  }
}

/** The text of an option, `undefined` when not given. Throws `UsageError` when it was given as something else. */
export function textOption(args: Arguments, name: string): string | undefined {
  const value = args.values[name]
  if (value === undefined || typeof value === 'string') return value
  throw new UsageError(`--${name} takes one value`)
}

/** The text of an option that must be there. Throws `UsageError`. */
export function requiredOption(args: Arguments, name: string): string {
  const value = textOption(args, name)
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing; give it a value`)
  return value
}

/** Every value of an option that may stand several times. */
export function listOption(args: Arguments, name: string): string[] {
  const value = args.values[name]
  if (value === undefined) return []
  const list = Array.isArray(value) ? value : [value]
  return list.map(item => {
    if (typeof item !== 'string') throw new UsageError(`--${name} takes a value`)
    return item
  })
}

/** Whether a switch was given. */
export function flag(args: Arguments, name: string): boolean {
  return args.values[name] === true
}
