import { ProgressBar, type Terminal } from '../cli/progress.ts'
import type { Screen } from './journey/stage.ts'

/** Where the development world prints: a process's stream, or a test's. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
}

/** Styles, as SGR numbers; used on a terminal only, and not when NO_COLOR is set (no-color.org). */
const STYLES = { bold: '1', dim: '2', green: '32', red: '31', plain: '' } as const

/** The journey as lines on a terminal or in a file. */
export class TerminalScreen implements Screen {
  readonly #output: Output
  readonly #bar: ProgressBar
  readonly #verbose: boolean
  readonly #colour: boolean

  constructor(options: { output: Output; progress: Terminal; verbose: boolean }) {
    this.#output = options.output
    this.#bar = new ProgressBar(options.progress)
    this.#verbose = options.verbose
    this.#colour = options.output.isTTY === true && process.env.NO_COLOR === undefined
  }

  heading(number: number, title: string): void {
    this.line('')
    this.line(`${number}. ${title}`, 'bold')
  }

  say(line: string): void {
    this.line(`   ${line}`)
  }

  detail(line: string): void {
    if (this.#verbose) this.line(`   ${line}`, 'dim')
  }

  progress(label: string, done: number, total: number): void {
    this.#bar.update(label, done, total)
  }

  /** One line in a style. */
  line(text: string, style: keyof typeof STYLES = 'plain'): void {
    this.#bar.clear()
    const code = STYLES[style]
    this.#output.write(this.#colour && code !== '' ? `\x1b[${code}m${text}\x1b[0m\n` : `${text}\n`)
  }
}
