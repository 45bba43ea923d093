/** A progress bar for standard error. */

/** What a bar needs of a terminal; `process.stderr` is one. */
export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const BAR_WIDTH = 28
/** Milliseconds between two drawings: a bar must not cost more than the work it shows. */
const REDRAW_EVERY = 80

/** Bytes or counts as a person reads them: `12.4 MiB`, `310`. */
export function amount(value: number): string {
  if (value < 1024 * 16) return String(value)
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let scaled = value / 1024
  let unit = 0
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024
    unit++
  }
  return `${scaled.toFixed(scaled < 100 ? 1 : 0)} ${units[unit]}`
}

/** One line, redrawn in place, wiped when done; silent when the terminal is none. */
export class ProgressBar {
  readonly #terminal: Terminal
  #drawnAt = 0
  #shown = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** Shows `done` of `total`; draws rarely, wipes the line once `done` reaches `total`. */
  update(label: string, done: number, total: number): void {
    if (this.#terminal.isTTY !== true) return
    if (total > 0 && done >= total) {
      this.clear()
      return
    }
    const now = performance.now()
    if (this.#shown && now - this.#drawnAt < REDRAW_EVERY) return
    this.#drawnAt = now
    this.#shown = true
    const share = total > 0 ? Math.max(0, Math.min(1, done / total)) : 0
    const filled = Math.round(share * BAR_WIDTH)
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled)
    const percent = String(Math.floor(share * 100)).padStart(3)
    const line = `${label} ${bar} ${percent} %  ${amount(done)} of ${amount(total)}`
    this.#terminal.write(`\r\x1b[2K${line.slice(0, (this.#terminal.columns || 80) - 1)}`)
  }

  /** Wipes the line; to be called before anything else is printed. */
  clear(): void {
    if (!this.#shown) return
    this.#terminal.write('\r\x1b[2K')
    this.#shown = false
  }
}
