import { InputError } from './errors.ts'
import { COMMON_SECRET_CODES } from './secret-code-list.ts'

/** Fewest characters of a secret code. */
export const SECRET_CODE_MIN = 8
/** Most characters; longer ones are refused rather than cut. */
export const SECRET_CODE_MAX = 256

/** What a secret code must not contain: what a thief of the letter knows. */
export interface SecretCodeContext {
  readonly ins?: string
  readonly contact?: string
}

/**
 * Checks a chosen secret code, on this machine: at least 8 characters, not all of one kind, not a common one, not made
 * of the INS or the address. Returns nothing; throws `InputError` `secret-code-weak` saying which rule, never the code.
 */
export function checkSecretCode(code: string, context: SecretCodeContext = {}): void {
  const text = code.normalize('NFC')
  const length = [...text].length
  if (length < SECRET_CODE_MIN) throw weak(`it needs at least ${SECRET_CODE_MIN} characters`)
  if (length > SECRET_CODE_MAX) throw weak(`it has more than ${SECRET_CODE_MAX} characters`)
  if (kindsOf(text) < 2) throw weak('its characters are all of one kind; mix letters, digits, signs')
  const plain = simplified(text)
  if (COMMON_SECRET_CODES.has(plain) || new Set(plain).size < 3 || isSequence(plain)) {
    throw weak('it is among the first that anybody would try')
  }
  const name = context.contact?.split('@')[0]?.toLowerCase() ?? ''
  if (
    (name.length >= 4 && (plain.includes(name) || (name.startsWith('+') && text.includes(name.slice(-8))))) ||
    (context.ins !== undefined && text.includes(context.ins.slice(0, 8)))
  ) {
    throw weak('it contains your address or your INS')
  }
}

/** Kinds of characters in a text: lower case, upper case, digits, anything else. */
function kindsOf(text: string): number {
  return [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u].filter(kind => kind.test(text)).length
}

/** Lower case, signs that stand for letters undone, digits and signs at the end cut: `P@ssw0rd2026!` is `password`. */
function simplified(text: string): string {
  const stands: Readonly<Record<string, string>> = {
    '@': 'a',
    '4': 'a',
    '3': 'e',
    '1': 'i',
    '!': 'i',
    '0': 'o',
    $: 's',
    '5': 's',
  }
  const lower = text.toLowerCase()
  const trimmed = lower.replace(/[^\p{L}]+$/u, '')
  const base = trimmed.length >= 4 ? trimmed : lower
  return [...base].map(symbol => stands[symbol] ?? symbol).join('')
}

/** Every character one more, or one less, than the one before. */
function isSequence(text: string): boolean {
  const points = [...text].map(symbol => symbol.codePointAt(0) as number)
  const steps = new Set(points.slice(1).map((point, i) => point - (points[i] as number)))
  return steps.size === 1 && (steps.has(1) || steps.has(-1))
}

function weak(why: string): InputError {
  return new InputError(`This secret code is too easy to guess: ${why}. Choose another`, { code: 'secret-code-weak' })
}
