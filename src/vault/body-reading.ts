/** Bodies under way. Only reads, so that any thread which can read the store does it, beside the writer. */
import type { Bytes } from '../crypto/bytes.ts'
import type { DocumentId, Hash, RecordId } from '../protocol/ids.ts'
import type { RecordRequest } from './acts.ts'
import type { Bodies } from './bodies/bodies.ts'
import { once, smallBody } from './bodies/small.ts'
import { Refusal } from './errors.ts'
import { reachOf, requireReachable } from './reach.ts'
import type { Tx } from './store/store.ts'

/** A body that its caller may read now. */
export interface OpenBody {
  readonly body: Hash
  /** Bytes. */
  readonly length: number
  /** All of a small one. */
  readonly small?: Bytes
}

/** What is asked of a body. `end` null: to its end. */
export interface BodyAsked {
  readonly record: RecordId
  readonly document: DocumentId
  readonly range: { readonly start: number; readonly end: number | null } | null
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

/**
 * The body, within an open read of the caller's key. Throws `Refusal` `read-closed`, and what opening the document
 * throws.
 */
function requireOpenRead(
  tx: Tx,
  request: RecordRequest,
  { record, document }: Pick<BodyAsked, 'record' | 'document'>,
): OpenBody {
  const where = { record, document }
  const open = requireReachable<OpenBody>(tx, where, reachOf(tx, request, record), 'body, length')
  const read = tx.get<{ until: number }>(
    'SELECT until FROM reads WHERE record = @record AND document = @document AND key = @key',
    { ...where, key: request.keyId },
  )
  if (read === undefined || request.at.getTime() >= read.until) {
    throw new Refusal('read-closed', 'Open the document again before reading on')
  }
  return open
}

/** The same with the octets of a small body, read where the writer's memory is warm. */
export function openBody(tx: Tx, request: RecordRequest, asked: Pick<BodyAsked, 'record' | 'document'>): OpenBody {
  const open = requireOpenRead(tx, request, asked)
  const small = smallBody(tx, open)
  return small === null ? open : { ...open, small }
}

/** What it takes to read a body: committed data, the files, the time. */
export interface BodyReadingOptions {
  readonly read: Tx
  readonly files: Pick<Bodies, 'read'>
  readonly clock: () => Date
}

export class BodyReading {
  readonly #options: BodyReadingOptions

  constructor(options: BodyReadingOptions) {
    this.#options = options
  }

  /**
   * The range; whether the caller may is asked again before every block but the first, so that revoking and masking end
   * it. `open` is what the writer answered to this very request. Throws `Refusal` `range-invalid`.
   */
  range(request: RecordRequest, asked: BodyAsked, open: OpenBody): BodyRange {
    const { read, files, clock } = this.#options
    const { length } = open
    const start = asked.range?.start ?? 0
    const end = Math.min(asked.range?.end ?? length, length)
    if (start >= end) throw new Refusal('range-invalid', `The body has ${length} bytes`)
    if (open.small !== undefined) return { bytes: once(open.small.subarray(start, end)), start, end, total: length }
    const check = () => requireOpenRead(read, { ...request, at: clock() }, asked)
    return { bytes: guarded(files.read(open.body, start, end), check), start, end, total: length }
  }
}

async function* guarded(source: AsyncIterable<Bytes>, check: () => void): AsyncIterable<Bytes> {
  let isFirst = true
  for await (const bytes of source) {
    if (!isFirst) check()
    isFirst = false
    yield bytes
  }
}
