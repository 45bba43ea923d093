import type { Bytes } from '../../crypto/bytes.ts'
import type { Hash, UploadId } from '../../protocol/ids.ts'

/**
 * Where bodies (ciphertext) are kept, named by their block tree's root.
 *
 * Durability: what `writePart` and `publish` resolved for is on the disk, names included. Consistency: a published body
 * never changes; publishing the same root twice is one body.
 */
export interface Bodies {
  /** Writes one part of an upload at its place. Rejects with `Refusal` `part-invalid` unless it has exactly `length` bytes. */
  writePart(upload: UploadId, part: PartPlace, source: AsyncIterable<Bytes>): Promise<PartDigest>
  /** Makes a complete upload the body `root`. The upload stays until `discard`. */
  publish(upload: UploadId, root: Hash): Promise<void>
  /** Lets go of an upload; nothing happens when it is gone. */
  discard(upload: UploadId): Promise<void>
  /** Bytes `start` (included) to `end` (excluded), in pieces of at most 1 MiB. Throws `VaultError` `body-missing`. */
  read(root: Hash, start: number, end: number): AsyncIterable<Bytes>
  /** Removes a body unless the store names it (again); nothing happens when it is gone. Durable when it resolved. */
  remove(root: Hash, named: Pick<NamedFiles, 'isBody'>): Promise<void>
  /**
   * Removes uploads and bodies that nobody names: what a crash left. It may run beside requests, and takes as long as
   * there are bodies; once `signal` is aborted it ends at the next one.
   */
  collect(named: NamedFiles, signal: AbortSignal): Promise<void>
}

/** What the store names, as it is committed at the moment of asking. */
export interface NamedFiles {
  isUpload(name: string): boolean
  isBody(root: string): boolean
}

export interface PartPlace {
  /** Bytes from the start of the upload; a multiple of 1 MiB. */
  readonly offset: number
  /** Bytes. */
  readonly length: number
}

export interface PartDigest {
  /** Leaf hashes of the part's 1 MiB blocks. */
  readonly blocks: readonly Bytes[]
  /** SHA-256 of the part's bytes, to be compared with the signed content digest. */
  readonly sha256: Bytes
}
