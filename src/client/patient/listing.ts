/** What a list is made of: the host's pages, whether all is there, and what a session has checked before. */
import { toBase64url } from '../../crypto/bytes.ts'
import { statementHash } from '../../crypto/statement.ts'
import { claimDeposit } from '../../log/grant.ts'
import { listHash } from '../../log/list.ts'
import type { Claim } from '../../log/verified.ts'
import type { DocumentId, Hash } from '../../protocol/ids.ts'
import { DocumentList } from '../../protocol/messages.ts'
import type { StoredDocument } from '../../protocol/record.ts'
import type { Deposit } from '../../protocol/statements.ts'
import type { OpenedDocument } from '../document/open.ts'
import { VerificationError } from '../errors.ts'
import type { Seen } from '../seen.ts'
import type { PatientSession } from './session.ts'

/** Documents asked for at once, at most, by the host's own bound; a guard against a list that never ends. */
const PAGES_MAX = 1000

/** A deposit dated within this long of now may have come after the chain was followed, milliseconds (document.md). */
const UNLOGGED_MS = 11 * 60_000

/** How long a list is believed to be the same because chain and state are, milliseconds: revocations are in neither. */
const UNCHANGED_MS = 10 * 60_000

/** A document of a page, and what its deposit claims. */
export interface GivenDocument {
  readonly stored: StoredDocument
  readonly id: DocumentId
  readonly t: string
  /** Not read where a list before has verified it. */
  readonly claim?: Claim<Deposit>
}

/**
 * The host's list, page by page: the first is asked for at once, the next while one is looked at. Receipts are kept when
 * the last page came, or when it is left before. Throws `VerificationError` `list-endless`, `receipt-…`.
 */
export function pagesOf(session: PatientSession, memory: ListMemory): AsyncGenerator<GivenDocument[]> {
  const ask = (after: number | null): Promise<DocumentList> => {
    const query = after === null ? {} : { query: { after } }
    const page = session.call({ method: 'GET', path: session.path('/documents'), ...query, answer: DocumentList })
    page.catch(() => undefined) // told when it is awaited, if it ever is
    return page
  }
  return givenOf(session, memory, { ask, first: ask(null) })
}

async function* givenOf(
  session: PatientSession,
  memory: ListMemory,
  { ask, first }: { ask(after: number): Promise<DocumentList>; readonly first: Promise<DocumentList> },
): AsyncGenerator<GivenDocument[]> {
  const came: Parameters<PatientSession['keepReceipts']>[0][number][] = []
  let page: Promise<DocumentList> | null = first
  try {
    for (let pages = 0; page !== null; pages++) {
      if (pages === PAGES_MAX) {
        throw new VerificationError('The host’s list of documents does not end', { code: 'list-endless' })
      }
      const { documents, next, receipt }: DocumentList = await page
      page = next === null ? null : ask(next)
      const given = documents.map(stored => memory.given(stored))
      const ids = given.map(({ id }) => id)
      came.push({ text: receipt, action: 'document.list', object: { ids: listHash(ids), count: ids.length } })
      yield given
    }
  } finally {
    await session.keepReceipts(came)
  }
}

/**
 * Every document of the log is in the list, and every document of the list in the log, but for the newest.
 * Throws `VerificationError` `document-withheld`, `document-swapped`, `document-unlogged`.
 */
export function checkComplete(
  given: readonly GivenDocument[],
  { logged, now }: { readonly logged: Seen['documents']; readonly now: Date },
): void {
  const known = new Set(logged.map(({ id }) => id))
  for (const { id, t, stored } of given) {
    if (known.has(id) || Math.abs(now.getTime() - Date.parse(t)) <= UNLOGGED_MS) continue
    throw new VerificationError('The host lists a document whose deposit is not in the log', {
      code: 'document-unlogged',
      evidence: { document: id, deposit: stored.deposit },
    })
  }
  const hashes = new Map(given.map(({ id, stored }) => [id, toBase64url(statementHash(stored.deposit)) as Hash]))
  for (const { id, deposit } of logged) {
    const listed = hashes.get(id)
    if (listed === deposit) continue
    throw new VerificationError(
      listed === undefined
        ? 'The host withholds a document: it was deposited, and is not in the list'
        : 'The host swapped a document: its deposit is not the one in the log',
      {
        code: listed === undefined ? 'document-withheld' : 'document-swapped',
        evidence: { document: id, deposit, now: listed },
      },
    )
  }
}

/** What a list was made under: as long as this is the same, so is the list. */
export interface ListBasis {
  /** Documents that the chain speaks of. */
  readonly logged: Seen['documents']
  /** The state: where each of them lies. */
  readonly state: Hash
  readonly now: Date
}

/**
 * Documents that a session's lists have opened, so that the next list opens only what is new. A document counts as the same
 * when every text that was checked is the same, and not by its id. It holds titles in the clear: as long as its session.
 */
export class ListMemory {
  readonly #opened = new Map<string, { readonly stored: StoredDocument; readonly document: OpenedDocument }>()
  #last: (ListBasis & { readonly lines: readonly unknown[] }) | null = null

  /** The id and time that a document's deposit claims. Throws `CryptoError`, `LogError` where it is no deposit. */
  given(stored: StoredDocument): GivenDocument {
    const verified = this.#opened.get(stored.deposit)?.document.deposit.payload
    if (verified !== undefined) return { stored, id: verified.documentId, t: verified.t }
    const claim = claimDeposit(stored.deposit)
    return { stored, id: claim.payload.documentId, t: claim.payload.t, claim }
  }

  /** The document that was opened from these very texts; `null` when none was. */
  opened(stored: StoredDocument): OpenedDocument | null {
    const known = this.#opened.get(stored.deposit)
    return known !== undefined && isSame(known.stored, stored) ? known.document : null
  }

  keep(stored: StoredDocument, document: OpenedDocument): void {
    this.#opened.set(stored.deposit, { stored, document })
  }

  /** The whole list, for `unchanged`. */
  keepList(basis: ListBasis, lines: readonly unknown[]): void {
    this.#last = { ...basis, lines }
  }

  /** Whether no list was made yet: then it will be asked for, whatever the state. */
  get isNew(): boolean {
    return this.#last === null
  }

  /** The list made before, when chain and state say that it is still the same. */
  unchanged<T>({ logged, state, now }: ListBasis): readonly T[] | null {
    const last = this.#last
    if (last === null || last.state !== state || now.getTime() - last.now.getTime() > UNCHANGED_MS) return null
    const isLogged = last.logged.length === logged.length && last.logged.every((each, i) => isMark(each, logged[i]))
    return isLogged ? (last.lines as readonly T[]) : null
  }

  /** Forgets all of it, at the session's end. */
  clear(): void {
    this.#opened.clear()
    this.#last = null
  }
}

type Mark = Seen['documents'][number]
const isMark = (a: Mark, b: Mark | undefined) =>
  a.id === b?.id && a.deposit === b.deposit && a.withdrawn === b.withdrawn

function isSame(a: StoredDocument, b: StoredDocument): boolean {
  return (
    a.deposit === b.deposit &&
    a.manifest === b.manifest &&
    a.envelope === b.envelope &&
    a.placement === b.placement &&
    a.compartment === b.compartment
  )
}
