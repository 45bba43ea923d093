/** What depends on the order of all entries, whatever their chain; what does not is a slice's (slice.ts). */
import type { Bytes } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { parseBase } from '../../crypto/httpsig.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import { parseEntry } from '../entry.ts'
import { LogError } from '../errors.ts'
import type { Case } from './case.ts'
import { Erasures } from './erasures.ts'
import { Growth } from './growth.ts'
import { NONCE_MS } from './requests.ts'
import { type SeenCheckpoint, SeenElsewhere } from './seen-elsewhere.ts'
import { ERASED, type SliceLeaves } from './slice.ts'

/** How far an entry may be dated before one that was written earlier, milliseconds: small steps of a clock set right. */
const STEP_BACK_MS = 60_000

/** Stands in the tree for an entry that cannot be read: no entry hashes to it, so the root shows it. */
const UNREADABLE = new Uint8Array(32)

export class Sequence {
  readonly #case: Case
  readonly growth: Growth
  readonly #elsewhere: SeenElsewhere
  readonly #erasures: Erasures
  readonly #root = () => this.growth.root()
  /** The number that is due. */
  #due = 0
  #latest = 0
  /** Beginnings of nonces → entry, of this stretch of time and of the one before it. */
  #nonces = new Map<number, number>()
  #olderNonces = new Map<number, number>()
  #noncesSince = 0
  readonly #used = new Set<string>()

  constructor(
    audited: Case,
    { anchors, now, seen }: { readonly anchors: Anchors; readonly now: Date; readonly seen: readonly SeenCheckpoint[] },
  ) {
    this.#case = audited
    this.#erasures = new Erasures(audited, anchors)
    this.growth = new Growth(audited, { now, onWitnessed: (size, at) => this.#erasures.witnessed(size, at) })
    this.#elsewhere = new SeenElsewhere(audited, seen)
  }

  /** Entries so far, missing ones included. */
  get due(): number {
    return this.#due
  }

  async start(): Promise<void> {
    await this.growth.start()
    await this.#erasures.start()
    this.#elsewhere.compare(0, this.#root)
  }

  /** Adds the entries of `from` up to `to`, put together from what the slices read. Returns how many there were. */
  async add(
    { from, to }: { readonly from: number; readonly to: number },
    parts: readonly SliceLeaves[],
  ): Promise<number> {
    // Whose each entry is, 0 for nobody's; and how far each part was gone through.
    const owners = new Uint8Array(to - from)
    const next = new Uint32Array(parts.length)
    let count = 0
    for (const [part, leaves] of parts.entries()) {
      for (let i = 0; i < leaves.seqs.length; i++, count++) owners[(leaves.seqs[i] as number) - from] = part + 1
      for (const { hash, seq } of leaves.used) await this.#use(hash, seq)
      for (const erasure of leaves.erasures) this.#erasures.entered(erasure)
    }
    for (let seq = from; seq < to; seq++) {
      const owner = owners[seq - from] as number
      if (owner === 0) continue
      if (seq !== this.#due) await this.#missing(seq)
      this.#due = seq + 1
      const leaves = parts[owner - 1] as SliceLeaves
      const i = next[owner - 1] as number
      next[owner - 1] = i + 1
      const t = leaves.times[i] as number
      const readable = !Number.isNaN(t)
      if (t === ERASED) this.#erasures.erased(seq)
      else if (readable) {
        if (t < this.#latest - STEP_BACK_MS) await this.#setBack(seq, t)
        else if (t > this.#latest) this.#latest = t
        const known = this.#takeNonce(seq, t, leaves.nonces[i] as number)
        if (known !== undefined) await this.#again(seq, known)
      }
      const hash: Bytes = readable ? leaves.hashes.subarray(32 * i, 32 * i + 32) : UNREADABLE
      const comparing = this.growth.append(hash, seq, readable && t !== ERASED ? t : null)
      if (comparing !== undefined) await comparing
      this.#elsewhere.compare(this.growth.size, this.#root)
    }
    return count
  }

  async #missing(seq: number): Promise<void> {
    const due = this.#due
    const message = seq - 1 === due ? `Entry ${due} is missing` : `Entries ${due} to ${seq - 1} are missing`
    const next = await this.#case.stored(seq)
    const evidence = { next: next && { link: next.link, event: next.event } }
    this.#case.findings.add('entry-removed', message, { seq: due }, evidence)
  }

  #setBack(seq: number, t: number): Promise<void> {
    const message = `An entry is dated ${shown(t)}, after one of ${shown(this.#latest)} was written`
    return this.#case.foundAt('clock-set-back', message, seq)
  }

  /** Remembers the beginning of a nonce, -1 for none; gives the entry that had one of the same beginning. */
  #takeNonce(seq: number, t: number, nonce: number): number | undefined {
    if (nonce < 0) return undefined
    if (t - this.#noncesSince > NONCE_MS) {
      this.#olderNonces = this.#nonces
      this.#nonces = new Map()
      this.#noncesSince = t
    }
    const known = this.#nonces.get(nonce) ?? this.#olderNonces.get(nonce)
    this.#nonces.set(nonce, seq)
    return known
  }

  /** Where the beginning of a nonce comes again, the whole of both requests is compared. */
  async #again(seq: number, known: number): Promise<void> {
    if ((await this.#requestOf(known)) !== (await this.#requestOf(seq))) return
    await this.#case.foundAt('nonce-replayed', 'Its request stands behind an earlier entry', seq, { earlier: known })
  }

  /** Key and nonce of an entry's request. */
  async #requestOf(seq: number): Promise<string> {
    const stored = await this.#case.stored(seq)
    try {
      const { keyId, nonce } = parseBase((stored && parseEntry(stored).parsed.event.request?.base) ?? '')
      return `${keyId} ${nonce}`
    } catch (error) {
      if (!CryptoError.is(error) && !LogError.is(error)) throw error
      return `none ${seq}`
    }
  }

  async #use(hash: string, seq: number): Promise<void> {
    if (this.#used.has(hash)) {
      await this.#case.foundAt('registration-broken', 'A registration was used a second time', seq, {
        registration: hash,
      })
    }
    this.#used.add(hash)
  }

  async finish(): Promise<void> {
    await this.growth.finish()
    this.#erasures.finish()
    this.#elsewhere.finish(this.growth.size)
  }

  async close(): Promise<void> {
    await this.growth.close()
  }
}

const shown = (time: number): string => new Date(time).toISOString()
