import { qrModules } from '../paper/qr.ts'

/** Modules of light around a code, so that a camera finds it. */
const QUIET = 2

/** A QR code as lines of text, two rows of modules to a line; for terminals with light text on dark. */
export function terminalQr(content: string): string {
  const { size, dark } = qrModules(content)
  const isDark = Array.from({ length: size }, () => new Array<boolean>(size).fill(false))
  for (const { row, column, length } of dark) isDark[row]?.fill(true, column, column + length)
  const light = (row: number, column: number) => isDark[row]?.[column] !== true
  const lines: string[] = []
  for (let row = -QUIET; row < size + QUIET; row += 2) {
    let line = ''
    for (let column = -QUIET; column < size + QUIET; column++) {
      const [above, below] = [light(row, column), light(row + 1, column)]
      line += above ? (below ? '█' : '▀') : below ? '▄' : ' '
    }
    lines.push(line)
  }
  return lines.join('\n')
}
