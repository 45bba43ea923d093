/**
 * Draws the picture of a run that the README shows, from what the run printed:
 * `npm start -- --once --data data/picture | npx node setup/picture.ts > docs/images/run.svg`.
 */
import { text } from 'node:stream/consumers'

const LINE = 19
const MARGIN = 24
const COLUMNS = 122
/** Width of one character at 14 px in the usual monospaced fonts, pixels. */
const CHARACTER = 8.43

const escaped = (line: string) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** A step's heading, what holds, the frame around the run, and all else. */
function styleOf(line: string): string {
  if (/^\d\. |^Coffre:/.test(line)) return 'h'
  if (/^The whole journey holds/.test(line)) return 'g'
  return 'p'
}

const printed = (await text(process.stdin)).split('\n').filter(line => !line.startsWith('> '))
const lines = ['$ npm start -- --once', '', ...printed.join('\n').trim().split('\n')]
const width = Math.ceil(COLUMNS * CHARACTER + 2 * MARGIN)
const height = lines.length * LINE + 2 * MARGIN

process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>What npm start -- --once prints</title>
<style>text{font:14px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;white-space:pre}.p{fill:#d5dbe3}.h{fill:#fff;font-weight:700}.g{fill:#7ddf9a;font-weight:700}</style>
<rect width="100%" height="100%" rx="10" fill="#1b2430"/>
${lines
  .map((line, i) => ({ line, y: MARGIN + LINE * (i + 0.75) }))
  .filter(({ line }) => line !== '')
  .map(({ line, y }) => `<text x="${MARGIN}" y="${y}" class="${styleOf(line)}">${escaped(line)}</text>`)
  .join('\n')}
</svg>
`)
