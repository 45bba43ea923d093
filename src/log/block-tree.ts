// The root that a deposit statement signs over a body: RFC 6962 hashing over blocks of the ciphertext, so that any range
// is checked against the author's signature before it is released.
import type { Bytes } from '../crypto/bytes.ts'
import { Sha256, sha256Aside } from '../crypto/hash.ts'
import { LogError } from './errors.ts'
import { inclusionProof, treeRoot, verifyInclusion } from './tree.ts'

/** Bytes of ciphertext in a block: 1 MiB. The last one of a body may be shorter, never empty. */
export const BLOCK_LENGTH = 1024 * 1024

/** What a body's bytes come to. A body of no bytes has no block, and the root of the empty tree. */
export interface BlockDigest {
  readonly root: Bytes
  /** Bytes in all. */
  readonly length: number
  /** Leaf hash of each block, in order: kept by whoever hands out `blockProof`s. */
  readonly leaves: Bytes[]
}

/** How many blocks a body of `length` bytes has. */
export function blockCount(length: number): number {
  return Math.ceil(length / BLOCK_LENGTH)
}

/** Memory of one block, the byte before it with which its leaf begins: what is hashed lies in one piece. */
export class BlockBuffer {
  readonly #leaf: Uint8Array<ArrayBuffer>

  /** Over the memory that a thread gave back, or new. */
  constructor(memory = new ArrayBuffer(1 + BLOCK_LENGTH)) {
    this.#leaf = new Uint8Array(memory)
    this.#leaf[0] = 0 // RFC 6962 §2.1: leaves begin with 0x00
  }

  /** For a transfer to another thread; the buffer is of no use here then. */
  get memory(): ArrayBuffer {
    return this.#leaf.buffer
  }

  /** The first `length` bytes of the block; all that there is room for unless given. */
  bytes(length?: number): Bytes {
    return this.#leaf.subarray(1, length === undefined ? undefined : 1 + length)
  }

  /** Leaf hash of a block of `length` bytes, beside this thread where the platform can; see `sha256Aside`. */
  leafHash(length: number): Promise<Bytes> {
    return sha256Aside(this.#leaf.subarray(0, 1 + length))
  }
}

/** Which bytes of a body block `index` is, `to` not included. */
export function blockSpan(index: number, bodyLength: number): { readonly from: number; readonly to: number } {
  return { from: index * BLOCK_LENGTH, to: Math.min((index + 1) * BLOCK_LENGTH, bodyLength) }
}

/** Takes a body in pieces of any size and computes its root in constant memory (32 bytes kept per block). */
export class BlockTree {
  #block = startLeaf()
  #filled = 0
  #length = 0
  readonly #leaves: Bytes[] = []

  /** The next bytes of the body. */
  update(bytes: Bytes): this {
    this.#length += bytes.length
    if (this.#filled + bytes.length < BLOCK_LENGTH) {
      this.#block.update(bytes)
      this.#filled += bytes.length
      return this
    }
    let at = 0
    while (at < bytes.length) {
      const piece = bytes.subarray(at, at + BLOCK_LENGTH - this.#filled)
      this.#block.update(piece)
      this.#filled += piece.length
      at += piece.length
      if (this.#filled === BLOCK_LENGTH) this.#close()
    }
    return this
  }

  /** The result, once; no `update` after it. */
  digest(): BlockDigest {
    if (this.#filled > 0) this.#close()
    return { root: rootOfLeaves(this.#leaves), length: this.#length, leaves: this.#leaves }
  }

  #close(): void {
    this.#leaves.push(this.#block.digest())
    this.#block = startLeaf()
    this.#filled = 0
  }
}

function startLeaf(): Sha256 {
  return new Sha256().update(Uint8Array.of(0)) // RFC 6962 §2.1: leaves begin with 0x00
}

/** The leaf hash of one whole block, given in pieces. */
export function blockHash(pieces: readonly Bytes[]): Bytes {
  const block = startLeaf()
  for (const piece of pieces) block.update(piece)
  return block.digest()
}

/** The body's root from its blocks' leaf hashes. */
export function rootOfLeaves(leaves: readonly Bytes[]): Bytes {
  return treeRoot(leaves)
}

/** The proof that goes with block `index`. Throws `LogError` `tree-range`. */
export function blockProof(leaves: readonly Bytes[], index: number): Bytes[] {
  return inclusionProof(leaves, index, leaves.length)
}

/** One block as a reader got it, and what the author signed of the body. */
export interface BlockClaim {
  readonly block: Bytes
  readonly index: number
  readonly proof: readonly Bytes[]
  /** `body root` of the deposit statement. */
  readonly root: Bytes
  /** `body length` of the deposit statement, in bytes. */
  readonly length: number
}

/**
 * Returns when these are the bytes of that block of the signed body. Throws `LogError` `block-length` (they cannot be:
 * a body of that length has a block of another length there, or none) or `inclusion-proof`.
 */
export function verifyBlock({ block, index, proof, root, length }: BlockClaim): void {
  const expected = Math.min(BLOCK_LENGTH, length - index * BLOCK_LENGTH)
  if (!Number.isSafeInteger(index) || index < 0 || block.length !== expected) {
    throw new LogError(`Block ${index} of a body of ${length} bytes cannot have ${block.length}`, {
      code: 'block-length',
      evidence: { index, length, got: block.length },
    })
  }
  verifyInclusion({ leaf: blockHash([block]), index, size: blockCount(length), root, proof })
}
