/**
 * Walks over the bytes of a line in place. A text is made only of what is wanted as one: an audit goes over gigabytes of
 * lines, and most of what stands in them is looked at once.
 */
import { type Bytes, utf8 } from '../../crypto/bytes.ts'

/** Bytes of several lines, and what makes text of them. */
export interface RawBytes {
  readonly bytes: Bytes
  /** Over the very same bytes. */
  readonly view: DataView
  /** The text of ASCII bytes. */
  text(from: number, to: number): string
}

/** What a byte may be, one bit each. */
const SYMBOL = 1
export const AUTHORITY = 2
export const QUERY = 4
const BASE64 = 8
/** Printable ASCII without space, quote and backslash: nothing of it is escaped in JSON. */
export const WORD = 16
export const KEY_ID = 32
export const REASON = 64
export const NATIONAL_ID = 128

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
const ALPHANUMERIC = `${LETTERS}${LETTERS.toUpperCase()}${DIGITS}`
const PRINTABLE = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i))
const without = (not: string) => PRINTABLE.filter(each => !not.includes(each)).join('')

const CLASSES: readonly (readonly [kind: number, members: string])[] = [
  [SYMBOL, `${ALPHANUMERIC}-_`],
  [AUTHORITY, `${LETTERS}${DIGITS}.[]:-`],
  [QUERY, without('"#<>\\^`{|}')],
  [BASE64, `${ALPHANUMERIC}+/`],
  [WORD, without('"\\')],
  [KEY_ID, `${ALPHANUMERIC}_.:-`],
  [REASON, `${LETTERS}-`],
  [NATIONAL_ID, `${LETTERS.toUpperCase()}${DIGITS}`],
]
const KINDS = new Uint8Array(256)
for (const [kind, members] of CLASSES) for (const byte of utf8(members)) KINDS[byte] = (KINDS[byte] as number) | kind

/** How many bits of the last symbol of a base64 text must be zero: of 16 bytes, or 64, four; of 32 bytes two. */
const FOUR = 'AQgw'
const TWO = 'AEIMQUYcgkosw048'
const lastOf = (symbols: string) => {
  const is = new Uint8Array(256)
  for (const byte of utf8(symbols)) is[byte] = 1
  return is
}
const LAST_OF_FOUR = lastOf(FOUR)
const LAST_OF_TWO = lastOf(TWO)

/** Symbols of 16 bytes, of 32 and of 64, base64url. */
export const ID_LENGTH = 22
export const HASH_LENGTH = 43
export const SIGNATURE_LENGTH = 86

/** A text that a line must have at some place, ready to be compared four bytes at a time. */
export class Fixed {
  readonly length: number
  readonly words: Int32Array
  /** Those after the last whole word. */
  readonly rest: Bytes

  constructor(text: string) {
    const bytes = utf8(text)
    const view = new DataView(bytes.buffer)
    this.length = bytes.length
    this.words = Int32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getInt32(4 * i, true))
    this.rest = bytes.subarray(4 * this.words.length)
  }
}

/** A place in a line, which goes on with what stands there; each step says whether that was of the form asked for. */
export class LineWalk {
  #bytes: Bytes = new Uint8Array(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #end = 0
  at = 0

  /** Begins a line: bytes `from` up to `to`. */
  begin({ bytes, view }: RawBytes, from: number, to: number): void {
    this.#bytes = bytes
    this.#view = view
    this.#end = to
    this.at = from
  }

  get isAtEnd(): boolean {
    return this.at === this.#end
  }

  /** The byte that is next, 0 at the end. */
  get next(): number {
    return this.at < this.#end ? (this.#bytes[this.at] as number) : 0
  }

  fixed({ length, words, rest }: Fixed): boolean {
    let at = this.at
    if (at + length > this.#end) return false
    for (let i = 0; i < words.length; i++, at += 4) if (this.#view.getInt32(at, true) !== words[i]) return false
    for (let i = 0; i < rest.length; i++, at++) if (this.#bytes[at] !== rest[i]) return false
    this.at = at
    return true
  }

  /** 22 symbols of 16 bytes. */
  id(): boolean {
    return this.#base64(ID_LENGTH, SYMBOL, LAST_OF_FOUR)
  }

  /** 43 symbols of 32 bytes. */
  hash(): boolean {
    return this.#base64(HASH_LENGTH, SYMBOL, LAST_OF_TWO)
  }

  /** 86 symbols of 64 bytes. */
  signature(): boolean {
    return this.#base64(SIGNATURE_LENGTH, SYMBOL, LAST_OF_FOUR)
  }

  /** 43 symbols of 32 bytes in the other alphabet, without what fills them up. */
  digest(): boolean {
    return this.#base64(HASH_LENGTH, BASE64, LAST_OF_TWO)
  }

  #base64(length: number, kind: number, last: Uint8Array): boolean {
    const bytes = this.#bytes
    const end = this.at + length
    if (end > this.#end || last[bytes[end - 1] as number] === 0) return false
    for (let at = this.at; at < end; at++) if (((KINDS[bytes[at] as number] as number) & kind) === 0) return false
    this.at = end
    return true
  }

  /** As many bytes of that kind as there are; how many. */
  run(kind: number): number {
    const from = this.at
    let at = from
    while (at < this.#end && ((KINDS[this.#bytes[at] as number] as number) & kind) !== 0) at++
    this.at = at
    return at - from
  }

  /** A number of at most so many digits in its one form; -1 for anything else. */
  number(digits: number): number {
    const from = this.at
    let value = 0
    let at = from
    for (; at < this.#end; at++) {
      const digit = (this.#bytes[at] as number) - 0x30
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    const count = at - from
    if (count === 0 || count > digits || (count > 1 && this.#bytes[from] === 0x30)) return -1
    this.at = at
    return value
  }

  /** So many digits of a number below a bound; -1 for anything else. */
  digits(count: number, bound: number): number {
    const end = this.at + count
    if (end > this.#end) return -1
    let value = 0
    for (let at = this.at; at < end; at++) {
      const digit = (this.#bytes[at] as number) - 0x30
      if (digit < 0 || digit > 9) return -1
      value = value * 10 + digit
    }
    if (value >= bound) return -1
    this.at = end
    return value
  }

  /** Over so many bytes, whatever they are; false when there are fewer. */
  skip(count: number): boolean {
    if (this.at + count > this.#end) return false
    this.at += count
    return true
  }

  /** Up to and with the first such byte; false when there is none among the next `most`. */
  through(byte: number, most: number): boolean {
    const end = Math.min(this.#end, this.at + most)
    for (let at = this.at; at < end; at++) {
      if (this.#bytes[at] !== byte) continue
      this.at = at + 1
      return true
    }
    return false
  }
}
