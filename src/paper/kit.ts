/** The recovery kit on paper. */
import { english, french, type KitWords } from './kit-words.ts'
import { type Millimetres, SHEET, Sheets } from './sheet.ts'
import { spelled } from './spelled.ts'

/** What the kit shows. The secret stands on the first sheet only, and nowhere else in the file. */
export interface RecoveryKit {
  /** The kit secret in groups, as a person types it. */
  readonly secretText: string
  /** What the square holds. */
  readonly qr: string
  /** In groups, as printed. */
  readonly ins: string
  /** In groups of four. */
  readonly fingerprint: string
  readonly createdAt: Date
}

const LEFT: Millimetres = 20
const WIDTH: Millimetres = 170
/** Points. */
const BODY = 13

/** The kit as PDF. Same kit, same bytes. */
export async function recoveryKitPdf(kit: RecoveryKit): Promise<Uint8Array> {
  const words = french(kit.createdAt)
  const sheets = new Sheets({ title: words.title, lang: words.lang, author: 'Coffre', createdAt: kit.createdAt })
  sheets.page()
  let y = heading(sheets, words)
  y = secretBox(sheets, { kit, words, y: y + 2 })
  sections(sheets, { words, y: y + 5 })
  const translated = english(kit.createdAt)
  sheets.page()
  y = heading(sheets, translated)
  sections(sheets, { words: translated, y: y + 2 })
  return sheets.finish()
}

function heading(sheets: Sheets, { title, lead, madeOn, footer, lang }: KitWords): Millimetres {
  const y = sheets.text(title, { font: 'bold', size: 22, x: LEFT, y: 20, width: WIDTH, tag: 'H1', lang }) + 2
  sheets.text(`${madeOn}. ${footer}`, { size: 9.5, x: LEFT, y: SHEET.height - 16, width: WIDTH, lang })
  return sheets.text(lead, { size: BODY, x: LEFT, y, width: WIDTH, lang })
}

function secretBox(sheets: Sheets, { kit, words, y }: { kit: RecoveryKit; words: KitWords; y: Millimetres }) {
  const side = 56
  const height = 84
  sheets.frame({ x: LEFT, y, width: WIDTH, height })
  const inside = { x: LEFT + 5, width: WIDTH - side - 10 }
  let at = sheets.text(words.secretLabel, { ...inside, font: 'bold', size: 13.5, y: y + 4, tag: 'H2' }) + 1
  for (const line of rows(kit.secretText)) {
    at = sheets.text(line, { ...inside, font: 'code', size: 24, y: at, spacing: 1, spoken: spelled(line) })
  }
  at = sheets.text(words.insLabel, { ...inside, font: 'bold', size: 11.5, y: at + 4 })
  sheets.text(kit.ins, { ...inside, font: 'code', size: 12.5, y: at })
  sheets.qr(kit.qr, { x: LEFT + WIDTH - side - 1, y: y + 1, side, alt: words.qrAlt })
  const low = { x: LEFT + 5, width: WIDTH - 10 }
  at = sheets.text(words.fingerprintLabel, { ...low, font: 'bold', size: 11.5, y: y + 67 })
  sheets.text(kit.fingerprint, { ...low, font: 'code', size: 12.5, y: at + 0.5 })
  return y + height
}

/** Groups in rows of three, so that the eye finds its place again when typing. */
function rows(text: string): string[] {
  const groups = text.split(/[ -]/)
  return Array.from({ length: Math.ceil(groups.length / 3) }, (_, i) => groups.slice(3 * i, 3 * i + 3).join('  '))
}

function sections(sheets: Sheets, { words, y }: { words: KitWords; y: Millimetres }): void {
  const { lang } = words
  let at = y
  for (const { title, texts } of words.sections) {
    at = sheets.text(title, { font: 'bold', size: 14, x: LEFT, y: at, width: WIDTH, tag: 'H2', lang }) + 0.5
    for (const text of texts) at = sheets.text(text, { size: BODY, x: LEFT, y: at, width: WIDTH, lang }) + 1.5
    at += 2
  }
}
