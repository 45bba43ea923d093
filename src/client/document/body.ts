/** Opening a document's body, whole or by range: nothing is deciphered before it was compared with what its author signed. */
import { type Bytes, concat, equal, release, toBase64url, wipe, wiping } from '../../crypto/bytes.ts'
import { type ByteRange, ChunkOpener, commitmentOf, HEADER_LENGTH, openRangeChunks } from '../../crypto/chunks.ts'
import { CryptoError } from '../../crypto/errors.ts'
import type { DocumentKey } from '../../crypto/keys.ts'
import { Unpadding } from '../../crypto/padding.ts'
import { pieces, type Source, type StreamOptions } from '../../crypto/pieces.ts'
import { BLOCK_LENGTH, blockCount, blockHash, rootOfLeaves } from '../../log/block-tree.ts'
import type { Manifest } from '../../protocol/record.ts'
import type { Deposit } from '../../protocol/statements.ts'
import { bodyContext, bodyKey, type DocumentPlace } from '../infos.ts'
import type { Checks } from './checks.ts'

/** How a content is given out. */
export interface ContentOptions extends StreamOptions {
  /**
   * Each piece holds until the next is asked for, or no more is: then it is overwritten and its memory given back. For
   * whoever writes it down or copies it at once. Otherwise pieces are the caller's to keep.
   */
  readonly areLent?: boolean
}

/** A body whose deposit and manifest hold. */
export interface BodyToOpen {
  readonly place: DocumentPlace
  readonly payload: Deposit
  readonly documentKey: DocumentKey
  readonly manifest: Manifest
  /** Leaf hashes as the host gave them. */
  readonly blocks: string
}

/**
 * The content, from the body's ciphertext: each block is compared with its signed hash before anything of it is deciphered.
 * Throws `DocumentRefused`; rejects with the signal's reason.
 */
export async function* openBody(
  checks: Checks,
  document: BodyToOpen,
  source: Source,
  options: ContentOptions = {},
): AsyncGenerator<Bytes> {
  const { manifest, payload } = document
  const leaves = signedLeaves(checks, document)
  const key = keyOf(document)
  using opener = new ChunkOpener(key, { length: payload.bodyLength })
  const unpadding = new Unpadding(manifest.size)
  try {
    // One loop, not a stream through a stream: what is awaited between two pieces costs a body a tenth of its speed.
    for await (const block of checkedBlocks(checks, { ...document, leaves }, pieces(source, options))) {
      for (const piece of block) {
        for (const opened of opener.update(piece)) {
          const content = unpadding.update(opened)
          try {
            if (content.length > 0) yield content
          } finally {
            // also when nobody asks for more
            if (options.areLent) giveBack(opened)
          }
        }
      }
    }
    const last = opener.final()
    const content = unpadding.update(last)
    unpadding.final()
    try {
      if (content.length > 0) yield content
    } finally {
      if (options.areLent) giveBack(last)
    }
  } catch (cause) {
    throw refusedBy(checks, cause)
  } finally {
    wipe(key.key)
  }
}

/** Plaintext does not outlive its use, nor wait for the collector. */
function giveBack(opened: Bytes): void {
  wipe(opened)
  release(opened)
}

/** Fetches octets of the body: `length` of them from `offset`. */
export type ReadBody = (offset: number, length: number) => Promise<Bytes>

/**
 * A range of the content (bytes `start` to `end`, which is not included), fetching the blocks that it lies in and no others;
 * each is compared with its signed hash first. What lies outside of the range, the padding too, is not looked at.
 * Throws `DocumentRefused`, `CryptoError` `range-outside`; rejects with the signal's reason.
 */
export async function* openBodyRange(
  checks: Checks,
  document: BodyToOpen,
  read: ReadBody,
  { start, end, ...options }: ByteRange & StreamOptions,
): AsyncGenerator<Bytes> {
  const { payload, manifest } = document
  if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= manifest.size)) {
    throw new CryptoError(`A range lies within 0..${manifest.size}`, { code: 'range-outside' })
  }
  const blocks = new SignedBlocks(checks, { ...document, leaves: signedLeaves(checks, document) }, read)
  const ciphertext = {
    length: payload.bodyLength,
    read: (offset: number, length: number) => blocks.read(offset, length),
  }
  const key = keyOf(document)
  try {
    yield* openRangeChunks(key, ciphertext, { start, end }, options)
  } catch (cause) {
    throw refusedBy(checks, cause)
  } finally {
    wipe(key.key)
  }
}

/** The body's own key, derived; whoever asks wipes it. */
function keyOf({ documentKey, place }: BodyToOpen) {
  return { key: wiping(documentKey.bytes, secret => bodyKey(secret, place)), context: bodyContext(place) }
}

/** Signed by the author and yet not a body: the author's fault, not the host's. */
function refusedBy(checks: Checks, cause: unknown): unknown {
  if (!CryptoError.is(cause)) return cause
  const isPadding = cause.code === 'padding-wrong'
  return checks.refused(isPadding ? 'body-padding' : 'body-open', cause.message, { cause })
}

function signedLeaves(checks: Checks, { payload, blocks }: BodyToOpen): readonly Bytes[] {
  const leaves = readLeaves(checks.decode('body-blocks', blocks))
  checks.demand(
    leaves.length === blockCount(payload.bodyLength) && toBase64url(rootOfLeaves(leaves)) === payload.bodyRoot,
    'body-blocks',
    'The body’s block hashes are not those that were signed',
    { blocks },
  )
  return leaves
}

