/** Reads the entries of an export out of its files (log/entry-files.ts). */
import { KnownTexts } from '../../log/audit/known-texts.ts'
import { HASH_LENGTH, ID_LENGTH } from '../../log/audit/line-bytes.ts'
import { type EntryRange, type StoredEntry, takes, WHOLE } from '../../log/audit/source.ts'
import { ENTRIES_IN_FILE, entryFilePath } from '../../log/entry-files.ts'
import { EntryInBytes, RawLines } from './entry-lines.ts'
import { PassedHashes } from './passed-hashes.ts'

const LINE_FEED = 0x0a
/** Every link begins so (docs/protocol/entry.md); who looks for some chains alone need not read more of it. */
const RECORD_AT = '{"v":1,"record":"'.length
const SYSTEM = 'system'

/** Files kept for those who ask for single entries. */
const AT_HAND = 16

/**
 * Reads a file of the export, into memory that `memory` gives for its length, or of its own without it; null when there
 * is none.
 */
type ReadFile = (path: string, memory?: (length: number) => Buffer) => Buffer | null

export class EntryFiles {
  readonly #readFile: ReadFile
  readonly #kept = new Map<string, Buffer>()
  /** For the files of a range, one after the other: fresh memory for each takes longer than reading into it. */
  readonly #memory: Buffer[] = []
  readonly #passed = new PassedHashes()

  constructor(readFile: ReadFile) {
    this.#readFile = readFile
  }

  /**
   * In order; what is missing is left out. Of a range of a file's length or more the lines are good until the next one is
   * asked for. Throws what reading a file throws.
   */
  entries({ from, to, part }: EntryRange): StoredEntry[] {
    const found: StoredEntry[] = []
    const keep = to - from < ENTRIES_IN_FILE
    for (let first = from - (from % ENTRIES_IN_FILE), i = 0; first < to; first += ENTRIES_IN_FILE, i++) {
      const path = entryFilePath(first)
      const bytes = keep ? this.#keptFile(path) : this.#readFile(path, length => this.#memoryFor(i, length))
      if (bytes !== null) read(bytes, { first, from, to, part, into: found, passed: this.#passed })
    }
    return found
  }

  #memoryFor(i: number, length: number): Buffer {
    const memory = this.#memory[i]
    if (memory !== undefined && memory.length >= length) return memory
    // Files are about as long as each other: with some room the next one fits as well.
    const larger = Buffer.allocUnsafeSlow(length + (length >> 2))
    this.#memory[i] = larger
    return larger
  }

  /** Did an entry with a number below `before`, of another part than was asked for, have this hash not long ago? */
  hasPassed(hash: string, before: number): boolean {
    return this.#passed.has(hash, before)
  }

  /** Null when there is no such entry. */
  at(seq: number): StoredEntry | null {
    return this.entries({ from: seq, to: seq + 1, part: WHOLE })[0] ?? null
  }

  #keptFile(path: string): Buffer {
    const kept = this.#kept.get(path)
    if (kept !== undefined) return kept
    const bytes = this.#readFile(path) ?? Buffer.alloc(0)
    const oldest = this.#kept.size < AT_HAND ? undefined : this.#kept.keys().next().value
    if (oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(path, bytes)
    return bytes
  }
}

interface Reading extends EntryRange {
  readonly first: number
  readonly into: StoredEntry[]
  readonly passed: PassedHashes
}

function read(bytes: Buffer, { first, from, to, part, into, passed }: Reading): void {
  const raw = new RawLines(bytes)
  let at = 0
  for (let seq = first; seq < to && at < bytes.length; seq++) {
    // Nearly always there: looked at before it is looked for.
    const hashTo = bytes[at + HASH_LENGTH] === LINE_FEED ? at + HASH_LENGTH : lineEnd(bytes, at)
    const linkFrom = hashTo + 1
    const linkTo = lineEnd(bytes, linkFrom)
    const eventFrom = linkTo + 1
    const eventTo = lineEnd(bytes, eventFrom)
    if (seq >= from && eventTo > at + 2) {
      const chain = chainAt(raw, linkFrom, linkTo)
      if (part.of === 1 || chain === SYSTEM || takes(part, chain)) {
        const hash = raw.text(at, hashTo)
        into.push(new EntryInBytes(raw, { seq, chain, hash, linkFrom, linkTo, eventFrom, eventTo }))
      } else if (hashTo - at === HASH_LENGTH) passed.note(bytes, at, seq)
    }
    at = eventTo + 1
  }
}

function lineEnd(bytes: Buffer, from: number): number {
  const end = from >= bytes.length ? -1 : bytes.indexOf(LINE_FEED, from)
  return end < 0 ? bytes.length : end
}

const chains = new KnownTexts<string>({ longest: ID_LENGTH })

/** The chain that a link names, by its place; of a link that has another form what stands there, which is none. */
function chainAt(raw: RawLines, link: number, end: number): string {
  const at = Math.min(link + RECORD_AT, end)
  const to = Math.min(at + ID_LENGTH, end)
  const known = chains.get(raw, at, to)
  if (known !== undefined) return known
  const id = raw.text(at, to)
  return chains.put(raw, at, to, id.startsWith(`${SYSTEM}"`) ? SYSTEM : id)
}
