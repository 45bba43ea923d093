/** A map that keeps what was asked for lately, at most so many; `onGone` is told what it lets go. */
export class Recent<K, V> {
  readonly #limit: number
  readonly #onGone: (value: V) => void
  readonly #values = new Map<K, V>()

  constructor(limit: number, onGone: (value: V) => void = () => {}) {
    this.#limit = limit
    this.#onGone = onGone
  }

  get(key: K): V | undefined {
    const value = this.#values.get(key)
    if (value !== undefined && this.#values.size * 2 > this.#limit) {
      this.#values.delete(key)
      this.#values.set(key, value)
    }
    return value
  }

  set(key: K, value: V): void {
    // While there is room, which was asked for last does not matter.
    if (this.#values.size * 2 <= this.#limit && this.#values.get(key) === value) return
    this.#values.delete(key)
    this.#values.set(key, value)
    if (this.#values.size <= this.#limit) return
    const [oldest, gone] = this.#values.entries().next().value as [K, V]
    this.#values.delete(oldest)
    this.#onGone(gone)
  }
}
