/** Which texts can be printed: a letter to the wrong name is worse than none. */
import PDFDocument from 'pdfkit'
import { fontFile } from './fonts.ts'

/** What is used of pdfkit's embedded font; it exports no type for it. */
type FontDocument = { readonly _font: { readonly font: { hasGlyphForCodePoint(point: number): boolean } } }

let font: FontDocument['_font']['font'] | null = null

function hasGlyph(character: string): boolean {
  if (font === null) {
    const document = new PDFDocument({ autoFirstPage: false }).font(fontFile('text'))
    font = (document as unknown as FontDocument)._font.font
  }
  return font.hasGlyphForCodePoint(character.codePointAt(0) as number)
}

/** Kinds of spaces and hyphens, and one letter, that the font lacks. */
const STAND_INS: Readonly<Record<string, string>> = { '\u202f': '\u00a0', '\u2011': '-', '\u1e9e': 'SS' }

/**
 * The text as it will be printed: letters that the font lacks lose their accent (İ → I); `null` when even that does
 * not help (another script), since a blank or a box in an address would go unnoticed.
 */
export function printable(text: string): string | null {
  let printed = ''
  for (const character of text.normalize('NFC')) {
    const plain = character.normalize('NFD').replaceAll(/\p{M}/gu, '')
    const candidates = [character, plain, STAND_INS[character] ?? '']
    const found = candidates.find(candidate => candidate !== '' && [...candidate].every(hasGlyph))
    if (found === undefined) return null
    printed += found
  }
  return printed
}
