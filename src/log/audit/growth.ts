import { type Bytes, equal, toBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { CLOCK_ALLOWANCE_SECONDS, type VerifiedCheckpoint, verifyCheckpoint } from '../checkpoint.ts'
import { cosignatureTime, isCosignerKey } from '../cosignature.ts'
import { isSignatureOf } from '../note.ts'
import { INTEGRATE_WITHIN_MS } from '../receipt.ts'
import { TileBuilder } from '../tile-builder.ts'
import { edgeTiles, TILE_WIDTH, tilePath } from '../tiles.ts'
import type { Case } from './case.ts'
import type { StoredCheckpoint } from './source.ts'

const ALLOWANCE_MS = CLOCK_ALLOWANCE_SECONDS * 1000

/** A leaf as the tree needs it. */
export interface DatedLeaf {
  readonly seq: number
  /** POSIX milliseconds. */
  readonly t: number
}

/** The published checkpoint may lag behind so much, milliseconds: twice as long as an idle log waits to be cosigned. */
const STALE_MS = 10 * 60_000

/** The tree as it grows: every checkpoint's root, every tile and bundle, and what is not yet in it. */
export class Growth {
  readonly #case: Case
  readonly #now: Date
  /** Told when a quorum had seen so many leaves, POSIX milliseconds. */
  readonly #onWitnessed: (size: number, at: number) => void
  readonly #builder = TileBuilder.empty()
  readonly #stored: AsyncIterator<StoredCheckpoint>
  #next: StoredCheckpoint | null = null
  /** The newest checkpoint of the store that is of this tree. */
  #newest: VerifiedCheckpoint | null = null
  /** Witnessed time of the last tree before the entry at hand, milliseconds. */
  #witnessed: number | null = null
  /** The latest date of the entries since the last checkpoint. */
  #latest = 0
  /** The first of them that is dated before that checkpoint was witnessed. */
  #early: DatedLeaf | null = null
  /** The first entry not yet in a checkpoint. */
  #waiting: DatedLeaf | null = null
  #checkpoints = 0
  #withQuorum = 0
  #signedSize = 0

  constructor(
    audited: Case,
    { now, onWitnessed }: { readonly now: Date; readonly onWitnessed: (size: number, at: number) => void },
  ) {
    this.#case = audited
    this.#now = now
    this.#onWitnessed = onWitnessed
    this.#stored = audited.source.checkpoints()[Symbol.asyncIterator]()
  }

  get size(): number {
    return this.#builder.size
  }

  root(): Bytes {
    return this.#builder.root()
  }

  get checkpoints(): number {
    return this.#checkpoints
  }

  /** Checkpoints that hold and that a quorum of witnesses cosigned. */
  get withQuorum(): number {
    return this.#withQuorum
  }

  /** Leaves in the newest checkpoint that is of this tree. */
  get signedSize(): number {
    return this.#signedSize
  }

  /** What the newest checkpoint vouches for. */
  get newest(): VerifiedCheckpoint | null {
    return this.#newest
  }

  /** When the newest checkpoint was witnessed, or else signed; milliseconds. */
  get newestTime(): number | null {
    return this.#newest === null ? null : timeOf(this.#newest, this.#case)
  }

  async start(): Promise<void> {
    await this.#advance()
  }

  /** Adds the leaf of an entry; its time, POSIX milliseconds, is null for one that could not be read. */
  append(hash: Bytes, seq: number, t: number | null): Promise<void> | undefined {
    this.#builder.append(hash)
    if (t !== null) this.#dates(seq, t)
    // Not awaited unless there is something to compare: this runs once an entry.
    if (this.#next === null || this.#next.size > this.#builder.size) return undefined
    return this.#due(t === null ? null : { seq, t })
  }

  async #due(at: DatedLeaf | null): Promise<void> {
    while (this.#next !== null && this.#next.size <= this.#builder.size) {
      if (this.#next.size === this.#builder.size) await this.#compare(this.#next, at)
      await this.#advance()
    }
  }

  #dates(seq: number, t: number): void {
    if (t > this.#latest) this.#latest = t
    if (this.#waiting === null) this.#waiting = { seq, t }
    const limit = this.#witnessed === null ? null : this.#witnessed - ALLOWANCE_MS - INTEGRATE_WITHIN_MS
    if (limit !== null && t < limit) this.#early ??= { seq, t }
  }

  /** Told once the entry is in a tree: one that stays outside is another finding. */
  async #tellEarly(): Promise<void> {
    const at = this.#early
    this.#early = null
    if (at === null || this.#witnessed === null) return
    const [t, when] = [shown(at.t), shown(this.#witnessed)]
    const message = `An entry dated ${t} is not in the tree that was witnessed at ${when}`
    await this.#case.foundAt('clock-set-back', message, at.seq)
  }

  async #compare({ size, root, signed }: StoredCheckpoint, at: DatedLeaf | null): Promise<void> {
    this.#checkpoints++
    const place = { seq: size - 1 }
    const computed = this.#builder.root()
    const { findings, trust } = this.#case
    await this.#tiles()
    await this.#tellEarly()
    const verified = this.#verified(signed, place)
    const signedTree = verified?.checkpoint ?? { root: computed, size }
    if (root !== toBase64url(computed) || !equal(signedTree.root, computed) || signedTree.size !== size) {
      const evidence = { size, stored: root, computed, signed }
      findings.add('tree-root', `The checkpoint of ${size} entries is not the root of these entries`, place, evidence)
    } else if (verified !== null) {
      this.#signedSize = size
      const witnessedAt = verified.witnessedAt === null ? null : verified.witnessedAt * 1000
      this.#newest = verified
      if (verified.quorum) this.#withQuorum++
      if (witnessedAt !== null) await this.#witness(witnessedAt, at)
      if (trust.origin !== verified.checkpoint.origin) {
        findings.add('checkpoint-signature', 'A checkpoint has another origin than the anchors say', place, { signed })
      }
    }
    this.#waiting = null
    this.#latest = 0
  }

  async #witness(witnessedAt: number, at: DatedLeaf | null): Promise<void> {
    this.#witnessed = witnessedAt
    this.#onWitnessed(this.#builder.size, witnessedAt)
    if (at === null || this.#latest <= witnessedAt + ALLOWANCE_MS) return
    const message = `An entry dated ${shown(this.#latest)} is in a tree that was witnessed at ${shown(witnessedAt)}`
    await this.#case.foundAt('clock-ahead', message, at.seq)
  }

  #verified(signed: string, place: object): VerifiedCheckpoint | null {
    try {
      return verifyCheckpoint(signed, this.#case.trust.policy, Math.floor(this.#now.getTime() / 1000))
    } catch (error) {
      if (!CoffreError.is(error)) throw error
      this.#case.findings.add('checkpoint-signature', `${error.message} (${error.code})`, place, { signed })
      return null
    }
  }

  /** What the host must have stored when the tree had this size; older partial tiles may have been cleared away. */
  async #tiles(): Promise<void> {
    for (const { path, bytes } of this.#builder.take()) {
      const stored = await this.#case.source.tile(path)
      const place = { seq: this.#builder.size - 1 }
      if (stored === null) {
        if (!path.includes('.p/')) this.#case.findings.add('tile-missing', `${path} is missing`, place, { path })
      } else if (!equal(stored, bytes)) {
        this.#case.findings.add('tile-altered', `${path} is not what the entries give`, place, {
          path,
          stored,
          computed: bytes,
        })
      }
    }
  }

  async #advance(): Promise<void> {
    const { value, done } = await this.#stored.next()
    this.#next = done === true ? null : value
  }

  /** After the last entry: a tail that is cut, entries that wait too long, the published checkpoint, the edge's tiles. */
  async finish(): Promise<void> {
    while (this.#next !== null) {
      const { size, signed } = this.#next
      const verified = this.#verified(signed, { seq: size })
      if (verified !== null) this.#cut(verified)
      await this.#advance()
    }
    const time = this.newestTime
    const at = this.#waiting
    if (at !== null && time !== null && at.t < time - INTEGRATE_WITHIN_MS) {
      const message = `An entry of ${shown(at.t)} is not in the tree of ${shown(time)}`
      await this.#case.foundAt('not-integrated', message, at.seq)
    }
    await this.#published()
    await this.#edge()
  }

  /** Lets go of what it was reading. */
  async close(): Promise<void> {
    await this.#stored.return?.()
  }

  #cut({ checkpoint, note }: VerifiedCheckpoint): void {
    const [here, signed] = [this.#builder.size, checkpoint.size]
    const message = `The log signed a tree of ${signed} entries, and ${here} are here`
    this.#case.findings.add('tail-cut', message, { seq: here }, { checkpoint: checkpoint.size, note })
  }

  async #published(): Promise<void> {
    const { findings, source } = this.#case
    const signed = await source.published()
    if (signed === null) {
      if (this.#builder.size > 0) findings.add('checkpoint-missing', 'No checkpoint is published')
      return
    }
    const verified = this.#verified(signed, {})
    if (verified === null) return
    const { checkpoint, quorum, cosigned } = verified
    if (checkpoint.size > this.#builder.size) return this.#cut(verified)
    const place = { seq: Math.max(0, checkpoint.size - 1) }
    const stored = await source.checkpointOf(checkpoint.size)
    if (stored === null || stored.root !== toBase64url(checkpoint.root)) {
      findings.add('tree-root', `The published checkpoint of ${checkpoint.size} entries is not of this tree`, place, {
        published: signed,
        stored: stored?.signed ?? null,
      })
    }
    const behind = (this.newestTime ?? 0) - (timeOf(verified, this.#case) ?? 0)
    if (checkpoint.size < this.#signedSize && behind > STALE_MS) {
      const message = `The published checkpoint is of ${checkpoint.size} entries, the newest of ${this.#signedSize}`
      findings.add('checkpoint-stale', message, place, { published: signed })
    }
    if (!quorum) {
      findings.add('checkpoint-quorum', 'The published checkpoint lacks cosignatures that the policy asks for', place, {
        published: signed,
        cosigned,
      })
    }
  }

  async #edge(): Promise<void> {
    const size = this.#signedSize
    const width = size % TILE_WIDTH
    const bundle = { kind: 'entries', level: 0, index: Math.floor(size / TILE_WIDTH), width } as const
    for (const tile of [...edgeTiles(size), ...(width > 0 ? [bundle] : [])]) {
      const path = tilePath(tile)
      if ((await this.#case.source.tile(path)) !== null) continue
      this.#case.findings.add('tile-missing', `${path} is missing`, { seq: size - 1 }, { path })
    }
  }
}

const shown = (time: number): string => new Date(time).toISOString()

/** When a quorum had cosigned it, or else when the log says it signed it; milliseconds. */
function timeOf(verified: VerifiedCheckpoint, audited: Case): number | null {
  return verified.witnessedAt === null ? signedAt(verified, audited) : verified.witnessedAt * 1000
}

/** When the log itself says it signed, milliseconds; null when it does not say. */
function signedAt({ note, checkpoint }: VerifiedCheckpoint, { trust }: Case): number | null {
  let time: number | null = null
  for (const { key } of trust.policy.logs) {
    if (!isCosignerKey(key)) continue
    for (const signature of note.signatures.filter(each => isSignatureOf(each, key))) {
      const made = cosignatureTime({ text: note.text, ...checkpoint }, signature, key)
      if (made !== null && made * 1000 > (time ?? 0)) time = made * 1000
    }
  }
  return time
}
