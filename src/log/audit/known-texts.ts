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
  readonly #view: DataView
  readonly #lengths: Int32Array
  readonly #values: (T | undefined)[]

  /** Of texts of at most `longest` bytes; longer ones are never known. `places` is a power of two. */
  constructor({ longest, places = PLACES }: { readonly longest: number; readonly places?: number }) {
    this.#longest = longest
    this.#last = places - 1
    this.#bytes = new Uint8Array(places * longest)
    this.#view = new DataView(this.#bytes.buffer)
    this.#lengths = new Int32Array(places)
    this.#values = new Array(places).fill(undefined)
  }

  get({ view, bytes }: RawBytes, from: number, to: number): T | undefined {
    const length = to - from
    if (length < SHORTEST || to > bytes.length) return undefined
    const place = placeOf(view, from, to) & this.#last
    if (this.#lengths[place] !== length) return undefined
    const own = place * this.#longest
    for (let i = 0; i <= length - 4; i += 4) {
      if (view.getInt32(from + i, true) !== this.#view.getInt32(own + i, true)) return undefined
    }
    // The last word again, whole: it may begin between two others.
    const last = length - 4
    return view.getInt32(to - 4, true) === this.#view.getInt32(own + last, true) ? this.#values[place] : undefined
  }

  /** Keeps it for the next who asks; gives it back. */
  put({ view, bytes }: RawBytes, from: number, to: number, value: T): T {
    const length = to - from
    if (length > this.#longest || length < SHORTEST) return value
    const place = placeOf(view, from, to) & this.#last
    this.#bytes.set(bytes.subarray(from, to), place * this.#longest)
    this.#lengths[place] = length
    this.#values[place] = value
    return value
  }
}

/** Shorter ones are not worth a place. */
const SHORTEST = 4

/** By words of both ends and between: of ids any are as good as others, of persons and roots those in the middle differ. */
function placeOf(view: DataView, from: number, to: number): number {
  const length = to - from
  const last = to - 4
  let mixed = Math.imul(view.getInt32(from, true), 0x9e3779b1) ^ Math.imul(view.getInt32(last, true), 0x85ebca6b)
  mixed ^= Math.imul(view.getInt32(from + ((length - 4) >> 1), true), 0xc2b2ae35) + length
  if (length > 64) mixed ^= Math.imul(view.getInt32(from + 12, true), 0x27d4eb2f) ^ view.getInt32(last - 20, true)
  return mixed ^ (mixed >>> 15)
}
