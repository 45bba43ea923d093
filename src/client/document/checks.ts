/** The checks of one document, each with its own refusal. */
import { type Bytes, fromBase64url } from '../../crypto/bytes.ts'
import type { DocumentId } from '../../protocol/ids.ts'
import type { StoredDocument } from '../../protocol/record.ts'
import { type DocumentEvidence, type DocumentReason, DocumentRefused, isAboutDocument } from './refusal.ts'

/** Runs the checks of one document, turning what fails into its own `DocumentRefused`. */
export class Checks {
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
