/** Events that were erased from a record's chain: what shows that it was lawful (docs/protocol/erasure.md), checked here. */
import { fromBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { CLOCK_ALLOWANCE_SECONDS } from '../../log/checkpoint.ts'
import type { ErasedEntry } from '../../log/entry.ts'
import { isTermOver, verifyErasure } from '../../log/erasure.ts'
import { parseProof, verifyProof } from '../../log/proof.ts'
import type { Hash, Instant } from '../../protocol/ids.ts'
import type { ShownErasure } from '../../protocol/messages.ts'
import type { Trust } from '../anchors.ts'
import type { Clock } from '../clock.ts'
import { VerificationError } from '../errors.ts'
import { readLogged } from '../succession.ts'

/** By which order an event was erased. */
export interface LawfulErasure {
  /** The order's hash. */
  readonly order: Hash
  /** Who ordered it, as the anchors name them. */
  readonly authority: string
  /** The law, the judgment, as the order names it. */
  readonly basis: string
  /** When the log says that it was erased. */
  readonly t: Instant
}

/** An entry whose event is gone, and why. */
export interface ErasedPlace {
  readonly entry: ErasedEntry
  readonly leaf: number
  readonly erasure: LawfulErasure
}

interface Place {
  readonly trust: Trust
  readonly clock: Clock
}

interface Range extends LawfulErasure {
  readonly from: number
  readonly to: number
}

/** The lawful erasures that a host, or an export, shows. */
export class Erasures {
  readonly #place: Place
  readonly #shown = new Map<string, ShownErasure>()
  readonly #ranges = new Map<string, Range>()

  constructor(place: Place) {
    this.#place = place
  }

  /** Those that were believed, to be handed on. */
  get shown(): ReadonlyMap<string, ShownErasure> {
    return this.#shown
  }

  /**
   * Believes what is shown when an order of the anchors' authority, an entry of the witnessed log that names it, and
   * witnesses who had known the last entry of its range for as long as the anchors say, all bear it out. Throws
   * `VerificationError` `erased-unlawfully`, the reason as its cause.
   */
  async add(shown: ShownErasure): Promise<void> {
    try {
      const range = await verified(shown, this.#place)
      this.#ranges.set(range.order, range)
      this.#shown.set(range.order, shown)
    } catch (cause) {
      if (!CoffreError.is(cause)) throw cause
      throw unlawful(`An erasure that is not lawful: ${cause.message} (${cause.code})`, shown, cause)
    }
  }

  /** The erasure that covers a leaf whose event is gone. Throws `VerificationError` `erased-unlawfully` when none does. */
  of(entry: ErasedEntry, leaf: number): LawfulErasure {
    for (const { from, to, ...erasure } of this.#ranges.values()) if (leaf >= from && leaf < to) return erasure
    const { link, event } = entry
    const message = `Entry ${entry.parsed.link.n} was erased, and no order of the authority covers it`
    throw unlawful(message, { entry: { link, event }, leaf })
  }
}

async function verified(shown: ShownErasure, place: Place): Promise<Range> {
  const { anchors, policy } = place.trust
  const order = await verifyErasure(shown.order, anchors)
  const { from, to, basis } = order.payload
  const { event, since } = readLogged(shown, place)
  const { action, actor, object, outcome, t } = event
  const names = object.order === order.hash && object.from === from && object.to === to
  if (action !== 'log.erase' || actor.kind !== 'host' || outcome !== 'ok' || !names) {
    throw unlawful('The entry shown is of something else', shown)
  }
  if (shown.proof === null || since === null || parseProof(shown.proof).index < to) {
    throw unlawful('The log does not say, after it, that this was erased', shown)
  }
  const erasedAt = Date.parse(t)
  if (erasedAt > since.getTime() + CLOCK_ALLOWANCE_SECONDS * 1000) throw unlawful('Its entry is dated ahead', shown)
  const now = Math.floor(place.clock().getTime() / 1000)
  const last = verifyProof(shown.last.proof, fromBase64url(shown.last.entryHash), { policy, now })
  const { witnessedAt, index, checkpoint } = last
  if (index !== to - 1 || checkpoint.origin !== anchors.origin || witnessedAt === null) {
    throw unlawful('Witnesses are not shown to have seen the last of its entries', shown)
  }
  if (!isTermOver(anchors, { witnessedAt: witnessedAt * 1000, erasedAt })) {
    throw unlawful(`Witnesses saw the last of it on ${new Date(witnessedAt * 1000).toISOString()}: too young`, shown)
  }
  return { order: order.hash, authority: anchors.erasure?.authority ?? '', basis, t, from, to }
}

function unlawful(message: string, evidence: object, cause?: unknown): VerificationError {
  return new VerificationError(message, { code: 'erased-unlawfully', evidence, cause })
}
