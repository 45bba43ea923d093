/** Documents: the list, one document's content, masking. */
import {
  holderName,
  type ListedDocument,
  listForPatient,
  maskDocument,
  moveDocument,
  readForPatient,
  unmaskDocument,
} from '../../client/browser.ts'
import { detectFormat, extensionOf, HEAD_LENGTH } from '../../client/document/format.ts'
import type { DocumentId } from '../../protocol/ids.ts'
import type { Talk } from '../talk.ts'
import { gathered } from './blobs.ts'
import { startHelpers } from './crew.ts'
import { currentSession, listMemory } from './session.ts'

/** One line of the list. */
export interface DocumentLine {
  readonly id: string
  readonly title: string
  /** The compartment it lies in: `reports`, `imaging`, … or `masked`. */
  readonly kind: string
  /** What it is, as its author says: the compartment of that name is where such documents lie. */
  readonly sort: string
  readonly isMasked: boolean
  /** Of the act, as the author says: `2026-11-24`. */
  readonly date: string
  readonly depositedAt: string
  readonly author: string
  readonly profession: string | null
  readonly size: number
  readonly isReplaced: boolean
}

/** A document that failed its checks: shown as such, never opened. */
export interface RefusedLine {
  readonly id: string | null
  readonly code: string
}

/** How the content can be shown. */
export type Shown = 'text' | 'image' | 'pdf' | 'cda' | 'none'

/** A document's content, opened and checked whole. */
export interface Content {
  readonly blob: Blob
  readonly shown: Shown
  readonly format: string
  /** To be saved under. */
  readonly fileName: string
}

export const documentActs = {
  async documents(_: null): Promise<{ documents: DocumentLine[]; refused: RefusedLine[] }> {
    const listed = await listForPatient(currentSession(), { memory: listMemory })
    const replaced = new Set(listed.map(each => each.document?.deposit.payload.replaces).filter(Boolean))
    const documents = listed.flatMap(each => (each.document === null ? [] : [lineOf(each, replaced)]))
    documents.sort((a, b) => (a.date === b.date ? compare(b.depositedAt, a.depositedAt) : compare(b.date, a.date)))
    const refused = listed.flatMap(({ refused: error }) =>
      error === null ? [] : [{ id: error.documentId, code: error.code }],
    )
    return { documents, refused }
  },

  async read({ id }: { id: string }, talk: Talk): Promise<Content> {
    using read = await readForPatient(currentSession(), id as DocumentId)
    const { manifest } = read.document
    using helpers = await startHelpers(manifest.size)
    let head = new Uint8Array()
    const options = helpers === undefined ? {} : { work: helpers }
    const content = await gathered(read.content(talk.progress, options), '', piece => {
      if (head.length < HEAD_LENGTH) head = joined(head, piece).slice(0, HEAD_LENGTH)
    })
    const { shown, format, mimeType, extension } = recognised(head)
    return {
      blob: content.slice(0, content.size, mimeType),
      shown,
      format,
      fileName: `${fileNameOf(manifest.title)}${extension}`,
    }
  },

  async mask({ id }: { id: string }): Promise<null> {
    await maskDocument(currentSession(), id as DocumentId)
    return null
  },

  /** Puts it into another compartment that is not *masked*. */
  async move({ id, to }: { id: string; to: string }): Promise<null> {
    await moveDocument(currentSession(), id as DocumentId, to)
    return null
  },

  async unmask({ id }: { id: string }): Promise<null> {
    await unmaskDocument(currentSession(), id as DocumentId)
    return null
  },
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function lineOf({ document, kind, masked }: Extract<ListedDocument, { refused: null }>, replaced: Set<unknown>) {
  const { manifest, author, deposit } = document
  const line: DocumentLine = {
    id: document.documentId,
    title: manifest.title,
    kind,
    sort: manifest.kind,
    isMasked: masked,
    date: manifest.date,
    depositedAt: deposit.payload.t,
    author: holderName(author.holder),
    profession: author.holder.kind === 'professional' ? author.holder.profession : null,
    size: manifest.size,
    isReplaced: replaced.has(document.documentId),
  }
  return line
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

const SHOWN: Readonly<Record<string, Shown>> = { text: 'text', PDF: 'pdf', JPEG: 'image', PNG: 'image', CDA: 'cda' }

/** By its first bytes alone: what the author claims of it decides nothing here. */
function recognised(head: Uint8Array) {
  try {
    const { name, mimeType } = detectFormat(head).format
    return { shown: SHOWN[name] ?? 'none', format: name, mimeType, extension: extensionOf(mimeType) }
  } catch {
    return { shown: 'none', format: '', mimeType: 'application/octet-stream', extension: '.bin' } as const
  }
}

/** A title as a file's name: what file systems do not take is left out. */
function fileNameOf(title: string): string {
  const name = title
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}/\\:*?"<>|]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[ .]+/, '')
    .trim()
  return name.slice(0, 80) || 'document'
}
