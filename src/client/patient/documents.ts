import { type Bytes, fromBase64url, wiping } from '../../crypto/bytes.ts'
import type { ByteRange } from '../../crypto/chunks.ts'
import { SealSecretKey } from '../../crypto/keys.ts'
import type { StreamOptions } from '../../crypto/pieces.ts'
import type { CompartmentId, DocumentId } from '../../protocol/ids.ts'
import { DocumentOpened, EpochLinks } from '../../protocol/messages.ts'
import type { StoredDocument } from '../../protocol/record.ts'
import { directoryAuthors } from '../document/author.ts'
import type { ContentOptions } from '../document/body.ts'
import { abortOf, type BroughtBody, bodyReader, broughtBody, counted, reportRefusal } from '../document/download.ts'
import { checkAgain, type DocumentReader, type OpenedDocument, openDocument } from '../document/open.ts'
import { DocumentRefused } from '../document/refusal.ts'
import { walkBack } from '../epochs.ts'
import { VerificationError } from '../errors.ts'
import { together } from '../together.ts'
import { followChain } from './chain.ts'
import { checkComplete, type GivenDocument, ListMemory, pagesOf } from './listing.ts'
import type { PatientSession } from './session.ts'
import { type RecordView, stateCompartment } from './view.ts'

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

/** How a list is made. */
export interface ListOptions {
  /** What this session's lists have opened before. */
  readonly memory?: ListMemory
}

/**
 * Everything in the record, newest state, manifests opened. First the chain is followed; then the list is held against
 * it: each document that was ever deposited must be there, with the very deposit that was logged, and the receipt must
 * name what was returned. What fails its own checks comes as refused and is reported. With the memory of a list before,
 * only what is new is opened; and where chain and state tell of nothing new, the host is not asked for the list.
 * Throws as `followChain`, `PatientSession.view`; `VerificationError` `document-withheld`, `document-swapped`,
 * `document-unlogged`.
 */
export async function listDocuments(
  session: PatientSession,
  { memory = new ListMemory() }: ListOptions = {},
): Promise<readonly ListedDocument[]> {
  const { documents: logged, isWhole } = await followChain(session, { patienceMs: 0 })
  const early = memory.isNew ? pagesOf(session, memory) : null // its first page comes while the state is checked
  const view = await session.view()
  const basis = { logged, state: view.state.hash, now: session.clock() }
  const before = isWhole ? memory.unchanged<ListedDocument>(basis) : null
  if (before !== null) return before
  const gone = new Set(logged.filter(({ withdrawn }) => withdrawn).map(({ id }) => id))
  using reader = readerOf(session, view)
  const given: GivenDocument[] = []
  const listed: ListedDocument[] = []
  const line = async (each: GivenDocument): Promise<ListedDocument> => {
    try {
      const document = await openListed(each, reader, memory)
      const kind = view.bundle.compartments.find(({ id }) => id === document.compartment)?.kind ?? ''
      const withdrawn = gone.has(document.documentId)
      return { document, kind, masked: kind === 'masked', withdrawn, refused: null }
    } catch (error) {
      if (!(error instanceof DocumentRefused)) throw error
      await report(session, error)
      return { document: null, refused: error }
    }
  }
  for await (const page of early ?? pagesOf(session, memory)) {
    given.push(...page)
    listed.push(...(await together(page, line)))
  }
  checkComplete(given, basis)
  if (listed.every(({ refused }) => refused === null)) memory.keepList(basis, listed)
  return listed
}

/** Opened here, or in a list before from the very same texts. Throws as `openDocument`. */
async function openListed(
  { stored, claim }: GivenDocument,
  reader: DocumentReader,
  memory: ListMemory,
): Promise<OpenedDocument> {
  const known = memory.opened(stored)
  if (known !== null) {
    await checkAgain({ document: known, stored }, reader)
    return known
  }
  const document = await openDocument(stored, reader, null, claim)
  document.wipe() // a list shows manifests; content is opened by a read of its own
  memory.keep(stored, document)
  return document
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
  const { document, blocks, brought } = await openForReading(session, view, documentId)
  const path = session.path(`/documents/${documentId}/body`)
  return {
    document,
    kind: view.bundle.compartments.find(({ id }) => id === document.compartment)?.kind ?? '',
    content: (progress, options = {}) =>
      reporting(session, async function* () {
        const total = document.deposit.payload.bodyLength
        const body =
          brought?.whole() ??
          (await session.run(() =>
            session.host.stream({ ...session.signing, method: 'GET', path, ...abortOf(options) }),
          ))
        yield* document.content(
          blocks,
          counted(body, done => progress?.(done, total)),
          options,
        )
      }),
    range: range =>
      reporting(session, () => {
        const fetched = bodyReader(session.host, { signing: () => session.signing, path }, range)
        const read = brought?.read ?? ((offset, length) => session.run(() => fetched(offset, length)))
        return document.range(blocks, read, range)
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

/** A read that was opened, its document checked but for the body. */
interface OpenedForReading {
  readonly document: OpenedDocument
  readonly stored: StoredDocument
  readonly blocks: string
  readonly brought: BroughtBody | null
}

/** Opens a read and checks the document, without its body. For this folder. Throws as `readDocument`. */
export async function openForReading(
  session: PatientSession,
  view: RecordView,
  documentId: DocumentId,
): Promise<OpenedForReading> {
  const path = session.path(`/documents/${documentId}`)
  const opened = await session.call({ method: 'GET', path, answer: DocumentOpened })
  await session.keepReceipt(opened.receipt, { action: 'document.read', object: { document: documentId } })
  try {
    using reader = readerOf(session, view)
    const document = await openDocument(opened.document, reader, documentId)
    return { document, stored: opened.document, blocks: opened.blocks, brought: broughtBody(opened) }
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
