import type { Bytes } from '../crypto/bytes.ts'
import { BLOCK_LENGTH } from '../log/block-tree.ts'
import { listHash } from '../log/list.ts'
import type { DocumentId, Hash, Instant, RecordId } from '../protocol/ids.ts'
import type { DocumentList, DocumentOpened, DocumentRefusal } from '../protocol/messages.ts'
import type { StoredDocument } from '../protocol/record.ts'
import { requireGrant } from './access.ts'
import type { RecordRequest } from './acts.ts'
import { requireOwnDocument } from './authorship.ts'
import type { Bodies } from './bodies/bodies.ts'
import { smallBody } from './bodies/small.ts'
import { type BodyAsked, type BodyRange, BodyReading, type OpenBody, openBody } from './body-reading.ts'
import type { Practitioner, SignedRequest } from './caller.ts'
import type { Context } from './context.ts'
import { reachOf, requireReachable } from './reach.ts'
import type { Tx } from './store/store.ts'

/** For so long one `document.read` covers ranges of the body, milliseconds. */
const READ_MS = 15 * 60_000
/** Documents in one page of a list. */
const PAGE = 500

/** Columns of what a reader gets of a document. */
const SHOWN = 'deposit, manifest, envelope, placement, compartment'

type ListedRow = StoredDocument & { readonly document: DocumentId; readonly position: number }
type OpenedRow = StoredDocument & { readonly body: Hash; readonly length: number }

/** What opening a document answers, all of a small body with it, as octets. */
export interface OpenedRead extends Omit<DocumentOpened, 'body'> {
  readonly body: Bytes | null
}

/** Listing and reading. Every answer stands behind an entry that is durable before its first byte leaves. */
export class Documents {
  readonly #context: Context
  readonly #reading: BodyReading

  constructor(context: Context, bodies: Bodies) {
    const { store, clock } = context
    this.#context = context
    this.#reading = new BodyReading({ read: store.read, files: bodies, clock })
  }

  /** One page, in the order of deposit. Throws `Refusal` `no-grant`. */
  async list(request: RecordRequest, record: RecordId, after: number | null): Promise<DocumentList> {
    const { acts } = this.#context
    const { entry, result } = await acts.perform(request, { record, action: 'document.list', object: {} }, tx => {
      const { state, grant, condition, params } = reachOf(tx, request, record)
      // One more than the page says whether there is another.
      const rows = tx.all<ListedRow>(
        `SELECT document, position, ${SHOWN} FROM documents
         WHERE record = @record AND position > @after AND ${condition} ORDER BY position LIMIT @limit`,
        { record, after: after ?? -1, limit: PAGE + 1, ...params },
      )
      const page = rows.slice(0, PAGE)
      const object = { ids: listHash(page.map(({ document }) => document)), count: page.length }
      const next = rows.length > PAGE ? (page.at(-1)?.position ?? null) : null
      return { object, grant, state, result: { documents: page.map(stored), next } }
    })
    return { ...result, receipt: await acts.receipt(entry) }
  }

  /**
   * Opens a read, and gives a small body at once: what is answered stands behind the entry either way. To a
   * professional, a document out of reach and one that never was are refused alike, by the same steps.
   * Throws `Refusal` `no-grant`, `document-unknown`.
   */
  async open(request: RecordRequest, record: RecordId, document: DocumentId): Promise<OpenedRead> {
    const { acts } = this.#context
    const until = request.at.getTime() + READ_MS
    const act = { record, action: 'document.read', object: { document } } as const
    const { entry, result } = await acts.perform(request, act, tx => {
      const reach = reachOf(tx, request, record)
      const row = requireReachable<OpenedRow>(tx, { record, document }, reach, `body, length, ${SHOWN}`)
      tx.run(
        `INSERT INTO reads (record, document, key, until) VALUES (@record, @document, @key, @until)
         ON CONFLICT (record, document, key) DO UPDATE SET until = excluded.until`,
        { record, document, key: request.keyId, until },
      )
      const result = { document: stored(row), blocks: blocksOf(tx, row), body: smallBody(tx, row) }
      return { object: { document }, grant: reach.grant, state: reach.state, result }
    })
    return { ...result, readUntil: new Date(until).toISOString() as Instant, receipt: await acts.receipt(entry) }
  }

  /**
   * A range of the body, within an open read; asked again before every block, so that revoking and masking end it.
   * Throws `Refusal` `read-closed`, `range-invalid`, and what `open` throws.
   */
  async body(
    request: RecordRequest,
    record: RecordId,
    document: DocumentId,
    range: BodyAsked['range'],
  ): Promise<BodyRange> {
    const open = await this.openBody(request, record, document)
    return this.#reading.range(request, { record, document, range }, open)
  }

  /** The writer's part of `body`: takes the request's nonce and says whether it may be read. Throws as `body`. */
  openBody(request: RecordRequest, record: RecordId, document: DocumentId): Promise<OpenBody> {
    const { acts, clock } = this.#context
    return acts.look(request, tx => openBody(tx, { ...request, at: clock() }, { record, document }))
  }

  /** Its author takes a document out of professionals' sight. Throws `Refusal` `no-grant`, `document-unknown`. */
  async withdraw(
    request: SignedRequest<Practitioner>,
    record: RecordId,
    document: DocumentId,
  ): Promise<{ receipt: string }> {
    const { caller, at } = request
    const object = { document }
    const { entry } = await this.#context.acts.perform(request, { record, action: 'document.withdraw', object }, tx => {
      const held = requireGrant(tx, record, caller, at)
      requireOwnDocument(tx, record, document, { caller, held })
      tx.run('UPDATE documents SET withdrawn = 1 WHERE record = @record AND document = @document', { record, document })
      return { object, grant: held.hash, state: held.state, result: null }
    })
    return { receipt: await this.#context.acts.receipt(entry) }
  }

  /** A reader says that a document failed its checks. Throws `Refusal` as `open`. */
  async refused(
    request: RecordRequest,
    record: RecordId,
    document: DocumentId,
    { reason }: DocumentRefusal,
  ): Promise<{ receipt: string }> {
    const object = { document, reason }
    const { entry } = await this.#context.acts.perform(request, { record, action: 'document.refused', object }, tx => {
      const reach = reachOf(tx, request, record)
      requireReachable(tx, { record, document }, reach, '1')
      return { object, grant: reach.grant, state: reach.state, result: null }
    })
    return { receipt: await this.#context.acts.receipt(entry) }
  }
}

/** Leaf hashes of a body's blocks: one block is its tree. */
function blocksOf(tx: Tx, { body, length }: OpenedRow): string {
  if (length <= BLOCK_LENGTH) return body
  return tx.get<{ blocks: string }>('SELECT blocks FROM bodies WHERE root = @body', { body })?.blocks ?? ''
}

function stored({ deposit, manifest, envelope, placement, compartment }: StoredDocument): StoredDocument {
  return { deposit, manifest, envelope, placement, compartment }
}
