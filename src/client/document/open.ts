/**
 * Opening a document: every check of docs/protocol/document.md, "What a reader checks", in its order, and nothing is
 * deciphered before it was checked against what its author signed.
 */
import { type Bytes, fromBase64url, toBase64url, wiping } from '../../crypto/bytes.ts'
import { type ByteRange, ciphertextLength, openAll } from '../../crypto/chunks.ts'
import { sha256 } from '../../crypto/hash.ts'
import { DocumentKey, type SealSecretKey } from '../../crypto/keys.ts'
import { padme } from '../../crypto/padding.ts'
import type { LendingOptions, Source } from '../../crypto/pieces.ts'
import { openAside } from '../../crypto/seal.ts'
import { LogError } from '../../log/errors.ts'
import { claimDeposit, verifyDeposit, verifyPlacement } from '../../log/grant.ts'
import type { VerifiedKey } from '../../log/key-statement.ts'
import type { Claim, Verified } from '../../log/verified.ts'
import { type CompartmentId, type DeploymentId, type DocumentId, Hash, type RecordId } from '../../protocol/ids.ts'
import type { Manifest, StoredDocument } from '../../protocol/record.ts'
import type { Deposit, Identity, Placement } from '../../protocol/statements.ts'
import { HostRefusal } from '../errors.ts'
import { type DocumentPlace, envelopeInfo, manifestContext, manifestKey } from '../infos.ts'
import type { AuthorKeys } from './author.ts'
import { type ContentOptions, openBody, openBodyRange, type ReadBody } from './body.ts'
import { Checks } from './checks.ts'
import { readManifest } from './manifest.ts'

/** What a reader knows of a record before looking at a document. */
export interface DocumentReader {
  readonly deployment: DeploymentId
  readonly recordId: RecordId
  readonly identity: Verified<Identity>
  /** Those that it follows: what they placed still lies there. */
  readonly earlier?: readonly Verified<Identity>[]
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
  content(blocks: string, body: Source, options?: ContentOptions): AsyncGenerator<Bytes>
  /** A range of the content alone, in pieces; see `openBodyRange`. */
  range(blocks: string, read: ReadBody, range: ByteRange & LendingOptions): AsyncGenerator<Bytes>
  /** Overwrites the document's key: nothing more of it can be opened. Best effort, see `wipe` in `crypto/bytes.ts`. */
  wipe(): void
  [Symbol.dispose](): void
}

/**
 * Checks a document and opens its manifest. `documentId`: the one asked for, `null` when it was met in a list; `read`: its
 * deposit, where it was read before.
 * Throws `DocumentRefused`; other errors (the host cannot be reached) say nothing about the document.
 */
export async function openDocument(
  stored: StoredDocument,
  reader: DocumentReader,
  documentId: DocumentId | null,
  read?: Claim<Deposit>,
): Promise<OpenedDocument> {
  const checks = new Checks(stored, documentId)
  const { claim, author } = await checkAuthor(checks, reader, read)
  const deposit = await checks.step('deposit-signature', 'The deposit is not signed by its author', async () => {
    try {
      return await verifyDeposit(claim, { ...reader, key: author, isOneOfMany: true })
    } catch (cause) {
      if (!LogError.is(cause, 'statement-record')) throw cause
      throw checks.refused('deposit-record', 'The deposit was signed for another record', { cause })
    }
  })
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
  const manifest = await openManifest(checks, { place, payload, documentKey }).catch((error: unknown) => {
    documentKey.wipe()
    throw error
  })
  return {
    documentId: payload.documentId,
    deposit,
    author,
    placement,
    compartment,
    manifest,
    content: (blocks, body, options) =>
      openBody(checks, { place, payload, documentKey, manifest, blocks }, body, options),
    range: (blocks, read, range) =>
      openBodyRange(checks, { place, payload, documentKey, manifest, blocks }, read, range),
    wipe: () => documentKey.wipe(),
    [Symbol.dispose]: () => documentKey.wipe(),
  }
}

/**
 * Of a document opened before by such a reader, and given again in the very same texts: what may have changed is whether its
 * author's card held, as lists of revocations say now, and whether its placement is the one in force. Throws as `openDocument`.
 */
export async function checkAgain(
  { document, stored }: { readonly document: OpenedDocument; readonly stored: StoredDocument },
  reader: DocumentReader,
): Promise<void> {
  const { documentId, deposit, placement } = document
  const checks = new Checks(stored, documentId)
  await checks.step('deposit-author', NO_AUTHOR, () => authorOf(checks, reader, deposit))
  const inForce = reader.placements?.get(documentId)
  checks.demand(
    reader.placements === undefined || placement?.hash === inForce,
    'placement-unknown',
    'The placement is not one of those in force',
  )
}

const NO_AUTHOR = 'The document’s author cannot be established'

async function checkAuthor(checks: Checks, reader: DocumentReader, read?: Claim<Deposit>) {
  return await checks.step('deposit-author', NO_AUTHOR, async () => {
    const { deposit } = checks.stored
    const claim = read?.statement.text === deposit ? read : claimDeposit(deposit)
    const { payload, statement } = claim
    const headers = statement.signatures.map(({ header }) => header)
    return { claim, author: await authorOf(checks, reader, { payload, headers }) }
  })
}

async function authorOf(
  checks: Checks,
  reader: DocumentReader,
  { payload, headers }: Pick<Verified<Deposit>, 'payload' | 'headers'>,
): Promise<VerifiedKey> {
  const kid = Hash.safeParse(headers[0]?.kid)
  if (!kid.success) throw checks.refused('deposit-author', 'The deposit names no key statement')
  try {
    return await reader.authorKeys(kid.data, new Date(payload.t))
  } catch (cause) {
    if (!HostRefusal.is(cause, 'key-unknown')) throw cause
    throw checks.refused('deposit-author', 'The host does not show its author’s key statement', { cause })
  }
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
): Promise<DocumentKey> {
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
  return await checks.step('envelope-open', 'The envelope does not open', async () => {
    const info = envelopeInfo({
      ...place,
      compartmentId: compartment,
      epoch,
      epochPublicKey: secret.publicKey.bytes,
      commitment: fromBase64url(payload.commitment),
    })
    return wiping(await openAside(secret, info, envelope), DocumentKey.parse)
  })
}

async function openManifest(
  checks: Checks,
  { place, payload, documentKey }: { place: DocumentPlace; payload: Deposit; documentKey: DocumentKey },
): Promise<Manifest> {
  const sealed = checks.decode('manifest-hash', checks.stored.manifest)
  checks.demand(
    toBase64url(sha256(sealed)) === payload.manifest,
    'manifest-hash',
    'The manifest is not the one that was signed',
  )
  const key = wiping(documentKey.bytes, secret => manifestKey(secret, place))
  const text = await checks.step('manifest-open', 'The manifest does not open', () =>
    wiping(key, key => openAll({ key, context: manifestContext(place) }, sealed)),
  )
  const manifest = readManifest(text)
  if (manifest === null) throw checks.refused('manifest-form', 'The manifest is not one')
  checks.demand(
    ciphertextLength(padme(manifest.size)) === payload.bodyLength,
    'body-length',
    'The body’s length is not what its size and padding make',
  )
  return manifest
}
