/** A4 sheets with tagged text: the only file that imports pdfkit, and where its habits are dealt with. */
import PDFDocument from 'pdfkit'
import { type FontName, fontFile } from './fonts.ts'
import { qrModules } from './qr.ts'

/** Millimetres from the sheet's upper left corner; everything here is measured so. */
export type Millimetres = number

/** A4. */
export const SHEET = { width: 210, height: 297 } as const

const pt = (mm: Millimetres) => (mm * 72) / 25.4
const mm = (points: number): Millimetres => (points * 25.4) / 72

/** How a text is set. */
export interface TextStyle {
  readonly font?: FontName
  /** Points. */
  readonly size: number
  readonly x: Millimetres
  readonly y: Millimetres
  readonly width: Millimetres
  /** What it is to who listens instead of looking; `P` unless said. */
  readonly tag?: 'H1' | 'H2' | 'P' | 'LI'
  readonly lang?: string
  /** Points between letters, for codes that are read one by one. */
  readonly spacing?: number
  /** What a screen reader says instead, for codes. */
  readonly spoken?: string
}

/** What a document says about itself. No time but the one given, so that the same input gives the same bytes. */
export interface SheetInfo {
  readonly title: string
  /** BCP 47, of the whole document. */
  readonly lang: string
  readonly author: string
  readonly createdAt: Date
}

/** Added between lines, as a part of the letters' size; the font's own height is 1.2 of it. */
const LEADING = 0.12

/**
 * Sheets being written: PDF/A-2a (fonts embedded, tagged, language and title set), pages of A4. Each call says where;
 * nothing flows over to another page by itself: what would leave the sheet throws a `RangeError`.
 */
export class Sheets {
  readonly #document: PDFKit.PDFDocument
  readonly #parts: Buffer[] = []
  readonly #root: PDFKit.PDFStructureElement

  constructor(info: SheetInfo) {
    this.#document = new PDFDocument({
      size: 'A4',
      margin: 0,
      autoFirstPage: false,
      pdfVersion: '1.7',
      subset: 'PDF/A-2a',
      tagged: true,
      lang: info.lang,
      displayTitle: true,
      info: {
        Title: info.title,
        Author: info.author,
        Creator: 'Coffre',
        Producer: 'Coffre',
        CreationDate: info.createdAt,
        ModDate: info.createdAt,
      },
    })
    this.#document.on('data', (part: Buffer) => this.#parts.push(part))
    for (const name of ['text', 'bold', 'code'] as const) this.#document.registerFont(name, fontFile(name))
    this.#root = this.#document.struct('Document')
    this.#document.addStructure(this.#root)
  }

  /** Begins a new sheet. */
  page(): void {
    this.#document.addPage({ size: 'A4', margin: 0 })
  }

  /** Sets a text and returns where the next one may begin, just below. No line begins with French punctuation. */
  text(words: string, style: TextStyle): Millimetres {
    const content = words.replaceAll(/ (?=[:;?!»])|(?<=«) /g, '\u00a0')
    const { font = 'text', size, x, y, width, tag = 'P', lang, spacing = 0, spoken } = style
    const document = this.#document
    const options = { width: pt(width), characterSpacing: spacing, lineGap: LEADING * size }
    document.font(font).fontSize(size)
    const height = document.heightOfString(content, options)
    // A code must not be broken over two lines, nor a page end in the middle of a warning.
    if (pt(y) + height > pt(SHEET.height - 8)) throw new RangeError(`The text “${tag}” at ${y} mm leaves the sheet`)
    const set = () => {
      document.font(font).fontSize(size).fillColor('black').text(content, pt(x), pt(y), options)
    }
    const about = { ...(lang === undefined ? {} : { lang }), ...(spoken === undefined ? {} : { actual: spoken }) }
    this.#root.add(document.struct(tag, about, [set]))
    return y + mm(height)
  }

  /** A QR code with its quiet zone of 4 modules inside the square; error correction Q (a quarter may be unreadable). */
  qr(content: string, square: { x: Millimetres; y: Millimetres; side: Millimetres; alt: string }): void {
    const { size, dark } = qrModules(content)
    const module = square.side / (size + 8)
    const draw = () => {
      for (const { row, column, length } of dark) {
        const x = square.x + (column + 4) * module
        this.#document.rect(pt(x), pt(square.y + (row + 4) * module), pt(length * module), pt(module))
      }
      this.#document.fill('black')
    }
    const bbox = [square.x, square.y, square.x + square.side, square.y + square.side].map(pt)
    this.#root.add(this.#document.struct('Figure', { alt: square.alt, bbox } as { alt: string }, [draw]))
  }

  /** A frame around something important; for the eye alone. */
  frame(box: { x: Millimetres; y: Millimetres; width: Millimetres; height: Millimetres }): void {
    this.#artifact(() => {
      const { x, y, width, height } = box
      this.#document.lineWidth(1.5).roundedRect(pt(x), pt(y), pt(width), pt(height), pt(2)).stroke('black')
    })
  }

  /** A thin line, for folding marks and under headings; for the eye alone. */
  line(from: { x: Millimetres; y: Millimetres }, to: { x: Millimetres; y: Millimetres }): void {
    this.#artifact(() => {
      this.#document.lineWidth(0.5).moveTo(pt(from.x), pt(from.y)).lineTo(pt(to.x), pt(to.y)).stroke('black')
    })
  }

  /** The finished file. */
  async finish(): Promise<Uint8Array> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#document.on('end', resolve)
      this.#document.on('error', reject)
    })
    this.#document.end()
    await ended
    return new Uint8Array(Buffer.concat(this.#parts))
  }

  #artifact(draw: () => void): void {
    this.#document.markContent('Artifact', { type: 'Layout' })
    draw()
    this.#document.endMarkedContent()
  }
}
