/**
 * Symbols that people copy from paper: Crockford's base 32 and one check symbol over GF(32). Mailed codes and the
 * recovery kit's secret both use it.
 */

/** Digits and letters without I, L, O, U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** x · 2 in GF(32) with modulus x^5 + x^2 + 1. */
function double(value: number): number {
  const shifted = value << 1
  return shifted & 0x20 ? shifted ^ 0b100101 : shifted
}

/**
 * The check symbol of n ≤ 30 symbols: their sum over GF(32), weighted 2^n for the first down to 2^1 for the last; the
 * check symbol itself weighs 1. All weights differ and none is zero (2 has order 31), so no single error and no swap of
 * two symbols passes.
 */
export function checkSymbol(values: readonly number[]): number {
  return values.reduce((sum, value) => double(sum ^ value), 0)
}

/**
 * The values of a typed text: lower case, spaces and dashes anywhere, O for 0, I and L for 1. `null` when something
 * else stands in it. How many there are and the check symbol are the caller's to look at.
 */
export function parseSymbols(text: string): number[] | null {
  const symbols = text.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0')
  const values = [...symbols].map(symbol => ALPHABET.indexOf(symbol))
  return values.includes(-1) ? null : values
}

/** The text of values, in groups of `group` joined by dashes. */
export function formatSymbols(values: readonly number[], group: number): string {
  const symbols = values.map(value => ALPHABET[value] ?? '').join('')
  return symbols.replaceAll(new RegExp(`.{${group}}(?=.)`, 'g'), '$&-')
}
