import { type Bytes, fromBase64url, toBase64url, wiping } from '../../crypto/bytes.ts'
import type { ByteRange } from '../../crypto/chunks.ts'
import { SealSecretKey } from '../../crypto/keys.ts'
import type { StreamOptions } from '../../crypto/pieces.ts'
import { statementHash } from '../../crypto/statement.ts'
import { listHash } from '../../log/list.ts'
import { peek } from '../../log/verified.ts'
import type { CompartmentId, DocumentId, Hash } from '../../protocol/ids.ts'
import { DocumentList, DocumentOpened, EpochLinks } from '../../protocol/messages.ts'
import type { StoredDocument } from '../../protocol/record.ts'
import { Deposit, StatementTyp } from '../../protocol/statements.ts'
import { directoryAuthors } from '../document/author.ts'
import type { ContentOptions } from '../document/body.ts'
import { abortOf, bodyReader, counted, reportRefusal } from '../document/download.ts'
import { type DocumentReader, type OpenedDocument, openDocument } from '../document/open.ts'
import { DocumentRefused } from '../document/refusal.ts'
import { walkBack } from '../epochs.ts'
import { VerificationError } from '../errors.ts'
import { followChain } from './chain.ts'
import type { PatientSession } from './session.ts'
import { type RecordView, stateCompartment } from './view.ts'

/** Documents asked for at once, at most, by the host's own bound; a guard against a list that never ends. */
const PAGES_MAX = 1000

/** A deposit dated within this long of now may have come after the chain was followed, milliseconds (document.md). */
const UNLOGGED_MS = 11 * 60_000

/** One line of a list: a document whose statements and manifest hold, or one that was refused. */
export type ListedDocument =
  | {
      readonly document: OpenedDocument
      readonly kind: string
      readonly masked: boolean
      /** Its author withdrew it, the chain says: professionals see it no more. */
      readonly withdrawn: boolean
      readonly refused: null
    }
  | { readonly document: null; readonly refused: DocumentRefused }

/**
 * Everything in the record, newest state, manifests opened. First the chain is followed; then the list is held against
 * it: each document that was ever deposited must be there, with the very deposit that was logged, and the receipt must
 * name what was returned. What fails its own checks comes as refused and is reported.
 * Throws as `followChain`, `PatientSession.view`; `VerificationError` `document-withheld`, `document-swapped`,
 * `document-unlogged`.
 */
export async function listDocuments(session: PatientSession): Promise<ListedDocument[]> {
  await followChain(session)
  const view = await session.view()
  const stored = await fetchAll(session)
  checkComplete(session, stored)
  const gone = new Set(session.seen.documents.filter(({ withdrawn }) => withdrawn).map(({ id }) => id))
  using reader = readerOf(session, view)
  const listed: ListedDocument[] = []
  for (const each of stored) {
    try {
      const document = await openDocument(each, reader, null)
      document.wipe() // a list shows manifests; content is opened by a read of its own
      const kind = view.bundle.compartments.find(({ id }) => id === document.compartment)?.kind ?? ''
      const withdrawn = gone.has(document.documentId)
      listed.push({ document, kind, masked: kind === 'masked', withdrawn, refused: null })
    } catch (error) {
      if (!(error instanceof DocumentRefused)) throw error
      await report(session, error)
      listed.push({ document: null, refused: error })
    }
  }
  return listed
}

/** A document opened for reading: its manifest, and its content as it comes. */
export interface ReadDocument {
  readonly document: OpenedDocument
  readonly kind: string
  /** Fetches and opens the content; whole only when it ends without throwing `DocumentRefused`, which is also reported. */
  content(progress?: (done: number, total: number) => void, options?: ContentOptions): AsyncGenerator<Bytes>
  /** Fetches and opens a range of the content alone, `end` not included; refused and reported the same way. */
  range(range: ByteRange & StreamOptions): AsyncGenerator<Bytes>
  /** Overwrites the document's key, when no more is to be read. */
  [Symbol.dispose](): void
}

/**
 * Opens one document: one entry in the log, then every check of docs/protocol/document.md.
 * Throws `HostRefusal` `document-unknown`, `DocumentRefused` (after reporting it).
 */
export async function readDocument(session: PatientSession, documentId: DocumentId): Promise<ReadDocument> {
  const view = await session.view()
  const { document, blocks } = await openForReading(session, view, documentId)
  const path = session.path(`/documents/${documentId}/body`)
  return {
    document,
    kind: view.bundle.compartments.find(({ id }) => id === document.compartment)?.kind ?? '',
    content: (progress, options = {}) =>
      reporting(session, async function* () {
        const total = document.deposit.payload.bodyLength
        const body = await session.run(() =>
          session.host.stream({ ...session.signing, method: 'GET', path, ...abortOf(options) }),
        )
        yield* document.content(
          blocks,
          counted(body, done => progress?.(done, total)),
          options,
        )
      }),
    range: range =>
      reporting(session, () => {
        const read = bodyReader(session.host, { signing: () => session.signing, path }, range)
        return document.range(blocks, (offset, length) => session.run(() => read(offset, length)), range)
      }),
    [Symbol.dispose]: () => document.wipe(),
  }
}

/** Passes content on; a refusal is told to the host before it is thrown. */
async function* reporting(session: PatientSession, content: () => AsyncGenerator<Bytes>): AsyncGenerator<Bytes> {
  try {
    yield* content()
  } catch (error) {
    if (error instanceof DocumentRefused) await report(session, error)
    throw error
  }
}

