/**
 * Opening a document: every check of docs/protocol/document.md, "What a reader checks", in its order, and nothing is
 * deciphered before it was checked against what its author signed.
 */
import { type Bytes, concat, equal, fromBase64url, fromUtf8, toBase64url } from '../../crypto/bytes.ts'
import { ChunkOpener, ciphertextLength, commitmentOf, HEADER_LENGTH, openAll } from '../../crypto/chunks.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { sha256 } from '../../crypto/hash.ts'
import { DocumentKey, type SealSecretKey } from '../../crypto/keys.ts'
import { padme, Unpadding } from '../../crypto/padding.ts'
import { open } from '../../crypto/seal.ts'
import { parseStatement } from '../../crypto/statement.ts'
import { BLOCK_LENGTH, blockCount, blockHash, rootOfLeaves } from '../../log/block-tree.ts'
import { verifyDeposit, verifyPlacement } from '../../log/grant.ts'
import type { VerifiedKey } from '../../log/key-statement.ts'
import { peek, type Verified } from '../../log/verified.ts'
import { type CompartmentId, type DeploymentId, type DocumentId, Hash, type RecordId } from '../../protocol/ids.ts'
import { Manifest, type StoredDocument } from '../../protocol/record.ts'
import { Deposit, type Identity, type Placement, StatementTyp } from '../../protocol/statements.ts'
import { HostRefusal } from '../errors.ts'
import { bodyContext, bodyKey, type DocumentPlace, envelopeInfo, manifestContext, manifestKey } from '../infos.ts'
import type { AuthorKeys } from './author.ts'
import { type DocumentEvidence, type DocumentReason, DocumentRefused, isAboutDocument } from './refusal.ts'

/** What a reader knows of a record before looking at a document. */
export interface DocumentReader {
  readonly deployment: DeploymentId
  readonly recordId: RecordId
  readonly identity: Verified<Identity>
  readonly authorKeys: AuthorKeys
  /** The secret of an epoch of a compartment, its public key checked against the state's or a link's. */
  epochSecret(compartment: CompartmentId, epoch: number): Promise<SealSecretKey>
  /**
   * The placements in force by document, as the state names them: for the patient, who sees them all. A professional
   * does not; what the patient signed is then all there is to check.
   */
  readonly placements?: ReadonlyMap<DocumentId, Hash>
}

/** A document whose statements, manifest and envelope hold; its body is still to be fetched. */
export interface OpenedDocument {
  readonly documentId: DocumentId
  readonly deposit: Verified<Deposit>
  /** The author as the card says it; the manifest's author is a claim. */
  readonly author: VerifiedKey
  readonly placement: Verified<Placement> | null
  /** Where it lies now. */
  readonly compartment: CompartmentId
  readonly manifest: Manifest
  /**
   * The content, in pieces, from the body's ciphertext: each block checked before it is deciphered. `blocks`: the leaf
   * hashes as the host gave them. It is whole only when the stream ends without throwing `DocumentRefused`: whoever
   * writes it down keeps it aside until then.
   */
  content(blocks: string, body: AsyncIterable<Bytes> | Iterable<Bytes>): AsyncGenerator<Bytes>
}

/**
 * Checks a document and opens its manifest. `documentId`: the one asked for, `null` when it was met in a list.
 * Throws `DocumentRefused`; other errors (the host cannot be reached) say nothing about the document.
 */
export async function openDocument(
  stored: StoredDocument,
  reader: DocumentReader,
  documentId: DocumentId | null,
): Promise<OpenedDocument> {
  const checks = new Checks(stored, documentId)
  const author = await checkAuthor(checks, reader)
  const deposit = await checks.step('deposit-signature', 'The deposit is not signed by its author', () =>
    verifyDeposit(stored.deposit, { deployment: reader.deployment, recordId: reader.recordId, key: author }),
  )
  const { payload } = deposit
  checks.demand(
    documentId === null || payload.documentId === documentId,
    'deposit-document',
    'The host answered with another document than the one asked for',
  )
  checks.documentId = payload.documentId
  const placement = await checkPlacement(checks, reader, payload)
  const compartment = placement?.payload.to ?? payload.compartment
  checks.demand(
    stored.compartment === compartment,
    'compartment-other',
    'The host says that the document lies in another compartment than its statements do',
  )
  const place: DocumentPlace = { recordId: reader.recordId, documentId: payload.documentId }
  const documentKey = await openEnvelope(checks, reader, { place, payload, placement: placement?.payload ?? null })
  const manifest = await openManifest(checks, { place, payload, documentKey })
  return {
    documentId: payload.documentId,
    deposit,
    author,
    placement,
    compartment,
    manifest,
    content: (blocks, body) => openBody(checks, { place, payload, documentKey, manifest, blocks, body }),
  }
}

