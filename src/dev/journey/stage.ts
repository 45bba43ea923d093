import type { Command, Io } from '../../cli/command.ts'
import { readArguments } from '../../cli/main.ts'
import { COMMANDS } from '../../cli/registry.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { DevError } from '../errors.ts'
import type { Samples } from '../samples.ts'
import type { RunningWorld } from '../services.ts'
import { shownPath } from '../shown-path.ts'

/** How the journey speaks to who watches it. */
export interface Screen {
  /** Begins a step. */
  heading(number: number, title: string): void
  /** One line a human enjoys reading. */
  say(line: string): void
  /** A command as typed, or a line it printed; for `--verbose`. */
  detail(line: string): void
  progress(label: string, done: number, total: number): void
}

/** How a person answers what a command asks. */
export type Answer = (question: string) => Promise<string>

/** One step of the journey. */
export interface Step {
  readonly number: number
  readonly title: string
  play(stage: Stage): Promise<void>
}

/** The journey's stage: commands are called here as a person types them, in this process, and checked. */
export class Stage {
  readonly running: RunningWorld
  readonly samples: Samples
  readonly screen: Screen
  readonly #facts = new Map<string, string>()

  constructor(options: { running: RunningWorld; samples: Samples; screen: Screen }) {
    this.running = options.running
    this.samples = options.samples
    this.screen = options.screen
  }

  get layout(): RunningWorld['world']['layout'] {
    return this.running.world.layout
  }

  /** A fact an earlier step left. Throws when there is none: the steps are out of order. */
  fact(name: string): string {
    const value = this.#facts.get(name)
    if (value === undefined) throw new DevError(`No earlier step left "${name}"`, { code: 'step-failed' })
    return value
  }

  /** Leaves a fact for later steps. */
  leave(name: string, value: unknown): string {
    if (typeof value !== 'string' || value === '') {
      throw new DevError(`The command did not say its "${name}"`, { code: 'step-failed' })
    }
    this.#facts.set(name, value)
    return value
  }

  say(line: string): void {
    this.screen.say(line)
  }

  /**
   * Runs `coffre <words>` through its own module, options read as the program reads them. Returns what `--json` prints.
   * Throws what the command throws; a result that is not all good (an audit's findings) is returned with its exit code
   * as `exitCode`.
   */
  async coffre(words: readonly string[], answer?: Answer): Promise<Outcome> {
    const name = words.slice(0, 2).join(' ')
    const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (entry === undefined) throw new DevError(`There is no command "coffre ${name}"`, { code: 'step-failed' })
    const { command } = await entry.load()
    this.screen.detail(`$ coffre ${words.map(word => this.#typed(word)).join(' ')}`)
    const result = await command.run(readArguments(command, words.slice(2)), this.#io(answer))
    return { result: result as Record<string, unknown>, exitCode: exitCodeOf(command, result) }
  }

  /** Runs a command that must be refused, with one of these codes; returns the code. Throws when it is not. */
  async refused(words: readonly string[], codes: readonly string[], answer?: Answer): Promise<string> {
    try {
      await this.coffre(words, answer)
    } catch (error) {
      if (!CoffreError.is(error)) throw error
      this.screen.detail(`  coffre: ${error.message} [${error.code}]`)
      check(codes.includes(error.code), `refused with ${codes.join(' or ')}, not ${error.code}`, error)
      return error.code
    }
    throw new DevError(`coffre ${words.slice(0, 2).join(' ')} was not refused, and must be`, { code: 'step-failed' })
  }

  #io(answer: Answer | undefined): Io {
    const io: Io = {
      json: false,
      clock: () => new Date(),
      print: line => this.screen.detail(`  ${line}`),
      progress: (label, done, total) => this.screen.progress(label, done, total),
    }
    if (answer !== undefined) io.ask = question => answer(question)
    return io
  }

  /** A word as typed at the checkout's top: paths relative, quoted where a shell needs it. */
  #typed(word: string): string {
    const short = word.startsWith('/') ? shownPath(word) : word
    return /^[\w./:=@+-]+$/.test(short) ? short : `'${short.replaceAll("'", "'\\''")}'`
  }
}

/** What a command gave back. */
export interface Outcome {
  readonly result: Record<string, unknown>
  readonly exitCode: number
}

function exitCodeOf(command: Command, result: object): number {
  return command.exitCode?.(result) ?? 0
}

/** Throws `DevError` `step-failed` unless the statement holds. `statement` reads: "it must be that …". */
export function check(holds: boolean, statement: string, cause?: unknown): asserts holds {
  if (!holds) {
    throw new DevError(`This must hold, and does not: ${statement}`, {
      code: 'step-failed',
      ...(cause === undefined ? {} : { cause }),
    })
  }
}
