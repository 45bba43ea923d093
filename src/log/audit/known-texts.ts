import type { RawBytes } from './line-bytes.ts'

/** Places of a table, unless said: a power of two. */
const PLACES = 4096

/**
 * What was made of bytes that come again and again: ids, keys, persons, roots. Whoever asks gives the bytes, and gets
 * what was made of the same bytes before. Each place keeps what was put there last, so that memory is bounded.
 */
export class KnownTexts<T> {
  readonly #longest: number
  readonly #last: number
  readonly #bytes: Uint8Array
  readonly #lengths: Int32Array
  readonly #values: (T | undefined)[]

  /** Of texts of at most `longest` bytes; longer ones are never known. `places` is a power of two. */
  constructor({ longest, places = PLACES }: { readonly longest: number; readonly places?: number }) {
    this.#longest = longest
    this.#last = places - 1
    this.#bytes = new Uint8Array(places * longest)
    this.#lengths = new Int32Array(places)
    this.#values = new Array(places).fill(undefined)
  }

  get({ bytes }: RawBytes, from: number, to: number): T | undefined {
    const place = placeOf(bytes, from, to) & this.#last
    if (this.#lengths[place] !== to - from) return undefined
    for (let i = from, own = place * this.#longest; i < to; i++, own++) {
      if (bytes[i] !== this.#bytes[own]) return undefined
    }
    return this.#values[place]
  }

  /** Keeps it for the next who asks; gives it back. */
  put({ bytes }: RawBytes, from: number, to: number, value: T): T {
    if (to - from > this.#longest) return value
    const place = placeOf(bytes, from, to) & this.#last
    this.#bytes.set(bytes.subarray(from, to), place * this.#longest)
    this.#lengths[place] = to - from
    this.#values[place] = value
    return value
  }
}

/** By some bytes from both ends: of ids any are as good as others, of persons and roots those near the ends differ. */
function placeOf(bytes: Uint8Array, from: number, to: number): number {
  const last = to - 1
  let mixed = to - from
  for (let i = 0; i < 6 && from + i <= last; i++) {
    mixed = Math.imul(mixed, 31) + (bytes[from + i] as number)
    mixed = Math.imul(mixed, 31) + (bytes[last - i] as number)
  }
  return mixed ^ (mixed >>> 12)
}
