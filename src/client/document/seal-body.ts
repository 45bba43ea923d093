/** Sealing a body block by block: content in, blocks of ciphertext out, in order. */
import { type Bytes, wipe } from '../../crypto/bytes.ts'
import { ciphertextLength } from '../../crypto/chunks.ts'
import { CHUNK_LENGTH } from '../../crypto/message-cipher.ts'
import { type MessageToSeal, plaintextOf } from '../../crypto/spans.ts'
import {
  BLOCK_LENGTH,
  BlockBuffer,
  type BlockDigest,
  blockCount,
  blockSpan,
  rootOfLeaves,
} from '../../log/block-tree.ts'
import { type BlockWork, PLAINTEXT_MAX, type SealedBlock } from './block-work.ts'
import type { ContentReader } from './content.ts'

/** How a body is given out. */
export interface BodyOptions {
  /**
   * Each piece holds until the next is asked for, when its memory is used again: for whoever copies or sends it at once.
   * Otherwise pieces are the caller's, and those of a large body lie about until the collector comes by.
   */
  readonly areLent?: boolean
}

/** What a deposit says of its body. */
export interface SealedBody {
  readonly header: Bytes
  readonly digest: BlockDigest
}

/**
 * Seals a content, padded to `plaintextLength` bytes. Holds as many blocks as the work takes at once. Throws what the content
 * throws.
 */
export async function* sealBody(
  work: BlockWork,
  message: MessageToSeal,
  content: ContentReader,
  { areLent = false }: BodyOptions = {},
): AsyncGenerator<Bytes, SealedBody, undefined> {
  const length = ciphertextLength(message.plaintextLength)
  const count = blockCount(length)
  const stretches = new Stretches(content)
  const sealing = work.seal(message)
  const leaves: Bytes[] = []
  const spare: { readonly plaintexts: ArrayBuffer[]; readonly blocks: BlockBuffer[] } = { plaintexts: [], blocks: [] }
  const underWay: Promise<SealedBlock>[] = []
  try {
    for (let index = 0; leaves.length < count; ) {
      if (index < count && underWay.length < sealing.depth) {
        const { start, end } = plaintextOf(blockSpan(index, length), length)
        const plaintext = spare.plaintexts.pop() ?? new ArrayBuffer(Math.min(PLAINTEXT_MAX, message.plaintextLength))
        const block = spare.blocks.pop() ?? new BlockBuffer(new ArrayBuffer(1 + Math.min(BLOCK_LENGTH, length)))
        const plaintextLength = end - start
        await stretches.fill(new Uint8Array(plaintext, 0, plaintextLength), start)
        index++
        if (index === count) await stretches.end()
        const sealed = sealing.seal({ index: index - 1, plaintext, plaintextLength, block })
        sealed.catch(() => undefined) // looked at below, in its turn
        underWay.push(sealed)
        continue
      }
      const sealed = await (underWay.shift() as Promise<SealedBlock>)
      spare.plaintexts.push(sealed.plaintext)
      leaves.push(sealed.leaf)
      yield sealed.block.bytes(sealed.length)
      if (areLent) spare.blocks.push(sealed.block)
    }
    return { header: sealing.header, digest: { root: rootOfLeaves(leaves), length, leaves } }
  } finally {
    sealing.end()
    for (const plaintext of spare.plaintexts) wipe(new Uint8Array(plaintext))
    for (const sealed of underWay) {
      void sealed.then(
        ({ plaintext }) => wipe(new Uint8Array(plaintext)),
        () => undefined,
      )
    }
    await stretches.close()
  }
}

/** A content by stretches, each of which may begin with the chunk that the one before ended with. */
class Stretches {
  readonly #content: ContentReader
  readonly #tail = new Uint8Array(CHUNK_LENGTH)
  #at = 0

  constructor(content: ContentReader) {
    this.#content = content
  }

  /** Fills `memory` with the content from `start` on: where the last stretch ended, or a chunk before that. */
  async fill(memory: Bytes, start: number): Promise<void> {
    const kept = this.#at - start
    memory.set(this.#tail.subarray(0, kept))
    await this.#content.fill(memory.subarray(kept))
    this.#at = start + memory.length
    this.#tail.set(memory.subarray(Math.max(0, memory.length - CHUNK_LENGTH)))
  }

  /** Makes sure that it was all. */
  async end(): Promise<void> {
    await this.#content.end()
  }

  async close(): Promise<void> {
    wipe(this.#tail)
    await this.#content.close()
  }
}