/** Opens a read and checks the document, without its body. For this folder. Throws as `readDocument`. */
export async function openForReading(
  session: PatientSession,
  view: RecordView,
  documentId: DocumentId,
): Promise<{ readonly document: OpenedDocument; readonly stored: StoredDocument; readonly blocks: string }> {
  const path = session.path(`/documents/${documentId}`)
  const opened = await session.call({ method: 'GET', path, answer: DocumentOpened })
  await session.keepReceipt(opened.receipt, { action: 'document.read', object: { document: documentId } })
  try {
    using reader = readerOf(session, view)
    const document = await openDocument(opened.document, reader, documentId)
    return { document, stored: opened.document, blocks: opened.blocks }
  } catch (error) {
    if (error instanceof DocumentRefused) await report(session, error)
    throw error
  }
}

/** What a patient's client checks documents by; disposing of it wipes the epochs' secrets that it opened. */
export function readerOf(session: PatientSession, view: RecordView): DocumentReader & Disposable {
  const secrets = new EpochSecrets(session, view)
  return {
    deployment: session.trust.anchors.deployment,
    ...view.patient,
    authorKeys: directoryAuthors(session.host, session.trust, session.clock),
    epochSecret: (id, epoch) => secrets.of(id, epoch),
    placements: new Map([...view.placements.values()].map(({ payload, hash }) => [payload.documentId, hash])),
    [Symbol.dispose]: () => secrets.wipe(),
  }
}

/** Secrets of any epoch: the current one from the bundle, earlier ones through the links, walked once a compartment. */
class EpochSecrets {
  readonly #session: PatientSession
  readonly #view: RecordView
  readonly #walked = new Map<CompartmentId, Promise<ReadonlyMap<number, SealSecretKey>>>()

  constructor(session: PatientSession, view: RecordView) {
    this.#session = session
    this.#view = view
  }

  async of(id: CompartmentId, epoch: number): Promise<SealSecretKey> {
    let secrets = this.#walked.get(id)
    if (secrets === undefined) {
      secrets = this.#walk(id)
      this.#walked.set(id, secrets)
    }
    const found = (await secrets).get(epoch)
    if (found === undefined) throw epochUnknown(id)
    return found
  }

  async #walk(id: CompartmentId): Promise<ReadonlyMap<number, SealSecretKey>> {
    const held = this.#view.bundle.compartments.find(each => each.id === id)
    if (held === undefined) throw epochUnknown(id)
    const secret = wiping(fromBase64url(held.secret), SealSecretKey.parse)
    const current = stateCompartment(this.#view, id)
    if (current.epoch === 0) return new Map([[0, secret]])
    const path = this.#session.path(`/epochs/${id}`)
    const { epochs } = await this.#session.call({ method: 'GET', path, answer: EpochLinks })
    return walkBack({ recordId: this.#view.patient.recordId, current, secret, links: epochs })
  }

  wipe(): void {
    for (const walk of this.#walked.values()) {
      void walk.then(wipeAll, () => undefined) // one that failed has none
    }
    this.#walked.clear()
  }
}

function wipeAll(secrets: ReadonlyMap<number, SealSecretKey>): void {
  for (const secret of secrets.values()) secret.wipe()
}

function epochUnknown(compartment: CompartmentId): VerificationError {
  return new VerificationError('A document names a compartment or an epoch that this record does not have', {
    code: 'epoch-unknown',
    evidence: { compartment },
  })
}

async function fetchAll(session: PatientSession): Promise<StoredDocument[]> {
  const all: StoredDocument[] = []
  let after: number | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer: DocumentList = await session.call({
      method: 'GET',
      path: session.path('/documents'),
      ...(after === null ? {} : { query: { after } }),
      answer: DocumentList,
    })
    const ids = answer.documents.map(documentIdOf)
    await session.keepReceipt(answer.receipt, {
      action: 'document.list',
      object: { ids: listHash(ids), count: ids.length },
    })
    all.push(...answer.documents)
    if (answer.next === null) return all
    after = answer.next
  }
  throw new VerificationError('The host’s list of documents does not end', { code: 'list-endless' })
}

/** Every document of the log is in the list, and every document of the list in the log, but for the newest. */
function checkComplete(session: PatientSession, stored: readonly StoredDocument[]): void {
  const logged = new Set(session.seen.documents.map(({ id }) => id))
  for (const { deposit } of stored) {
    const { documentId, t } = peek(deposit, { typ: StatementTyp.deposit, schema: Deposit })
    if (logged.has(documentId) || Math.abs(session.clock().getTime() - Date.parse(t)) <= UNLOGGED_MS) continue
    throw new VerificationError('The host lists a document whose deposit is not in the log', {
      code: 'document-unlogged',
      evidence: { document: documentId, deposit },
    })
  }
  const given = new Map<DocumentId, Hash>(
    stored.map(each => [documentIdOf(each), toBase64url(statementHash(each.deposit)) as Hash]),
  )
  for (const { id, deposit } of session.seen.documents) {
    const now = given.get(id)
    if (now === deposit) continue
    throw new VerificationError(
      now === undefined
        ? 'The host withholds a document: it was deposited, and is not in the list'
        : 'The host swapped a document: its deposit is not the one in the log',
      { code: now === undefined ? 'document-withheld' : 'document-swapped', evidence: { document: id, deposit, now } },
    )
  }
}

/** The id that a deposit claims; checked when the document is opened. */
function documentIdOf({ deposit }: StoredDocument): DocumentId {
  return peek(deposit, { typ: StatementTyp.deposit, schema: Deposit }).documentId
}

async function report(session: PatientSession, error: DocumentRefused): Promise<void> {
  const { documentId } = error
  if (documentId === null) return
  const { recordId } = session.patient
  const receipt = await session.run(() =>
    reportRefusal(session.host, { recordId, documentId, signing: session.signing }, error),
  )
  await session.keepReceipt(receipt, {
    action: 'document.refused',
    object: { document: documentId, reason: error.code },
  })
}
