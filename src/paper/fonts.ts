/**
 * Atkinson Hyperlegible (Braille Institute, SIL Open Font Licence): drawn for readers with low vision, so that 0 and O,
 * 1, I and l differ. Embedded in every file, since a standard PDF font is neither embedded nor complete beyond Latin-1.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const sans = '@expo-google-fonts/atkinson-hyperlegible'
const mono = '@fontsource/atkinson-hyperlegible-mono/files'

/** Names under which a sheet registers its fonts. */
export type FontName = 'text' | 'bold' | 'code'

const FILES: Readonly<Record<FontName, string>> = {
  text: `${sans}/400Regular/AtkinsonHyperlegible_400Regular.ttf`,
  bold: `${sans}/700Bold/AtkinsonHyperlegible_700Bold.ttf`,
  code: `${mono}/atkinson-hyperlegible-mono-latin-700-normal.woff`,
}

/** The bytes of a font. */
export function fontFile(name: FontName): Buffer {
  return readFileSync(require.resolve(FILES[name]))
}
