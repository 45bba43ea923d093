/**
 * The audit of a live log as far as it is public: its checkpoint, every bundle and tile, their tree from the first leaf
 * to the last, and whether it is the tree that others were shown. Leaves are hashes of salted entries: what is in them,
 * and by what right, only an export shows. Pure; memory does not grow with the log.
 */
import { type Bytes, equal, fromUtf8, toBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import { type VerifiedCheckpoint, verifyCheckpoint } from '../checkpoint.ts'
import { LogError } from '../errors.ts'
import { verifyReceipt } from '../receipt.ts'
import { TileBuilder } from '../tile-builder.ts'
import type { FetchTile } from '../tile-reader.ts'
import { edgeTiles, parseBundle, TILE_WIDTH, tilePath, tileWidth } from '../tiles.ts'
import { type AuditTrust, auditTrust } from './case.ts'
import { type Finding, type FindingCode, Findings, joinFindings } from './finding.ts'
import { STALE_MS } from './follow.ts'
import type { ReceiptCount } from './receipts.ts'
import type { AuditedTree } from './report.ts'
import { type SeenCheckpoint, SeenElsewhere } from './seen-elsewhere.ts'

/** Bundles asked for ahead of the one at hand. */
const AHEAD = 8

export interface PublicAuditOptions {
  readonly anchors: Anchors
  readonly now: Date
  /** Reads a file below the log's prefix. What it throws ends the audit: a log that is away has said nothing. */
  readonly fetch: FetchTile
  readonly seen?: readonly SeenCheckpoint[]
  readonly receipts?: AsyncIterable<string> | Iterable<string>
}

export interface PublicReport {
  readonly deployment: string
  /** The published checkpoint; null when there is none that holds. */
  readonly tree: AuditedTree | null
  /** Leaves that were hashed into the tree again. */
  readonly leaves: number
  /** Files of the public log that were compared with what the leaves give. */
  readonly files: number
  readonly receipts: ReceiptCount | null
  readonly findings: readonly Finding[]
}

/** Audits the public log. Throws `LogError` as `audit` does, and what `fetch` throws. */
export async function auditPublicLog(
  options: PublicAuditOptions,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<PublicReport> {
  const { anchors, now, fetch } = options
  const trust = auditTrust(anchors)
  const findings = new Findings()
  const elsewhere = new SeenElsewhere({ trust, findings }, options.seen ?? [])
  const promises = await Promises.read(options.receipts, trust)
  const verified = await published({ fetch, now, trust, findings })
  const walk = new Walk(fetch, findings)
  const onLeaf = (builder: TileBuilder, hash: Bytes) => {
    promises.found(hash)
    elsewhere.compare(builder.size, () => builder.root())
  }
  if (verified !== null) {
    const { size, root } = verified.checkpoint
    elsewhere.compare(0, () => TileBuilder.empty().root())
    const reached = await walk.leaves(size, onLeaf, onProgress)
    if (reached !== null && !equal(reached, root)) {
      const message = `The published checkpoint of ${size} entries is not the root of the published leaves`
      const evidence = { published: verified.note, computed: reached }
      findings.add('tree-root', message, { seq: Math.max(0, size - 1) }, evidence)
    }
    if (reached !== null) elsewhere.finish(size)
  }
  const receipts = options.receipts === undefined || walk.isBroken ? null : promises.judge(now, verified, findings)
  const { deployment } = trust
  const list = joinFindings([findings.list()])
  return { deployment, tree: treeOf(verified), leaves: walk.size, files: walk.files, receipts, findings: list }
}

async function published({
  fetch,
  now,
  trust,
  findings,
}: Pick<PublicAuditOptions, 'fetch' | 'now'> & {
  trust: AuditTrust
  findings: Findings
}): Promise<VerifiedCheckpoint | null> {
  const bytes = await fetch('checkpoint')
  if (bytes === null) {
    findings.add('checkpoint-missing', 'No checkpoint is published')
    return null
  }
  let note = ''
  try {
    note = fromUtf8(bytes)
    const verified = verifyCheckpoint(note, trust.policy, Math.floor(now.getTime() / 1000))
    const { checkpoint, quorum, witnessedAt, cosigned } = verified
    const place = { seq: Math.max(0, checkpoint.size - 1) }
    const found = (code: FindingCode, message: string, evidence: object = {}) =>
      findings.add(code, message, place, { published: note, ...evidence })
    if (checkpoint.origin !== trust.origin) {
      found('checkpoint-signature', 'The checkpoint has another origin than the anchors say')
    }
    if (!quorum) {
      found('checkpoint-quorum', 'The published checkpoint lacks cosignatures that the policy asks for', { cosigned })
    }
    if (witnessedAt !== null && now.getTime() - witnessedAt * 1000 > STALE_MS) {
      const minutes = Math.floor((now.getTime() / 1000 - witnessedAt) / 60)
      found('checkpoint-stale', `The published checkpoint was cosigned ${minutes} minutes ago`)
    }
    return verified
  } catch (error) {
    if (!CoffreError.is(error)) throw error
    findings.add('checkpoint-signature', `${error.message} (${error.code})`, {}, { published: note })
    return null
  }
}

/** Goes through all published leaves once, and compares every file with what they give. */
class Walk {
  readonly #fetch: FetchTile
  readonly #findings: Findings
  readonly #builder = TileBuilder.empty()
  files = 0
  /** A bundle is missing or unreadable: what comes after cannot be put in its place. */
  isBroken = false

  constructor(fetch: FetchTile, findings: Findings) {
    this.#fetch = fetch
    this.#findings = findings
  }

  get size(): number {
    return this.#builder.size
  }

  /** The root of `size` leaves; null when they cannot all be read. */
  async leaves(
    size: number,
    onLeaf: (builder: TileBuilder, hash: Bytes) => void,
    onProgress: (done: number, total: number) => void,
  ): Promise<Bytes | null> {
    const bundles = Math.ceil(size / TILE_WIDTH)
    const edge: ReadonlySet<string> = new Set(edgeTiles(size).map(tilePath))
    const asked: Promise<Bytes | null>[] = []
    const ask = (index: number) => {
      const bundle = this.#fetch(tilePath(bundleOf(index, size)))
      bundle.catch(() => {}) // told when its turn comes
      asked.push(bundle)
    }
    for (let index = 0; index < Math.min(AHEAD, bundles); index++) ask(index)
    for (let index = 0; index < bundles; index++) {
      const bytes = await asked.shift()
      if (index + AHEAD < bundles) ask(index + AHEAD)
      const entries = this.#entries(bytes ?? null, index, size)
      if (entries === null) return null
      for (const hash of entries) {
        this.#builder.append(hash)
        onLeaf(this.#builder, hash)
      }
      await this.#compare(edge)
      onProgress(this.#builder.size, size)
    }
    return this.#builder.root()
  }

  #entries(bytes: Bytes | null, index: number, size: number): Bytes[] | null {
    const bundle = bundleOf(index, size)
    const place = { seq: index * TILE_WIDTH }
    const path = tilePath(bundle)
    this.files++
    try {
      if (bytes !== null) {
        const entries = parseBundle(bytes, bundle.width)
        if (entries.every(({ length }) => length === 32)) return entries
        this.#findings.add('tile-altered', `${path} holds something else than hashes`, place, { path })
      } else this.#findings.add('tile-missing', `${path} is missing`, place, { path })
    } catch (error) {
      if (!LogError.is(error)) throw error
      this.#findings.add('tile-altered', `${path}: ${error.message} (${error.code})`, place, { path, stored: bytes })
    }
    this.isBroken = true
    return null
  }

  /** The tiles that the leaves so far completed, and those of the tree's right edge. */
  async #compare(edge: ReadonlySet<string>): Promise<void> {
    for (const { path, bytes } of this.#builder.take()) {
      // Bundles are what the leaves came from; other partial tiles are of trees that nobody signed.
      if (path.startsWith('tile/entries/') || (path.includes('.p/') && !edge.has(path))) continue
      this.files++
      const stored = await this.#fetch(path)
      const place = { seq: this.#builder.size - 1 }
      if (stored === null) this.#findings.add('tile-missing', `${path} is missing`, place, { path })
      else if (!equal(stored, bytes)) {
        const evidence = { path, stored, computed: bytes }
        this.#findings.add('tile-altered', `${path} is not what the leaves give`, place, evidence)
      }
    }
  }
}

const bundleOf = (index: number, size: number) =>
  ({ kind: 'entries', level: 0, index, width: tileWidth(0, index, size) }) as const

interface Promised {
  readonly text: string
  readonly due: string
  isThere: boolean
}

/** Receipts, looked for among the leaves while they go by. */
class Promises {
  readonly #promised = new Map<string, Promised>()
  #foreign = 0

  static async read(
    receipts: PublicAuditOptions['receipts'] = [],
    { deployment, hostKey }: AuditTrust,
  ): Promise<Promises> {
    const promises = new Promises()
    for await (const text of receipts) {
      const receipt = await verifyReceipt(text, { deployment, hostKey }).catch(error => {
        if (CoffreError.is(error)) return null
        throw error
      })
      if (receipt === null) promises.#foreign++
      else {
        const { entryHash, integrateBy } = receipt.payload
        promises.#promised.set(entryHash, { text, due: integrateBy, isThere: false })
      }
    }
    return promises
  }

  found(hash: Bytes): void {
    if (this.#promised.size === 0) return
    const promised = this.#promised.get(toBase64url(hash))
    if (promised !== undefined) promised.isThere = true
  }

  judge(now: Date, verified: VerifiedCheckpoint | null, findings: Findings): ReceiptCount {
    const count = { honoured: 0, due: 0, foreign: this.#foreign }
    for (const [entry, { text, due, isThere }] of this.#promised) {
      if (isThere) count.honoured++
      else if (now.getTime() < Date.parse(due)) count.due++
      else {
        const message = `The entry ${entry} of a receipt that was due by ${due} is not in the tree`
        findings.add('receipt-not-honoured', message, {}, { receipt: text, checkpoint: verified?.note ?? null })
      }
    }
    return count
  }
}

function treeOf(verified: VerifiedCheckpoint | null): AuditedTree | null {
  if (verified === null) return null
  const { checkpoint, cosigned, witnessedAt } = verified
  return {
    size: checkpoint.size,
    root: toBase64url(checkpoint.root),
    cosigned: cosigned.map(({ name }) => name),
    witnessedAt: witnessedAt === null ? null : new Date(witnessedAt * 1000).toISOString(),
    waiting: 0,
  }
}
