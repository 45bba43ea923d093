import { lp, randomBytes, utf8, wipe } from './bytes.ts'
import { checkSymbol, formatSymbols, parseSymbols } from './crockford.ts'
import { CryptoError } from './errors.ts'
import { hkdfSha256 } from './hash.ts'
import { SigningKey } from './sign.ts'

// Mailed codes: 19 random symbols (95 bits) and a check symbol, in Crockford's base 32. The code is on paper and with the
// patient only; what others get is the public key that it seeds.

/** A well-formed mailed code, in its printed form: four groups of five symbols, joined by dashes. Secret. */
export type MailedCode = string & { readonly __mailedCode: never }

const SYMBOLS = 19
const GROUP = 5

/** A new random code. */
export function generateCode(): MailedCode {
  const random = randomBytes(SYMBOLS)
  const values = [...random].map(byte => byte & 0x1f) // 256 is 8 · 32: no bias
  wipe(random)
  return formatSymbols([...values, checkSymbol(values)], GROUP) as MailedCode
}

/**
 * Reads a code as typed: lower case, spaces or no separators, O for 0, I and L for 1. Throws `CryptoError`
 * `code-malformed` (not 20 symbols of the alphabet) or `code-check-symbol` (a typing error), neither showing the code.
 */
export function parseCode(text: string): MailedCode {
  const values = text.length > 100 ? null : parseSymbols(text)
  if (values?.length !== SYMBOLS + 1) {
    throw new CryptoError('A code has 20 letters and digits, in four groups of five: check it against the letter', {
      code: 'code-malformed',
    })
  }
  if (checkSymbol(values.slice(0, SYMBOLS)) !== values[SYMBOLS]) {
    throw new CryptoError('This code has a typing error: compare each group with the letter', {
      code: 'code-check-symbol',
    })
  }
  return formatSymbols(values, GROUP) as MailedCode
}

/**
 * The key that a code stands for: an Ed25519 seed, HKDF-SHA256 of the 19 symbols (ASCII, upper case, without the check
 * symbol), no salt, `info` = lp('coffre/v1/mailed-code', ins). The same code for another INS is another key.
 */
export function codeSigningKey(code: MailedCode, ins: string): SigningKey {
  const ikm = utf8(code.replaceAll('-', '').slice(0, SYMBOLS))
  const seed = hkdfSha256({ ikm, salt: new Uint8Array(0), info: lp('coffre/v1/mailed-code', ins), length: 32 })
  const key = SigningKey.fromSeed(seed)
  wipe(ikm)
  wipe(seed)
  return key
}
