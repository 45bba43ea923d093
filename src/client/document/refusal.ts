/** A document that failed a reader's check: refused, told to the host, its evidence kept, never opened. */
import { CoffreError } from '../../crypto/errors.ts'
import type { DocumentId } from '../../protocol/ids.ts'
import type { StoredDocument } from '../../protocol/record.ts'
import { ConnectionError, HostRefusal, StepError, VerificationError } from '../errors.ts'

/** Which check failed; also the `reason` of `document.refused` (docs/protocol/document.md lists them). */
export const DOCUMENT_REASONS = [
  'deposit-author',
  'deposit-signature',
  'deposit-record',
  'deposit-document',
  'placement-signature',
  'placement-document',
  'placement-unknown',
  'compartment-other',
  'manifest-hash',
  'envelope-hash',
  'envelope-open',
  'manifest-open',
  'manifest-form',
  'body-length',
  'body-blocks',
  'body-block',
  'body-reordered',
  'body-repeated',
  'body-truncated',
  'body-extended',
  'body-commitment',
  'body-open',
  'body-padding',
] as const
export type DocumentReason = (typeof DOCUMENT_REASONS)[number]

/** What shows a third party that the host served this: what it served, never a key nor anything opened. */
export interface DocumentEvidence {
  readonly document: StoredDocument
  /** Leaf hashes of the body's blocks as served, base64url; when it came to the body. */
  readonly blocks?: string
  /** The block that failed: its number and the hash of the bytes served. */
  readonly block?: { readonly index: number; readonly leafHash: string }
}

/** The document is not what its author signed or where its patient put it. `code` is one of `DOCUMENT_REASONS`. */
export class DocumentRefused extends VerificationError {
  declare readonly code: DocumentReason
  declare readonly evidence: DocumentEvidence
  /** As asked for, or as the deposit claims when it was met in a list; `null` when not even that can be read. */
  readonly documentId: DocumentId | null

  constructor(
    message: string,
    options: { code: DocumentReason; evidence: DocumentEvidence; documentId: DocumentId | null; cause?: unknown },
  ) {
    super(`${message}; the document was refused and not opened`, options)
    this.documentId = options.documentId
  }
}

/** Errors that say nothing about the document: the way to the host, a step of our own. */
export function isAboutDocument(error: unknown): error is CoffreError {
  return CoffreError.is(error) && !(ConnectionError.is(error) || HostRefusal.is(error) || StepError.is(error))
}
