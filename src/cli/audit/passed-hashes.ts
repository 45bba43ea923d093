/**
 * Hashes of entries that another thread examines, as the files have them: who signed a request may have seen one last. That
 * the entry's lines are of that hash is that thread's to find (`entry-altered`). What was noted last takes a place, so
 * that memory is bounded; of what is not here the store itself is asked.
 */
import { HASH_LENGTH } from '../../log/audit/line-bytes.ts'

/** A power of two; 47 bytes each. */
const PLACES = 1 << 17

export class PassedHashes {
  readonly #symbols = new Uint8Array(PLACES * HASH_LENGTH)
  /** One more than the entry's number; 0 for nobody's. */
  readonly #seqs = new Float64Array(PLACES)

  /** Notes that entry `seq` has the hash whose symbols stand in `bytes` from `at` on. */
  note(bytes: Uint8Array, at: number, seq: number): void {
    const place = placeOf(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3])
    for (let i = 0, to = place * HASH_LENGTH; i < HASH_LENGTH; i++) this.#symbols[to + i] = bytes[at + i] as number
    this.#seqs[place] = seq + 1
  }

  /** Was an entry of that hash noted, with a number below `before`? */
  has(hash: string, before: number): boolean {
    if (hash.length !== HASH_LENGTH) return false
    const place = placeOf(hash.charCodeAt(0), hash.charCodeAt(1), hash.charCodeAt(2), hash.charCodeAt(3))
    const seq = (this.#seqs[place] as number) - 1
    if (seq < 0 || seq >= before) return false
    for (let i = 0, at = place * HASH_LENGTH; i < HASH_LENGTH; i++) {
      if (this.#symbols[at + i] !== hash.charCodeAt(i)) return false
    }
    return true
  }
}

function placeOf(a = 0, b = 0, c = 0, d = 0): number {
  return (((a * 61 + b) * 61 + c) * 61 + d) & (PLACES - 1)
}
