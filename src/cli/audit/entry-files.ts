/** Reads the entries of an export out of its files (log/entry-files.ts). */
import { isAscii } from 'node:buffer'
import { type EntryRange, type StoredEntry, takes, WHOLE } from '../../log/audit/source.ts'
import { ENTRIES_IN_FILE, entryFilePath } from '../../log/entry-files.ts'

const LINE_FEED = 0x0a
/** Every link begins so (docs/protocol/entry.md); who looks for some chains alone need not read more of it. */
const RECORD_AT = '{"v":1,"record":"'.length
const ID_LENGTH = 22
const SYSTEM = 'system'

/** Files kept for those who ask for single entries. */
const AT_HAND = 16

/** Gives a file of the export; null when there is none. */
type ReadFile = (path: string) => Buffer | null

export class EntryFiles {
  readonly #readFile: ReadFile
  readonly #kept = new Map<string, Buffer>()

  constructor(readFile: ReadFile) {
    this.#readFile = readFile
  }

  /** In order; what is missing is left out. Throws what reading a file throws. */
  entries({ from, to, part }: EntryRange): StoredEntry[] {
    const found: StoredEntry[] = []
    for (let first = from - (from % ENTRIES_IN_FILE); first < to; first += ENTRIES_IN_FILE) {
      read(this.#file(first, to - from < ENTRIES_IN_FILE), { first, from, to, part, into: found })
    }
    return found
  }

  /** Null when there is no such entry. */
  at(seq: number): StoredEntry | null {
    return this.entries({ from: seq, to: seq + 1, part: WHOLE })[0] ?? null
  }

  #file(first: number, keep: boolean): Buffer {
    const path = entryFilePath(first)
    const kept = this.#kept.get(path)
    if (kept !== undefined) return kept
    const bytes = this.#readFile(path) ?? Buffer.alloc(0)
    if (keep) {
      const oldest = this.#kept.size < AT_HAND ? undefined : this.#kept.keys().next().value
      if (oldest !== undefined) this.#kept.delete(oldest)
      this.#kept.set(path, bytes)
    }
    return bytes
  }
}

interface Reading extends EntryRange {
  readonly first: number
  readonly into: StoredEntry[]
}

function read(bytes: Buffer, { first, from, to, part, into }: Reading): void {
  // What is written by hosts is ASCII; each line is a text of its own, so that none holds a whole file in memory.
  const text = isAscii(bytes)
    ? (at: number, end: number) => bytes.toString('latin1', at, end)
    : (at: number, end: number) => bytes.toString('utf8', at, end)
  let at = 0
  for (let seq = first; seq < to && at < bytes.length; seq++) {
    const hashEnd = lineEnd(bytes, at)
    const linkEnd = lineEnd(bytes, hashEnd + 1)
    const eventEnd = lineEnd(bytes, linkEnd + 1)
    const link = hashEnd + 1
    if (seq >= from && eventEnd > at + 2) {
      const chain = chainAt(bytes, link, linkEnd)
      if (part.of === 1 || chain === SYSTEM || takes(part, chain)) {
        into.push({
          seq,
          chain,
          link: text(link, linkEnd),
          event: text(linkEnd + 1, eventEnd),
          hash: text(at, hashEnd),
        })
      }
    }
    at = eventEnd + 1
  }
}

function lineEnd(bytes: Buffer, from: number): number {
  const end = from >= bytes.length ? -1 : bytes.indexOf(LINE_FEED, from)
  return end < 0 ? bytes.length : end
}

/** The chain that a link names, by its place; of a link that has another form what stands there, which is none. */
function chainAt(bytes: Buffer, link: number, end: number): string {
  const at = Math.min(link + RECORD_AT, end)
  const id = bytes.toString('latin1', at, Math.min(at + ID_LENGTH, end))
  return id.startsWith(`${SYSTEM}"`) ? SYSTEM : id
}
