/**
 * The INS as people type and read it (docs/protocol/ins.md). Deriving one needs the authority's key and stands in
 * `src/ins`; reading and printing one is everybody's.
 */
import { CoffreError } from '../crypto/errors.ts'
import type { Ins } from './ids.ts'

/** A typed INS is not one. Codes `ins-length`, `ins-characters`, `ins-check-key`; the message never repeats it. */
export class InsError extends CoffreError {}

/** Digits of `D`, without the key. */
export const INS_DIGITS = 20

/** The two digits that follow the 20 of `D`: 97 − (D mod 97), so 01..97. Any single wrong digit changes them. */
export function insCheckKey(digits: string): string {
  return String(97n - (BigInt(digits) % 97n)).padStart(2, '0')
}

/**
 * An INS out of what a person typed or a file holds: 22 digits, spaces between them allowed, the check key right.
 * Use it before any look-up, so that a mistyped INS never reaches another person's record. Throws `InsError`.
 */
export function parseIns(text: string): Ins {
  const digits = text.replaceAll(/[ \u00a0\u202f]/g, '')
  if (!/^[0-9]*$/.test(digits)) {
    throw new InsError('An INS is made of digits only; look at it again', { code: 'ins-characters' })
  }
  if (digits.length !== INS_DIGITS + 2) {
    throw new InsError(`An INS has 22 digits and this has ${digits.length}; look at it again`, { code: 'ins-length' })
  }
  if (insCheckKey(digits.slice(0, INS_DIGITS)) !== digits.slice(INS_DIGITS)) {
    throw new InsError('The last two digits do not match the others: a digit is wrong or two are swapped', {
      code: 'ins-check-key',
    })
  }
  return digits as Ins
}

/** As printed: `12345 67890 12345 67890 12`. */
export function formatIns(ins: Ins): string {
  return ins.replaceAll(/(.{5})(?=.)/g, '$1 ')
}
