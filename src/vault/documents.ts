import type { Bytes } from '../crypto/bytes.ts'
import { readable } from '../log/grant.ts'
import { listHash } from '../log/list.ts'
import type { CompartmentId, DocumentId, Hash, Instant, RecordId } from '../protocol/ids.ts'
import type { DocumentList, DocumentOpened, DocumentRefusal } from '../protocol/messages.ts'
import type { StoredDocument } from '../protocol/record.ts'
import { requireGrant } from './access.ts'
import { type RecordRequest, requireOwner, requireState } from './acts.ts'
import { requireOwnDocument } from './authorship.ts'
import type { Bodies } from './bodies/bodies.ts'
import type { Practitioner, SignedRequest } from './caller.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import type { Tx } from './store/store.ts'

/** For so long one `document.read` covers ranges of the body, milliseconds. */
const READ_MS = 15 * 60_000
/** Documents in one page of a list. */
const PAGE = 500

interface DocumentRow {
  readonly document: DocumentId
  readonly position: number
  readonly deposit: string
  readonly manifest: string
  readonly envelope: string
  readonly placement: string | null
  readonly compartment: CompartmentId
  readonly body: Hash
  readonly length: number
  readonly withdrawn: number
}

/** A range of a body's ciphertext. */
export interface BodyRange {
  readonly bytes: AsyncIterable<Bytes>
  /** First byte. */
  readonly start: number
  /** One past the last. */
  readonly end: number
  readonly total: number
}

/** What a caller may read now. */
interface Reach {
  readonly state: Hash
  readonly grant: Hash | null
  reaches(document: Pick<DocumentRow, 'compartment' | 'withdrawn'>): boolean
}

/** Listing and reading. Every answer stands behind an entry that is durable before its first byte leaves. */
export class Documents {
  readonly #context: Context
  readonly #bodies: Bodies

  constructor(context: Context, bodies: Bodies) {
    this.#context = context
    this.#bodies = bodies
  }

  /** One page, in the order of deposit. Throws `Refusal` `no-grant`. */
  async list(request: RecordRequest, record: RecordId, after: number | null): Promise<DocumentList> {
    const { acts } = this.#context
    const { entry, result } = await acts.perform(request, { record, action: 'document.list', object: {} }, tx => {
      const { state, grant, reaches } = reachOf(tx, request, record)
      const rows = tx.all<DocumentRow>(
        'SELECT * FROM documents WHERE record = @record AND position > @after ORDER BY position',
        { record, after: after ?? -1 },
      )
      const open = rows.filter(reaches)
      const page = open.slice(0, PAGE)
      const object = { ids: listHash(page.map(({ document }) => document)), count: page.length }
      const next = open.length > PAGE ? (page.at(-1)?.position ?? null) : null
      return { object, grant, state, result: { documents: page.map(stored), next } }
    })
    return { ...result, receipt: await acts.receipt(entry) }
  }

  /**
   * Opens a read. To a professional, a document out of reach and one that never was are refused alike, by the same
   * steps. Throws `Refusal` `no-grant`, `document-unknown`.
   */
  async open(request: RecordRequest, record: RecordId, document: DocumentId): Promise<DocumentOpened> {
    const { acts } = this.#context
    const until = request.at.getTime() + READ_MS
    const act = { record, action: 'document.read', object: { document } } as const
    const { entry, result } = await acts.perform(request, act, tx => {
      const reach = reachOf(tx, request, record)
      const row = requireReachable(tx, record, document, reach)
      const blocks = tx.get<{ blocks: string }>('SELECT blocks FROM bodies WHERE root = @body', { body: row.body })
      tx.run(
        `INSERT INTO reads (record, document, key, until) VALUES (@record, @document, @key, @until)
         ON CONFLICT (record, document, key) DO UPDATE SET until = excluded.until`,
        { record, document, key: request.keyId, until },
      )
      const result = { document: stored(row), blocks: blocks?.blocks ?? '' }
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
    range: { readonly start: number; readonly end: number | null } | null,
  ): Promise<BodyRange> {
    const { acts, store, clock } = this.#context
    const allowed = (tx: Tx): DocumentRow => {
      const at = clock()
      const row = requireReachable(tx, record, document, reachOf(tx, { ...request, at }, record))
      const read = tx.get<{ until: number }>(
        'SELECT until FROM reads WHERE record = @record AND document = @document AND key = @key',
        { record, document, key: request.keyId },
      )
      if (read === undefined || at.getTime() >= read.until) {
        throw new Refusal('read-closed', 'Open the document again before reading on')
      }
      return row
    }
    const { body, length } = await acts.look(request, allowed)
    const start = range?.start ?? 0
    const end = Math.min(range?.end ?? length, length)
    if (start >= end) throw new Refusal('range-invalid', `The body has ${length} bytes`)
    const source = this.#bodies.read(body, start, end)
    return { bytes: guarded(source, () => allowed(store.read)), start, end, total: length }
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
      requireReachable(tx, record, document, reach)
      return { object, grant: reach.grant, state: reach.state, result: null }
    })
    return { receipt: await this.#context.acts.receipt(entry) }
  }
}

function reachOf(tx: Tx, request: RecordRequest, record: RecordId): Reach {
  const { caller } = request
  if (caller.kind === 'patient') {
    requireOwner(request, record)
    return { state: requireState(tx, record), grant: null, reaches: () => true }
  }
  const { hash, grant, state } = requireGrant(tx, record, caller, request.at)
  const open: ReadonlySet<CompartmentId> = new Set(readable(grant))
  return { state, grant: hash, reaches: ({ compartment, withdrawn }) => withdrawn === 0 && open.has(compartment) }
}

function requireReachable(tx: Tx, record: RecordId, document: DocumentId, { reaches }: Reach): DocumentRow {
  const row = tx.get<DocumentRow>('SELECT * FROM documents WHERE record = @record AND document = @document', {
    record,
    document,
  })
  if (row === undefined || !reaches(row)) {
    throw new Refusal('document-unknown', 'There is no such document')
  }
  return row
}

async function* guarded(source: AsyncIterable<Bytes>, check: () => void): AsyncIterable<Bytes> {
  for await (const bytes of source) {
    check()
    yield bytes
  }
}

function stored({ deposit, manifest, envelope, placement, compartment }: DocumentRow): StoredDocument {
  return { deposit, manifest, envelope, placement, compartment }
}
