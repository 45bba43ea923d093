/**
 * Choices that a seed repeats: sfc32 (Chris Doty-Humphrey, PractRand), begun anew for each input from the seed, the
 * target's name and the input's number, so that any one input can be made again alone. Not for secrets.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number, name: string, index: number) {
    let hash = 0x811c9dc5 // FNV-1a
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
    this.#a = hash | 0
    this.#b = Math.imul(index, 0x9e3779b1) ^ Math.floor(index / 2 ** 32)
    this.#c = seed | 0
    for (let i = 0; i < 12; i++) this.next()
  }

  /** 0..2^32-1. */
  next(): number {
    const t = (this.#a + this.#b + this.#counter++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t
    return t >>> 0
  }

  /** 0..n-1, of at most 2^32. */
  below(n: number): number {
    return Math.floor((this.next() / 2 ** 32) * n)
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.below(n) === 0
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.next() & 0xff
    return bytes
  }
}
