/** Opening a body block by block: each compared with its signed hash, then deciphered, then given out, in order. */
import { type Bytes, concat, wipe } from '../../crypto/bytes.ts'
import type { LendingOptions } from '../../crypto/pieces.ts'
import { chunksIn, spanOf } from '../../crypto/spans.ts'
import { BLOCK_LENGTH, BlockBuffer, blockSpan } from '../../log/block-tree.ts'
import { type BlockOpening, type BlockToOpen, type HashedBlock, PLAINTEXT_MAX } from './block-work.ts'

/** What the blocks are compared with, and who opens them. */
export interface BlocksToOpen {
  /** Of the ciphertext, as it was signed. */
  readonly length: number
  readonly leaves: readonly Bytes[]
  /** Throws unless the block of that hash is the one signed at `index`. */
  check(index: number, leaf: Bytes): void
  /** Throws when it does not hold. */
  demand(holds: boolean, code: 'body-extended' | 'body-truncated'): void
  /** Called with the first block when it is the one signed. */
  begin(firstBlock: Bytes): BlockOpening
}

interface UnderWay {
  readonly index: number
  readonly length: number
  readonly hashed: Promise<HashedBlock>
}

/**
 * The body's plaintext, padding included. Reads as many blocks ahead as are under way at once, and holds no more. What fails
 * ends it after what was good before; the signal ends it at once.
 */
export async function* openBlocks(
  body: BlocksToOpen,
  source: AsyncIterable<Bytes>,
  { areLent = false, signal }: LendingOptions = {},
): AsyncGenerator<Bytes> {
  const reader = new BlockReader(body, source)
  const spare: { readonly blocks: BlockBuffer[]; readonly plaintexts: ArrayBuffer[] } = { blocks: [], plaintexts: [] }
  const underWay: UnderWay[] = []
  let opening: BlockOpening | null = null
  let edges: Edges | null = null
  let failed: { readonly cause: unknown } | null = null
  let index = 0

  /** Reads a block and has it hashed. The first one is checked before anything of it is used. */
  async function begin(): Promise<void> {
    const block = spare.blocks.pop() ?? reader.newBuffer()
    const length = await reader.read(block)
    if (length === 0) return
    const plaintext = spare.plaintexts.pop() ?? new ArrayBuffer(Math.min(PLAINTEXT_MAX, length))
    const work: BlockToOpen = { index, block, length, plaintext }
    let hashed: Promise<HashedBlock>
    if (opening === null) {
      const leaf = await block.leafHash(length)
      body.check(0, leaf)
      const begun = body.begin(block.bytes(length))
      opening = begun
      edges = new Edges(begun, body.length)
      hashed = Promise.resolve({ leaf, open: () => begun.open(work), discard: () => undefined })
    } else hashed = opening.hash(work, body.leaves[index] as Bytes)
    hashed.catch(() => undefined) // looked at in its turn
    underWay.push({ index: index++, length, hashed })
  }

  try {
    for (;;) {
      if (failed === null && !reader.isOver && underWay.length < ((opening as BlockOpening | null)?.depth ?? 1)) {
        try {
          await begin()
        } catch (cause) {
          if (signal?.aborted) throw cause
          failed = { cause }
        }
        continue
      }
      const next = underWay.shift()
      if (next === undefined) break
      const { leaf, open } = await next.hashed
      body.check(next.index, leaf)
      const { opened, block, plaintext } = await open()
      const bytes = block.bytes(next.length)
      const joined = (edges as Edges | null)?.join(next.index, bytes) ?? null
      const parts = joined === null ? [opened] : [joined, opened]
      let given = 0
      try {
        for (const part of parts) {
          given++
          try {
            if (part.length > 0) yield part
          } finally {
            if (areLent) wipe(part) // also when nobody asks for more
          }
        }
      } finally {
        if (given < parts.length) wipe(opened)
      }
      if (areLent) spare.plaintexts.push(plaintext)
      spare.blocks.push(block)
    }
    if (failed !== null) throw failed.cause
  } finally {
    ;(opening as BlockOpening | null)?.end()
    for (const { hashed } of underWay) {
      void hashed.then(
        block => block.discard(),
        () => undefined,
      )
    }
    await reader.close()
  }
}

/** The chunks that lie in two blocks: their first part is kept until the block with the other was checked. */
class Edges {
  readonly #opening: BlockOpening
  readonly #length: number
  #part: Bytes = new Uint8Array(0)

  constructor(opening: BlockOpening, length: number) {
    this.#opening = opening
    this.#length = length
  }

  /** Opens the chunk that began in the block before this one, if there is one, and keeps what begins in this one. */
  join(index: number, block: Bytes): Bytes | null {
    const span = blockSpan(index, this.#length)
    const whole = chunksIn(span, this.#length, { wholly: true })
    let opened: Bytes | null = null
    if (this.#part.length > 0) {
      const chunk = chunksIn(span, this.#length).first
      const { to } = spanOf(chunk, this.#length)
      opened = this.#opening.openEdge(chunk, concat(this.#part, block.subarray(0, to - span.from)))
    }
    const kept = spanOf(Math.max(whole.last + 1, whole.first), this.#length).from
    this.#part = kept < span.to ? block.slice(kept - span.from) : new Uint8Array(0)
    return opened
  }
}

/** Pieces of any size in, blocks out, their lengths compared with what was signed. */
class BlockReader {
  readonly #body: BlocksToOpen
  readonly #pieces: AsyncIterator<Bytes>
  #rest: Bytes = new Uint8Array(0)
  #passed = 0
  isOver = false

  constructor(body: BlocksToOpen, source: AsyncIterable<Bytes>) {
    this.#body = body
    this.#pieces = source[Symbol.asyncIterator]()
  }

  /** One byte more than a short body has: what goes on after its end shows there. */
  newBuffer(): BlockBuffer {
    return new BlockBuffer(new ArrayBuffer(1 + Math.min(BLOCK_LENGTH, this.#body.length + 1)))
  }

  /** Fills a buffer with the next block and gives its length, 0 at the end. */
  async read(block: BlockBuffer): Promise<number> {
    const bytes = block.bytes()
    let length = 0
    while (length < bytes.length) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#pieces.next()
        if (done) {
          this.isOver = true
          break
        }
        this.#rest = value
      }
      const part = this.#rest.subarray(0, bytes.length - length)
      bytes.set(part, length)
      length += part.length
      this.#rest = this.#rest.subarray(part.length)
    }
    const { demand, length: bodyLength } = this.#body
    this.#passed += length
    demand(this.#passed <= bodyLength, 'body-extended')
    const isWhole = length === BLOCK_LENGTH || this.#passed === bodyLength
    demand(isWhole && (!this.isOver || this.#passed === bodyLength), 'body-truncated')
    return length
  }

  async close(): Promise<void> {
    await this.#pieces.return?.()
  }
}
