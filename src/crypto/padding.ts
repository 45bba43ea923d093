import { type Bytes, concat, equal, fromUtf8, utf8, wiping } from './bytes.ts'
import { CryptoError } from './errors.ts'

// Padding by Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019,
// §4): a length keeps only its first few significant bits, so at most 12 % is added and what is left to see of a length
// is O(log log) bits.

/** The padded length of a length, both in bytes, 0..2^52. Throws `CryptoError` `integer-range`. */
export function padme(length: number): number {
  if (!Number.isInteger(length) || length < 0 || length > 2 ** 52) {
    throw new CryptoError('A length is an integer from 0 to 2^52', { code: 'integer-range' })
  }
  if (length < 2) return length
  const exponent = length.toString(2).length - 1 // ⌊log2 length⌋, exact
  const kept = exponent.toString(2).length // ⌊log2 exponent⌋ + 1
  const unit = 2 ** (exponent - kept)
  return Math.ceil(length / unit) * unit
}

/**
 * The first `length` bytes of a padded content that comes in pieces. What follows them must be zeros, and just as many as
 * `padme` says: nothing hides there, and the length given was the true one.
 */
export class Unpadding {
  readonly #length: number
  #at = 0

  constructor(length: number) {
    this.#length = length
  }

  /** What of the next piece is content, without copying. Throws `CryptoError` `padding-wrong`. */
  update(piece: Bytes): Bytes {
    const inside = Math.min(piece.length, Math.max(0, this.#length - this.#at))
    this.#at += piece.length
    if (inside === piece.length) return piece
    if (!isZero(piece.subarray(inside))) throw wrong()
    return piece.subarray(0, inside)
  }

  /** The end; only now is the content whole. Throws `CryptoError` `padding-wrong`. */
  final(): void {
    if (this.#at !== padme(this.#length)) throw wrong()
  }
}

/** `Unpadding` over a stream, read to its end. Throws `CryptoError` `padding-wrong`. */
export async function* unpadStream(
  source: AsyncIterable<Bytes> | Iterable<Bytes>,
  length: number,
): AsyncGenerator<Bytes, void, undefined> {
  const unpadding = new Unpadding(length)
  for await (const piece of source) {
    const content = unpadding.update(piece)
    if (content.length > 0) yield content
  }
  unpadding.final()
}

/**
 * A JSON text as UTF-8, spaces after it up to a Padmé length of at least `minimum` bytes. JSON readers skip them (RFC 8259
 * §2). `minimum` hides more than Padmé does where texts are short.
 */
export function padText(json: string, minimum = 0): Bytes {
  const bytes = utf8(json)
  return concat(bytes, new Uint8Array(padme(Math.max(bytes.length, minimum)) - bytes.length).fill(0x20))
}

/**
 * Reads what `padText` made of a value's `JSON.stringify`, and no other text: two readers could take a member given twice
 * for two things. Throws `CryptoError` `text-malformed`, which does not show it.
 */
export function parsePaddedJson(bytes: Bytes, minimum = 0): unknown {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(bytes))
  } catch {
    throw notMinimal() // without the cause: the platform's message quotes the text
  }
  if (!wiping(padText(JSON.stringify(value), minimum), again => equal(again, bytes))) throw notMinimal()
  return value
}

/** Ten times as fast as `some` with a function, on up to an eighth of a body. */
function isZero(bytes: Bytes): boolean {
  let bits = 0
  for (let i = 0; i < bytes.length; i++) bits |= bytes[i] as number
  return bits === 0
}

function notMinimal(): CryptoError {
  return new CryptoError('Not a JSON text in its one form and padding: do not use it', { code: 'text-malformed' })
}

function wrong(): CryptoError {
  return new CryptoError('The content’s padding is not what its true size calls for: do not use it', {
    code: 'padding-wrong',
  })
}
