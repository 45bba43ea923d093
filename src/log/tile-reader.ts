// Proofs and entries out of published tiles. Nothing is taken from a tile before it was verified against the root that
// the reader was given: partial tiles all together (they are the tree's right edge and fold into the root), full ones
// against their hash in the tile above.
import { type Bytes, equal } from '../crypto/bytes.ts'
import { LogError } from './errors.ts'
import {
  edgeTiles,
  fullTileRoot,
  locateNode,
  nodeInTile,
  TILE_WIDTH,
  type Tile,
  tilePath,
  tileWidth,
  verifyBundle,
} from './tiles.ts'
import { foldStep, HASH_LENGTH } from './tree.ts'
import { type NodeRef, type ProofStep, planConsistency, planInclusion, planRoot } from './tree-plan.ts'

/**
 * Gets what is served at a path under the log's prefix; `null` when there is nothing there. It may throw what it
 * likes (network, disk): that passes through. It must bound what it reads: 16.1 MiB is the longest bundle, 8 KiB the
 * longest tile.
 */
export type FetchTile = (path: string) => Promise<Bytes | null>

/** The tree that a verified checkpoint names. */
export interface TreeAt {
  readonly size: number
  readonly root: Bytes
}

/** Tiles kept, so that neighbouring proofs do not fetch and hash the same ones again: 2 MiB. */
const CACHED_TILES = 256

/** Reads one tree, of the size and root of a checkpoint that was verified before. */
export class TileReader {
  readonly #fetch: FetchTile
  readonly #tree: TreeAt
  #edge: Promise<ReadonlyMap<number, Bytes>> | null = null
  readonly #full = new Map<string, Promise<Bytes>>()

  constructor(tree: TreeAt, fetch: FetchTile) {
    this.#tree = tree
    this.#fetch = fetch
  }

  /**
   * Proof that leaf `index` is in this tree. Throws `LogError`: `tree-range`, `tile-missing`, `tile-malformed`, or
   * `tile-mismatch` when what is served does not belong to this root.
   */
  async inclusionProof(index: number): Promise<Bytes[]> {
    return this.#fold(planInclusion(index, this.#tree.size))
  }

  /** Proof that this tree extends its first `oldSize` leaves. Throws as `inclusionProof`. */
  async consistencyProof(oldSize: number): Promise<Bytes[]> {
    return this.#fold(planConsistency(oldSize, this.#tree.size))
  }

  /** The root that this tree had at `oldSize`, 1..size. Throws as `inclusionProof`. */
  async rootAt(oldSize: number): Promise<Bytes> {
    if (oldSize > this.#tree.size) {
      throw new LogError(`A tree of ${this.#tree.size} leaves does not reach ${oldSize}`, { code: 'tree-range' })
    }
    return (await this.#fold([planRoot(oldSize)]))[0] as Bytes
  }

  /** Leaf hashes of level-0 tile `index`, one after the other, verified. Throws as `inclusionProof`. */
  async leafTile(index: number): Promise<Bytes> {
    return this.#tile(0, index)
  }

  /** The entries of bundle `index`, verified. Throws as `inclusionProof`, and `bundle-malformed` or `bundle-mismatch`. */
  async entries(index: number): Promise<Bytes[]> {
    const tile = await this.#tile(0, index)
    const width = tile.length / HASH_LENGTH
    const bundle = { kind: 'entries', level: 0, index, width } as const
    const bytes = await this.#fetch(tilePath(bundle))
    if (bytes !== null) return verifyBundle(bytes, tile)
    throw missing(bundle)
  }

  async #fold(steps: readonly ProofStep[]): Promise<Bytes[]> {
    const hashes = new Map<string, Bytes>()
    await Promise.all(
      steps.flat().map(async node => {
        const at = locateNode(node)
        hashes.set(key(node), nodeInTile(await this.#tile(at.level, at.index), at))
      }),
    )
    return steps.map(step => foldStep(step, node => hashes.get(key(node)) as Bytes))
  }

  /** A verified tile, full or as wide as this tree has it. */
  async #tile(level: number, index: number): Promise<Bytes> {
    const width = tileWidth(level, index, this.#tree.size)
    if (width === 0) {
      throw new LogError(`A tree of ${this.#tree.size} leaves has no tile ${level}/${index}`, { code: 'tree-range' })
    }
    this.#edge ??= this.#readEdge().catch(error => {
      this.#edge = null // what failed may succeed when asked again
      throw error
    })
    const edge = await this.#edge
    if (width < TILE_WIDTH) return edge.get(level) as Bytes

    const name = `${level}/${index}`
    const kept = this.#full.get(name)
    if (kept !== undefined) return kept
    const reading = this.#readFull(level, index)
    this.#full.set(name, reading)
    for (const oldest of this.#full.keys()) {
      if (this.#full.size <= CACHED_TILES) break
      this.#full.delete(oldest)
    }
    reading.catch(() => this.#full.delete(name))
    return reading
  }

  async #readFull(level: number, index: number): Promise<Bytes> {
    const tile = { kind: 'hashes', level, index, width: TILE_WIDTH } as const
    const above = Math.floor(index / TILE_WIDTH)
    const [bytes, parent] = await Promise.all([this.#fetchTile(tile), this.#tile(level + 1, above)])
    const at = (index % TILE_WIDTH) * HASH_LENGTH
    if (!equal(fullTileRoot(bytes), parent.subarray(at, at + HASH_LENGTH))) throw this.#mismatch([tile])
    return bytes
  }

  async #readEdge(): Promise<ReadonlyMap<number, Bytes>> {
    const tiles = edgeTiles(this.#tree.size)
    const read = await Promise.all(tiles.map(async tile => [tile.level, await this.#fetchTile(tile)] as const))
    const edge = new Map(read)
    const root = foldStep(planRoot(this.#tree.size), node => {
      const at = locateNode(node)
      return nodeInTile(edge.get(at.level) as Bytes, at)
    })
    if (!equal(root, this.#tree.root)) throw this.#mismatch(tiles)
    return edge
  }

  async #fetchTile(tile: Tile): Promise<Bytes> {
    const length = tile.width * HASH_LENGTH
    const bytes = await this.#fetch(tilePath(tile))
    if (bytes !== null && bytes.length === length) return bytes
    // A log may drop a partial tile once the full one is there (section «Partial Tiles»).
    const full =
      tile.width < TILE_WIDTH && bytes === null ? await this.#fetch(tilePath({ ...tile, width: 256 })) : bytes
    if (full === null) throw missing(tile)
    if (bytes === null && full.length === TILE_WIDTH * HASH_LENGTH) return full.subarray(0, length)
    throw new LogError(`${tilePath(tile)} has ${full.length} bytes, not ${length}`, { code: 'tile-malformed' })
  }

  #mismatch(tiles: readonly Tile[]): LogError {
    const paths = tiles.map(tilePath)
    return new LogError(`What is served as ${paths.join(', ')} does not belong to the checkpoint's root`, {
      code: 'tile-mismatch',
      evidence: { tree: this.#tree, paths },
    })
  }
}

function key({ level, index }: NodeRef): string {
  return `${level}/${index}`
}

function missing(tile: Tile): LogError {
  return new LogError(`${tilePath(tile)} is not served`, { code: 'tile-missing', evidence: { path: tilePath(tile) } })
}
