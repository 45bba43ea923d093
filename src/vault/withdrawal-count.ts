/**
 * How many keys were withdrawn since the host's start, in memory that all its threads share: what a thread read of a key
 * holds as long as the count stands. It grows when a withdrawal is durable, before anybody is told of it.
 */
export class WithdrawalCount {
  readonly #cell: Int32Array

  readonly memory: SharedArrayBuffer

  /** Over the memory of another thread's, or new. */
  constructor(memory = new SharedArrayBuffer(4)) {
    this.memory = memory
    this.#cell = new Int32Array(memory)
  }

  get now(): number {
    return Atomics.load(this.#cell, 0)
  }

  grow(): void {
    Atomics.add(this.#cell, 0, 1)
  }
}
