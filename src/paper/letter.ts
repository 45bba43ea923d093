/** Letters on A4 for envelopes with a window: French first, English on the second sheet. */
import { type Millimetres, SHEET, Sheets } from './sheet.ts'
import { spelled } from './spelled.ts'

/** The words of a letter in one language. */
export interface LetterWords {
  /** BCP 47. */
  readonly lang: string
  readonly title: string
  readonly opening: readonly string[]
  /** Numbered on the sheet. */
  readonly steps: readonly string[]
  /** Printed in bold above what follows. */
  readonly warningTitle: string
  readonly warnings: readonly string[]
  readonly codeLabel: string
  readonly insLabel: string
  readonly validity: string
  /** For who listens: what the square is. */
  readonly qrAlt: string
  readonly footer: string
}

/** A letter with a mailed code. The code stands on the first sheet only; nothing else in it is secret. */
export interface Letter {
  /** At most 7 lines: what shows in the envelope's window. */
  readonly recipient: readonly string[]
  /** At most 5 lines. */
  readonly sender: readonly string[]
  /** Place and date, as printed. */
  readonly dateLine: string
  /** 4 groups of 5. */
  readonly code: string
  /** What the square holds. */
  readonly qr: string
  /** In groups, as printed. */
  readonly ins: string
  /** First sheet, with the code, then the others without. */
  readonly words: readonly [LetterWords, ...LetterWords[]]
  readonly createdAt: Date
}

const LEFT: Millimetres = 20
const WIDTH: Millimetres = 170
/** Points; a patient of 75 reads it without glasses made for it. */
const BODY = 13

/** The letter as PDF. Same letter, same bytes. Throws `RangeError` when a text is too long for the sheet. */
export async function letterPdf(letter: Letter): Promise<Uint8Array> {
  const [first, ...others] = letter.words
  const sheets = new Sheets({
    title: first.title,
    lang: first.lang,
    author: letter.sender[0] ?? '',
    createdAt: letter.createdAt,
  })
  sheets.page()
  head(sheets, letter)
  let y = sheets.text(first.title, { font: 'bold', size: 20, x: LEFT, y: 105, width: WIDTH, tag: 'H1' }) + 1
  for (const text of first.opening) y = sheets.text(text, { size: BODY, x: LEFT, y, width: WIDTH }) + 2
  y = codeBox(sheets, { letter, words: first, y: y + 1 }) + 4
  y = steps(sheets, { words: first, y })
  warnings(sheets, { words: first, y: y + 1 })
  footer(sheets, first)
  for (const words of others) translation(sheets, words)
  return sheets.finish()
}

/**
 * Sender and recipient as in NF Z 11-001, for windows of 45 × 100 and 35 × 100 mm: the recipient's lines stay between
 * 50 and 88 mm, nothing else comes near, and the code lies below the first fold, never in the window.
 */
function head(sheets: Sheets, { sender, recipient, dateLine }: Letter): void {
  let y = 15
  for (const [index, line] of sender.entries()) {
    y = sheets.text(line, { font: index === 0 ? 'bold' : 'text', size: 10.5, x: LEFT, y, width: 80 })
  }
  y = 50
  for (const line of recipient) y = sheets.text(line, { size: 11, x: 110, y, width: 82 })
  sheets.text(dateLine, { size: 11, x: 110, y: 94, width: 82 })
  for (const fold of [99, 198]) sheets.line({ x: 4, y: fold }, { x: 9, y: fold })
}

function codeBox(sheets: Sheets, { letter, words, y }: { letter: Letter; words: LetterWords; y: Millimetres }) {
  const side = 38
  const height = side + 4
  sheets.frame({ x: LEFT, y, width: WIDTH, height })
  const inside = { x: LEFT + 5, width: WIDTH - side - 10 }
  let at = sheets.text(words.codeLabel, { ...inside, font: 'bold', size: 12.5, y: y + 3 })
  const line = { ...inside, width: inside.width + 5, font: 'code' as const, size: 22, spacing: 0.5 }
  at = sheets.text(letter.code, { ...line, y: at + 1, spoken: spelled(letter.code) })
  at = sheets.text(words.validity, { ...inside, size: 11, y: at + 1 })
  sheets.text(`${words.insLabel} ${letter.ins}`, { ...inside, font: 'bold', size: 11.5, y: at + 1 })
  sheets.qr(letter.qr, { x: LEFT + WIDTH - side - 2, y: y + 2, side, alt: words.qrAlt })
  return y + height
}

/** Numbers in a column of their own, so that a second line begins below the first word. */
function steps(sheets: Sheets, { words, y }: { words: LetterWords; y: Millimetres }): Millimetres {
  const indent = 7
  let at = y
  for (const [index, step] of words.steps.entries()) {
    const style = { size: BODY, y: at, lang: words.lang }
    sheets.text(`${index + 1}.`, { ...style, x: LEFT, width: indent, tag: 'LI' })
    at = sheets.text(step, { ...style, x: LEFT + indent, width: WIDTH - indent, tag: 'LI' }) + 1.2
  }
  return at
}

function warnings(sheets: Sheets, { words, y }: { words: LetterWords; y: Millimetres }): Millimetres {
  let at = sheets.text(words.warningTitle, { font: 'bold', size: 13.5, x: LEFT, y, width: WIDTH, tag: 'H2' }) + 0.5
  for (const text of words.warnings) at = sheets.text(text, { size: BODY, x: LEFT, y: at, width: WIDTH }) + 1.2
  return at
}

function footer(sheets: Sheets, words: LetterWords): void {
  const lang = words.lang
  sheets.text(words.footer, { size: 9.5, x: LEFT, y: SHEET.height - 16, width: WIDTH, lang })
}

function translation(sheets: Sheets, words: LetterWords): void {
  const { lang } = words
  sheets.page()
  let y = sheets.text(words.title, { font: 'bold', size: 20, x: LEFT, y: 22, width: WIDTH, tag: 'H1', lang }) + 2
  for (const text of words.opening) y = sheets.text(text, { size: BODY, x: LEFT, y, width: WIDTH, lang }) + 2.5
  y = sheets.text(words.validity, { font: 'bold', size: BODY, x: LEFT, y: y + 2, width: WIDTH, lang }) + 4
  y = steps(sheets, { words, y })
  warnings(sheets, { words, y: y + 3 })
  footer(sheets, words)
}