/** Runs the checks of one document, turning what fails into its own `DocumentRefused`. */
class Checks {
  readonly stored: StoredDocument
  documentId: DocumentId | null

  constructor(stored: StoredDocument, documentId: DocumentId | null) {
    this.stored = stored
    this.documentId = documentId
  }

  demand(holds: boolean, code: DocumentReason, message: string, more: Partial<DocumentEvidence> = {}): void {
    if (!holds) throw this.refused(code, message, { more })
  }

  /** A binary part out of its text. What is not canonical base64url is not what was hashed. */
  decode(code: DocumentReason, text: string): Bytes {
    try {
      return fromBase64url(text)
    } catch (cause) {
      throw this.refused(code, 'A part of the document is not base64url', { cause })
    }
  }

  async step<T>(code: DocumentReason, message: string, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      if (cause instanceof DocumentRefused || !isAboutDocument(cause)) throw cause
      throw this.refused(code, `${message} (${cause.message})`, { cause })
    }
  }

  refused(
    code: DocumentReason,
    message: string,
    { cause, more }: { cause?: unknown; more?: Partial<DocumentEvidence> } = {},
  ): DocumentRefused {
    return new DocumentRefused(message, {
      code,
      evidence: { document: this.stored, ...more },
      documentId: this.documentId,
      ...(cause === undefined ? {} : { cause }),
    })
  }
}

async function checkAuthor(checks: Checks, reader: DocumentReader): Promise<VerifiedKey> {
  const { deposit } = checks.stored
  return await checks.step('deposit-author', 'The document’s author cannot be established', async () => {
    const kid = Hash.safeParse(parseStatement(deposit).signatures[0]?.header.kid)
    if (!kid.success) throw checks.refused('deposit-author', 'The deposit names no key statement')
    const { t } = peek(deposit, { typ: StatementTyp.deposit, schema: Deposit })
    try {
      return await reader.authorKeys(kid.data, new Date(t))
    } catch (cause) {
      if (!HostRefusal.is(cause, 'key-unknown')) throw cause
      throw checks.refused('deposit-author', 'The host does not show its author’s key statement', { cause })
    }
  })
}

async function checkPlacement(
  checks: Checks,
  reader: DocumentReader,
  deposit: Deposit,
): Promise<Verified<Placement> | null> {
  const text = checks.stored.placement
  const inForce = reader.placements?.get(deposit.documentId)
  if (text === null) {
    checks.demand(inForce === undefined, 'placement-unknown', 'The host withholds where the patient put the document')
    return null
  }
  const placement = await checks.step('placement-signature', 'The placement is not signed by the patient', () =>
    verifyPlacement(text, reader),
  )
  checks.demand(
    placement.payload.documentId === deposit.documentId,
    'placement-document',
    'The placement is another document’s',
  )
  checks.demand(
    reader.placements === undefined || placement.hash === inForce,
    'placement-unknown',
    'The placement is not one of those in force',
  )
  return placement
}

async function openEnvelope(
  checks: Checks,
  reader: DocumentReader,
  { place, payload, placement }: { place: DocumentPlace; payload: Deposit; placement: Placement | null },
): Promise<Bytes> {
  const envelope = checks.decode('envelope-hash', checks.stored.envelope)
  checks.demand(
    toBase64url(sha256(envelope)) === (placement ?? payload).envelope,
    'envelope-hash',
    'The envelope is not the one that was signed',
  )
  const { compartment, epoch } = placement === null ? payload : { compartment: placement.to, epoch: placement.epoch }
  const secret = await checks.step('envelope-open', 'The key of the document’s epoch is not to be had', () =>
    reader.epochSecret(compartment, epoch),
  )
  return await checks.step('envelope-open', 'The envelope does not open', () => {
    const info = envelopeInfo({
      ...place,
      compartmentId: compartment,
      epoch,
      epochPublicKey: secret.publicKey.bytes,
      commitment: fromBase64url(payload.commitment),
    })
    return DocumentKey.parse(open(secret, info, envelope)).bytes
  })
}

