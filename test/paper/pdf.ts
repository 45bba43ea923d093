import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jsqr from 'jsqr'
import { PNG } from 'pngjs'

// What people and machines get out of a PDF: text by pdftotext, pixels by pdftoppm (poppler-utils).

function inFolder<T>(pdf: Uint8Array, work: (folder: string, file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'coffre-paper-'))
  try {
    writeFileSync(join(folder, 'file.pdf'), pdf)
    return work(folder, join(folder, 'file.pdf'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The text of each page. */
export function textOf(pdf: Uint8Array): string[] {
  return inFolder(pdf, (_, file) =>
    execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).split('\f').slice(0, -1),
  )
}

/** Words of the first page with their boxes in millimetres. */
export function wordsOf(pdf: Uint8Array): { text: string; x: number; y: number; right: number; bottom: number }[] {
  const html = inFolder(pdf, (_, file) =>
    execFileSync('pdftotext', ['-bbox', '-l', '1', file, '-'], { encoding: 'utf8' }),
  )
  const found = html.matchAll(/<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</g)
  const mm = (points: string | undefined) => (Number(points) * 25.4) / 72
  return [...found].map(([, x, y, right, bottom, text]) => {
    return { text: text ?? '', x: mm(x), y: mm(y), right: mm(right), bottom: mm(bottom) }
  })
}

/** What a camera reads on the first sheet; null where there is no code. (Without one, the reader may search for minutes.) */
export function qrOf(pdf: Uint8Array): string | null {
  return inFolder(pdf, (folder, file) => {
    execFileSync('pdftoppm', ['-r', '150', '-png', '-f', '1', '-l', '1', '-singlefile', file, join(folder, 'page')])
    const { data, width, height } = PNG.sync.read(readFileSync(join(folder, 'page.png')))
    const read = jsqr as unknown as typeof jsqr.default
    return read(new Uint8ClampedArray(data), width, height)?.data ?? null
  })
}

/** Properties as pdfinfo prints them, and the fonts as pdffonts does. */
export function aboutOf(pdf: Uint8Array): string {
  return inFolder(
    pdf,
    (_, file) =>
      execFileSync('pdfinfo', [file], { encoding: 'utf8' }) + execFileSync('pdffonts', [file], { encoding: 'utf8' }),
  )
}

/** The structure tree as pdfinfo prints it: what a screen reader walks through. */
export function structureOf(pdf: Uint8Array): string {
  return inFolder(pdf, (_, file) => execFileSync('pdfinfo', ['-struct-text', file], { encoding: 'utf8' }))
}
