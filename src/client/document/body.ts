/** Opening a document's body, whole or by range: nothing is deciphered before it was compared with what its author signed. */
import { type Bytes, concat, equal, toBase64url, wipe, wiping } from '../../crypto/bytes.ts'
import { type ByteRange, commitmentOf, HEADER_LENGTH, openRangeChunks } from '../../crypto/chunks.ts'
import { CryptoError } from '../../crypto/errors.ts'
import type { DocumentKey } from '../../crypto/keys.ts'
import { Unpadding } from '../../crypto/padding.ts'
import { type LendingOptions, pieces, type Source } from '../../crypto/pieces.ts'
import { BLOCK_LENGTH, blockCount, blockHash, rootOfLeaves } from '../../log/block-tree.ts'
import type { Manifest } from '../../protocol/record.ts'
import type { Deposit } from '../../protocol/statements.ts'
import { bodyContext, bodyKey, type DocumentPlace } from '../infos.ts'
import { type BlockWork, onThisThread } from './block-work.ts'
import type { Checks } from './checks.ts'
import { openBlocks } from './open-blocks.ts'

/** How a content is given out, and by whom it is opened. */
export interface ContentOptions extends LendingOptions {
  /** Who checks and opens the blocks: this thread unless given. Of no use to a range. */
  readonly work?: BlockWork
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
  const checked = { ...document, leaves: signedLeaves(checks, document) }
  const key = keyOf(document)
  const unpadding = new Unpadding(manifest.size)
  const opening = {
    length: payload.bodyLength,
    leaves: checked.leaves,
    begin: (firstBlock: Bytes) => {
      checkCommitment(checks, payload, firstBlock)
      return (options.work ?? onThisThread).open(key, firstBlock.slice(0, HEADER_LENGTH), payload.bodyLength)
    },
    check: (index: number, leaf: Bytes) => checkBlock(checks, checked, index, leaf),
    demand: (holds: boolean, code: 'body-extended' | 'body-truncated') => demandLength(checks, holds, code),
  }
  try {
    for await (const opened of openBlocks(opening, pieces(source, options), options)) {
      const content = unpadding.update(opened)
      if (content.length > 0) yield content
    }
    unpadding.final()
  } catch (cause) {
    throw refusedBy(checks, cause)
  } finally {
    wipe(key.key)
  }
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
  { start, end, ...options }: ByteRange & LendingOptions,
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

/** Compares a block's hash with the one signed. */
function checkBlock(checks: Checks, { blocks, leaves }: CheckedBody, index: number, hash: Bytes): void {
  const leaf = leaves[index]
  if (leaf !== undefined && equal(hash, leaf)) return
  // Another block of the same body: the host has it, and gave it in the wrong place.
  const other = leaves.findIndex(one => equal(one, hash))
  const evidence = { blocks, block: { index, leafHash: toBase64url(hash) } }
  if (other > index)
    throw checks.refused('body-reordered', `Block ${other} came in place of ${index}`, { more: evidence })
  if (other >= 0)
    throw checks.refused('body-repeated', `Block ${other} came again, in place of ${index}`, { more: evidence })
  throw checks.refused('body-block', `Block ${index} of the body was altered`, { more: evidence })
}

function demandLength(checks: Checks, holds: boolean, code: 'body-extended' | 'body-truncated'): void {
  const how = code === 'body-extended' ? 'goes on after' : 'ends before'
  checks.demand(holds, code, `The body ${how} the end that was signed`)
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
    demandLength(this.#checks, block.length >= length, 'body-truncated')
    this.#checks.demand(block.length === length, 'body-extended', 'The host answered with more than was asked for')
    checkBlock(this.#checks, this.#document, index, blockHash([block]))
    if (index === 0) checkCommitment(this.#checks, this.#document.payload, block)
    this.#kept = { index, block }
    return block
  }
}

function checkCommitment(checks: Checks, payload: Deposit, firstBlock: Bytes): void {
  checks.demand(
    firstBlock.length >= HEADER_LENGTH && toBase64url(commitmentOf(firstBlock)) === payload.commitment,
    'body-commitment',
    'The body commits to another key than the deposit says',
  )
}

function readLeaves(bytes: Bytes): Bytes[] {
  const leaves: Bytes[] = []
  // A length that is no multiple of 32 leaves a short last leaf, which `rootOfLeaves` cannot take: dropped here, and
  // the count then differs.
  for (let at = 0; at + 32 <= bytes.length; at += 32) leaves.push(bytes.subarray(at, at + 32))
  return bytes.length % 32 === 0 ? leaves : []
}
