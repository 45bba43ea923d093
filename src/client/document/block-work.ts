/**
 * Who seals and opens a body's blocks: this thread, or several of its own (`crew.ts`). The body's generators ask the same of
 * both and hand out in order.
 */
import type { Bytes } from '../../crypto/bytes.ts'
import type { ChunksKey } from '../../crypto/chunks.ts'
import { CHUNK_LENGTH } from '../../crypto/chunks.ts'
import { hashesAside } from '../../crypto/hash.ts'
import { type MessageToSeal, SpanOpener, SpanSealer, spanOf } from '../../crypto/spans.ts'
import { BLOCK_LENGTH, type BlockBuffer, blockSpan } from '../../log/block-tree.ts'

/** Most bytes of plaintext in the chunks that a block has a part of: an edge at either end. */
export const PLAINTEXT_MAX = (Math.ceil(BLOCK_LENGTH / (CHUNK_LENGTH + 16)) + 1) * CHUNK_LENGTH

/** A block's plaintext and the memory that its ciphertext goes to, both handed over until the block is there. */
export interface BlockToSeal {
  readonly index: number
  readonly plaintext: ArrayBuffer
  readonly plaintextLength: number
  readonly block: BlockBuffer
}

/** A sealed block, and the memory that held its plaintext, to be used again. */
export interface SealedBlock {
  readonly block: BlockBuffer
  readonly length: number
  readonly leaf: Bytes
  readonly plaintext: ArrayBuffer
}

/** Seals the blocks of one body. */
export interface BlockSealing {
  readonly header: Bytes
  /** How many blocks may be under way at once. */
  readonly depth: number
  seal(work: BlockToSeal): Promise<SealedBlock>
  /** Overwrites the body's key, here and wherever else it is. */
  end(): void
}

/** A block's ciphertext, and the memory that its plaintext goes to, both handed over until it is opened. */
export interface BlockToOpen {
  readonly index: number
  readonly block: BlockBuffer
  readonly length: number
  readonly plaintext: ArrayBuffer
}

/** A block whose hash is there. */
export interface HashedBlock {
  readonly leaf: Bytes
  /** Opens the chunks that lie wholly in it. Asked only when `leaf` is the one that was signed. Throws as `openChunks`. */
  open(): Promise<OpenedBlock>
  /** Overwrites what was opened of it, when nobody wants it any more. */
  discard(): void
}

/** The chunks that lie wholly in a block, opened; its ciphertext is still wanted for the two at its edges. */
export interface OpenedBlock {
  readonly opened: Bytes
  readonly block: BlockBuffer
  readonly plaintext: ArrayBuffer
}

/** Opens the blocks of one body. */
export interface BlockOpening {
  readonly depth: number
  /** `leaf`: the hash that was signed; nothing is opened of a block with another. */
  hash(work: BlockToOpen, leaf: Bytes): Promise<HashedBlock>
  /** Opens a block whose hash was compared already. */
  open(work: BlockToOpen): Promise<OpenedBlock>
  /** Opens one chunk of two blocks, both compared, on this thread. */
  openEdge(chunk: number, sealed: Bytes): Bytes
  end(): void
}

/** Starts the work on one body. */
export interface BlockWork {
  seal(message: MessageToSeal): BlockSealing
  /** `header`: checked. `length`: of the ciphertext, as it was signed. Throws `CryptoError` `chunks-commitment`. */
  open(key: ChunksKey, header: Bytes, length: number): BlockOpening
}

/** Seals one block. */
export async function sealBlock(
  sealer: SpanSealer,
  { index, plaintext, plaintextLength, block }: BlockToSeal,
): Promise<SealedBlock> {
  const span = blockSpan(index, sealer.length)
  const length = span.to - span.from
  sealer.seal(span, new Uint8Array(plaintext, 0, plaintextLength), block.bytes(length))
  return { block, length, leaf: await block.leafHash(length), plaintext }
}

/** Opens what lies wholly in one block. */
export function openBlock(opener: SpanOpener, { index, block, length, plaintext }: BlockToOpen): OpenedBlock {
  const opened = opener.open(blockSpan(index, opener.length), block.bytes(length), new Uint8Array(plaintext))
  return { opened, block, plaintext }
}

/** Opens one chunk alone. */
export function openEdge(opener: SpanOpener, chunk: number, sealed: Bytes): Bytes {
  return opener.open(spanOf(chunk, opener.length), sealed, new Uint8Array(sealed.length))
}

/** Blocks at once: where hashes are made beside this thread, the next block is at the cipher meanwhile. */
const depth = hashesAside ? 2 : 1

/** All of it on this thread. */
export const onThisThread: BlockWork = {
  seal(message) {
    const sealer = SpanSealer.begin(message)
    return { header: sealer.header, depth, seal: work => sealBlock(sealer, work), end: () => sealer.wipe() }
  },
  open(key, header, length) {
    const opener = new SpanOpener(key, header, length)
    const open = async (work: BlockToOpen) => openBlock(opener, work)
    return {
      depth,
      hash: async work => ({
        leaf: await work.block.leafHash(work.length),
        open: () => open(work),
        discard: () => undefined,
      }),
      open,
      openEdge: (chunk, sealed) => openEdge(opener, chunk, sealed),
      end: () => opener.wipe(),
    }
  },
}
