/** An entry as a source has it in bytes: its lines become texts when they are asked for, which of most they never are. */
import type { RawBytes } from '../../log/audit/line-bytes.ts'
import type { RawEntry } from '../../log/audit/quick-entry.ts'
import type { StoredEntry } from '../../log/audit/source.ts'

/** Bytes with what reads them in place. */
export class RawLines implements RawBytes {
  readonly buffer: Buffer
  /** The same memory; parts of it are made in half the time that parts of a `Buffer` take. */
  readonly bytes: Uint8Array
  readonly view: DataView

  constructor(buffer: Buffer) {
    const { buffer: memory, byteOffset, byteLength } = buffer
    this.buffer = buffer
    this.bytes = new Uint8Array(memory, byteOffset, byteLength)
    this.view = new DataView(memory, byteOffset, byteLength)
  }

  text(from: number, to: number): string {
    return this.buffer.toString('latin1', from, to)
  }
}

/** Where an entry's lines stand, and what the store says of it. */
export interface LinePlaces extends Omit<RawEntry, 'raw'> {
  readonly seq: number
  readonly chain: string
  readonly hash: string
}

export class EntryInBytes implements StoredEntry, RawEntry {
  readonly raw: RawLines
  readonly seq: number
  readonly chain: string
  readonly hash: string
  readonly linkFrom: number
  readonly linkTo: number
  readonly eventFrom: number
  readonly eventTo: number

  constructor(raw: RawLines, places: LinePlaces) {
    this.raw = raw
    this.seq = places.seq
    this.chain = places.chain
    this.hash = places.hash
    this.linkFrom = places.linkFrom
    this.linkTo = places.linkTo
    this.eventFrom = places.eventFrom
    this.eventTo = places.eventTo
  }

  /** From two texts. */
  static of({ link, event, ...named }: StoredEntry & { readonly hash: string }): EntryInBytes {
    const bytes = Buffer.from(`${link}\n${event}`)
    const linkTo = Buffer.byteLength(link)
    return new EntryInBytes(new RawLines(bytes), {
      ...named,
      ...{ linkFrom: 0, linkTo, eventFrom: linkTo + 1, eventTo: bytes.length },
    })
  }

  get inBytes(): RawEntry {
    return this
  }

  get link(): string {
    return this.raw.buffer.toString('utf8', this.linkFrom, this.linkTo)
  }

  get event(): string {
    return this.raw.buffer.toString('utf8', this.eventFrom, this.eventTo)
  }
}