async function openManifest(
  checks: Checks,
  { place, payload, documentKey }: { place: DocumentPlace; payload: Deposit; documentKey: Bytes },
): Promise<Manifest> {
  const sealed = checks.decode('manifest-hash', checks.stored.manifest)
  checks.demand(
    toBase64url(sha256(sealed)) === payload.manifest,
    'manifest-hash',
    'The manifest is not the one that was signed',
  )
  const text = await checks.step('manifest-open', 'The manifest does not open', () =>
    openAll({ key: manifestKey(documentKey, place), context: manifestContext(place) }, sealed),
  )
  const manifest = Manifest.safeParse(parseJson(text))
  if (!manifest.success) throw checks.refused('manifest-form', 'The manifest is not one')
  checks.demand(
    ciphertextLength(padme(manifest.data.size)) === payload.bodyLength,
    'body-length',
    'The body’s length is not what its size and padding make',
  )
  return manifest.data
}

function parseJson(text: Bytes): unknown {
  try {
    return JSON.parse(fromUtf8(text))
  } catch {
    return null // refused by the schema
  }
}

interface BodyToOpen {
  readonly place: DocumentPlace
  readonly payload: Deposit
  readonly documentKey: Bytes
  readonly manifest: Manifest
  readonly blocks: string
  readonly body: AsyncIterable<Bytes> | Iterable<Bytes>
}

async function* openBody(checks: Checks, document: BodyToOpen): AsyncGenerator<Bytes> {
  const { place, payload, documentKey, manifest, blocks } = document
  const leaves = readLeaves(checks.decode('body-blocks', blocks))
  checks.demand(
    leaves.length === blockCount(payload.bodyLength) && toBase64url(rootOfLeaves(leaves)) === payload.bodyRoot,
    'body-blocks',
    'The body’s block hashes are not those that were signed',
    { blocks },
  )
  const key = { key: bodyKey(documentKey, place), context: bodyContext(place) }
  const opener = new ChunkOpener(key)
  const unpadding = new Unpadding(manifest.size)
  try {
    // One loop, not a stream through a stream: what is awaited between two pieces costs a body a tenth of its speed.
    for await (const block of checkedBlocks(checks, document, leaves)) {
      for (const piece of block) {
        for (const opened of opener.update(piece)) {
          const content = unpadding.update(opened)
          if (content.length > 0) yield content
        }
      }
    }
    const content = unpadding.update(opener.final())
    unpadding.final()
    if (content.length > 0) yield content
  } catch (cause) {
    if (!CryptoError.is(cause)) throw cause
    // Signed by the author and yet not a body: the author's fault, not the host's.
    const isPadding = cause.code === 'padding-wrong'
    throw checks.refused(isPadding ? 'body-padding' : 'body-open', cause.message, { cause })
  }
}

/** Passes the ciphertext on, block by block, after each was compared with its signed hash. Holds one block. */
async function* checkedBlocks(
  checks: Checks,
  { payload, body, blocks }: BodyToOpen,
  leaves: readonly Bytes[],
): AsyncGenerator<readonly Bytes[]> {
  let index = 0
  let passed = 0
  for await (const { pieces, length } of inBlocks(body)) {
    checks.demand(
      passed + length <= payload.bodyLength,
      'body-extended',
      'The body goes on after the end that was signed',
    )
    checks.demand(
      length === BLOCK_LENGTH || passed + length === payload.bodyLength,
      'body-truncated',
      'The body ends before the end that was signed',
    )
    const hash = blockHash(pieces)
    const leaf = leaves[index]
    checks.demand(leaf !== undefined && equal(hash, leaf), 'body-block', `Block ${index} of the body was altered`, {
      blocks,
      block: { index, leafHash: toBase64url(hash) },
    })
    if (index === 0) checkCommitment(checks, payload, pieces)
    index++
    passed += length
    yield pieces
  }
  checks.demand(passed === payload.bodyLength, 'body-truncated', 'The body ends before the end that was signed')
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
async function* inBlocks(body: AsyncIterable<Bytes> | Iterable<Bytes>): AsyncGenerator<Block> {
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