type CheckedBody = BodyToOpen & { readonly leaves: readonly Bytes[] }

/** Compares a block with its signed hash, and the first one's commitment with the deposit's. */
function checkBlock(
  checks: Checks,
  { payload, blocks, leaves }: CheckedBody,
  index: number,
  block: readonly Bytes[],
): void {
  const hash = blockHash(block)
  const leaf = leaves[index]
  if (leaf === undefined || !equal(hash, leaf)) {
    // Another block of the same body: the host has it, and gave it in the wrong place.
    const other = leaves.findIndex(one => equal(one, hash))
    const evidence = { blocks, block: { index, leafHash: toBase64url(hash) } }
    if (other > index)
      throw checks.refused('body-reordered', `Block ${other} came in place of ${index}`, { more: evidence })
    if (other >= 0)
      throw checks.refused('body-repeated', `Block ${other} came again, in place of ${index}`, { more: evidence })
    throw checks.refused('body-block', `Block ${index} of the body was altered`, { more: evidence })
  }
  if (index === 0) checkCommitment(checks, payload, block)
}

/** Passes the ciphertext on, block by block, each checked. Holds one block. */
async function* checkedBlocks(
  checks: Checks,
  document: CheckedBody,
  source: AsyncIterable<Bytes>,
): AsyncGenerator<readonly Bytes[]> {
  const { bodyLength } = document.payload
  let index = 0
  let passed = 0
  for await (const { pieces, length } of inBlocks(source)) {
    checks.demand(passed + length <= bodyLength, 'body-extended', 'The body goes on after the end that was signed')
    checks.demand(
      length === BLOCK_LENGTH || passed + length === bodyLength,
      'body-truncated',
      'The body ends before the end that was signed',
    )
    checkBlock(checks, document, index++, pieces)
    passed += length
    yield pieces
  }
  checks.demand(passed === bodyLength, 'body-truncated', 'The body ends before the end that was signed')
}

/** Ciphertext read by range, through whole blocks, each checked; the last one read is kept. */
class SignedBlocks {
  readonly #checks: Checks
  readonly #document: CheckedBody
  readonly #fetch: ReadBody
  #kept: { readonly index: number; readonly block: Bytes } | null = null

  constructor(checks: Checks, document: CheckedBody, fetch: ReadBody) {
    this.#checks = checks
    this.#document = document
    this.#fetch = fetch
  }

  async read(offset: number, length: number): Promise<Bytes> {
    const parts: Bytes[] = []
    for (let at = offset; at < offset + length; ) {
      const index = Math.floor(at / BLOCK_LENGTH)
      const begin = index * BLOCK_LENGTH
      const block = await this.#block(index)
      const part = block.subarray(at - begin, offset + length - begin)
      parts.push(part)
      at += part.length
    }
    return concat(...parts)
  }

  async #block(index: number): Promise<Bytes> {
    if (this.#kept?.index === index) return this.#kept.block
    const begin = index * BLOCK_LENGTH
    const length = Math.min(BLOCK_LENGTH, this.#document.payload.bodyLength - begin)
    const block = await this.#fetch(begin, length)
    this.#checks.demand(block.length >= length, 'body-truncated', 'The body ends before the end that was signed')
    this.#checks.demand(block.length === length, 'body-extended', 'The host answered with more than was asked for')
    checkBlock(this.#checks, this.#document, index, [block])
    this.#kept = { index, block }
    return block
  }
}

function checkCommitment(checks: Checks, payload: Deposit, firstBlock: readonly Bytes[]): void {
  let header: Bytes = new Uint8Array(0)
  for (const piece of firstBlock) {
    if (header.length >= HEADER_LENGTH) break
    header = concat(header, piece.subarray(0, HEADER_LENGTH - header.length))
  }
  checks.demand(
    header.length === HEADER_LENGTH && toBase64url(commitmentOf(header)) === payload.commitment,
    'body-commitment',
    'The body commits to another key than the deposit says',
  )
}

/** A block as it came: its pieces, uncopied, and how many bytes they are together. */
interface Block {
  readonly pieces: readonly Bytes[]
  readonly length: number
}

/** Pieces of any size in, blocks of `BLOCK_LENGTH` out, the last one shorter. */
async function* inBlocks(body: AsyncIterable<Bytes>): AsyncGenerator<Block> {
  let pieces: Bytes[] = []
  let length = 0
  for await (const piece of body) {
    let rest = piece
    while (length + rest.length >= BLOCK_LENGTH) {
      const cut = BLOCK_LENGTH - length
      pieces.push(rest.subarray(0, cut))
      yield { pieces, length: BLOCK_LENGTH }
      rest = rest.subarray(cut)
      pieces = []
      length = 0
    }
    if (rest.length > 0) pieces.push(rest)
    length += rest.length
  }
  if (length > 0) yield { pieces, length }
}

function readLeaves(bytes: Bytes): Bytes[] {
  const leaves: Bytes[] = []
  // A length that is no multiple of 32 leaves a short last leaf, which `rootOfLeaves` cannot take: dropped here, and
  // the count then differs.
  for (let at = 0; at + 32 <= bytes.length; at += 32) leaves.push(bytes.subarray(at, at + 32))
  return bytes.length % 32 === 0 ? leaves : []
}
