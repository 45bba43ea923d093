/** Documents of any size, sealed and opened through the client's own functions. */

import type { ContentOptions } from '../../src/client/document/body.ts'
import { type DocumentReader, openDocument } from '../../src/client/document/open.ts'
import { type DepositTarget, DocumentSealer } from '../../src/client/document/seal.ts'
import { concat, randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import type { Source } from '../../src/crypto/pieces.ts'
import { BlockTree } from '../../src/log/block-tree.ts'
import type { CompartmentId, DocumentId, Hash } from '../../src/protocol/ids.ts'
import { AT, type Author, makeAuthor, makePatient, manifestFor, newId } from '../../test/fixtures/document.ts'

const KIB = 2 ** 10
export const MIB = 2 ** 20
const GIB = 2 ** 30

/** Sizes of bodies beside the 256 MiB of the figures: a note, a letter, a report, an image, a series of images. */
export const SIZES: readonly (readonly [string, number])[] = [
  ['1 KiB', KIB],
  ['64 KiB', 64 * KIB],
  ['1 MiB', MIB],
  ['16 MiB', 16 * MIB],
  ['2 GiB', 2 * GIB],
]

/** As a file is read: pieces of this many bytes. */
const PIECE = MIB
/** As a body arrives from a network. */
const ARRIVING = 64 * KIB
const piece = randomBytes(PIECE)

/** `length` bytes in pieces; the same memory again and again, so that only what is measured takes any. */
export function* contentOf(length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; left -= PIECE) yield piece.subarray(0, Math.min(left, PIECE))
}

/** Reads a stream to its end and keeps nothing. */
export async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of stream);
}

/** A sealed document, ready to be opened any number of times. */
export interface SealedBody {
  /** The ciphertext, in pieces of the size that arrive from a network. */
  readonly pieces: readonly Uint8Array[]
  /** Checks and opens all of the body, from its pieces in memory or from elsewhere; lent, as a saved reading takes it. */
  open(from?: Source, options?: ContentOptions): AsyncIterable<Uint8Array>
}

/** Seals a document of that many bytes for a reader, with all the statements that a reader checks. */
export async function sealedBody(size: number): Promise<SealedBody> {
  const { sealer, reader, target, author } = await household(size)
  const tree = new BlockTree()
  const ciphertext = new Uint8Array(sealer.bodyLength)
  let filled = 0
  for await (const part of sealer.body(contentOf(size), { areLent: true })) {
    tree.update(part)
    ciphertext.set(part, filled)
    filled += part.length
  }
  const pieces: Uint8Array[] = []
  for (let at = 0; at < ciphertext.length; at += ARRIVING) pieces.push(ciphertext.subarray(at, at + ARRIVING))
  const sealed = await sealer.finish(target, author, AT)
  const document = await openDocument(
    {
      deposit: sealed.deposit,
      manifest: toBase64url(sealed.manifest),
      envelope: toBase64url(sealed.envelope),
      placement: null,
      compartment: target.compartment,
    },
    reader,
    sealed.documentId,
  )
  const blocks = toBase64url(concat(...tree.digest().leaves))
  return { pieces, open: (from = pieces, options = { areLent: true }) => document.content(blocks, from, options) }
}

/** A patient, an author and the sealer between them. */
export async function household(size: number): Promise<{
  readonly sealer: DocumentSealer
  readonly target: DepositTarget
  readonly author: Author
  readonly reader: DocumentReader
}> {
  const patient = await makePatient()
  const author = await makeAuthor(patient.deployment)
  const secret = SealSecretKey.generate()
  return {
    sealer: new DocumentSealer({ recordId: patient.recordId, documentId: newId<DocumentId>() }, manifestFor(size)),
    target: {
      deployment: patient.deployment,
      compartment: newId<CompartmentId>(),
      epoch: 1,
      epochKey: secret.publicKey,
      state: toBase64url(sha256(new Uint8Array(1))) as Hash,
    },
    author,
    reader: {
      deployment: patient.deployment,
      recordId: patient.recordId,
      identity: patient.identity,
      authorKeys: author.keys,
      epochSecret: async () => secret,
    },
  }
}
