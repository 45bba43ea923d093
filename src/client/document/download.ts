/** Fetching and opening one document. */
import { type Bytes, fromBase64url } from '../../crypto/bytes.ts'
import type { ByteRange } from '../../crypto/chunks.ts'
import { type LendingOptions, pieces, type Source, type StreamOptions } from '../../crypto/pieces.ts'
import type { DocumentId, RecordId } from '../../protocol/ids.ts'
import { DocumentOpened, Receipted } from '../../protocol/messages.ts'
import type { Host } from '../http.ts'
import type { ContentOptions, ReadBody } from './body.ts'
import { type DocumentReader, type OpenedDocument, openDocument } from './open.ts'
import type { DocumentRefused } from './refusal.ts'
import type { Signing } from './upload.ts'

/** What came with a read. */
export interface Read {
  readonly document: OpenedDocument
  /** To be verified and kept by the caller, who knows whose act it was. */
  readonly receipt: string
  /** Fetches and opens the content, in pieces; whole only when it ends without throwing. */
  content(progress?: (done: number) => void, options?: ContentOptions): AsyncGenerator<Bytes>
  /** Fetches and opens a range of the content alone, `end` not included; see `OpenedDocument.range`. */
  range(range: ByteRange & LendingOptions): AsyncGenerator<Bytes>
  /** Overwrites the document's key, when no more is to be read. */
  [Symbol.dispose](): void
}

/**
 * Opens a read of a document: one entry in the log, durable before the host answers. `keep` gets the receipt before any
 * check of the document, since the read is logged whatever comes of it.
 * Throws `HostRefusal` (`document-unknown`), `DocumentRefused`.
 */
export async function readDocument(
  host: Host,
  {
    recordId,
    documentId,
    signing,
    reader,
    keep,
  }: {
    readonly recordId: RecordId
    readonly documentId: DocumentId
    /** Asked for each request: `coffre-seen` moves on. */
    signing(): Signing
    readonly reader: DocumentReader
    keep?(receipt: string): Promise<void>
  },
): Promise<Read> {
  const path = `/v1/records/${recordId}/documents/${documentId}`
  const opened = await host.call({ ...signing(), method: 'GET', path, answer: DocumentOpened })
  await keep?.(opened.receipt)
  const document = await openDocument(opened.document, reader, documentId)
  const brought = broughtBody(opened)
  return {
    document,
    receipt: opened.receipt,
    async *content(progress, options = {}) {
      const body =
        brought?.whole() ??
        (await host.stream({ ...signing(), method: 'GET', path: `${path}/body`, ...abortOf(options) }))
      yield* document.content(opened.blocks, progress === undefined ? body : counted(body, progress), options)
    },
    range: range => {
      const read = brought?.read ?? bodyReader(host, { signing, path: `${path}/body` }, range)
      return document.range(opened.blocks, read, range)
    },
    [Symbol.dispose]: () => document.wipe(),
  }
}

/**
 * The body that came with the answer that opened its read, as fetching it would give it; null when it is to be fetched.
 * It is checked like any that was.
 */
export function broughtBody({ body }: Pick<DocumentOpened, 'body'>): BroughtBody | null {
  if (body === undefined) return null
  const whole = () => fromBase64url(body) // anew each time: who opens it may take its memory
  return { whole: () => [whole()], read: async (offset, length) => whole().subarray(offset, offset + length) }
}

/** A body at hand. */
export interface BroughtBody {
  whole(): readonly Bytes[]
  readonly read: ReadBody
}

/** Fetches octets of a body by range requests. */
export function bodyReader(
  host: Host,
  { signing, path }: { signing(): Signing; readonly path: string },
  options: StreamOptions,
): ReadBody {
  return (offset, length) =>
    host.bytes({
      ...signing(),
      method: 'GET',
      path,
      range: { from: offset, to: offset + length - 1 },
      limit: length,
      ...abortOf(options),
    })
}

/** What of a stream's options its request takes: the signal. */
export function abortOf({ signal }: StreamOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

/** Passes a body on and says how much of it came. */
export async function* counted(body: Source, progress: (done: number) => void): AsyncGenerator<Bytes> {
  let done = 0
  for await (const piece of pieces(body)) {
    yield piece
    done += piece.length
    progress(done)
  }
}

/**
 * Tells the host, and so the log, that a document was refused. Returns the receipt. Throws `HostRefusal`.
 * The error's `documentId` must not be null: without an id there is nothing to name.
 */
export async function reportRefusal(
  host: Host,
  { recordId, documentId, signing }: { recordId: RecordId; documentId: DocumentId; signing: Signing },
  error: DocumentRefused,
): Promise<string> {
  const { receipt } = await host.call({
    ...signing,
    method: 'POST',
    path: `/v1/records/${recordId}/documents/${documentId}/refused`,
    body: { reason: error.code },
    answer: Receipted,
  })
  return receipt
}
