// Makes the tiles of a growing log. Pure: whoever owns the disk stores what `take` returns, syncs it, and only then signs
// a checkpoint of that size.
import { type Bytes, equal } from '../crypto/bytes.ts'
import { LogError } from './errors.ts'
import type { FetchTile, TreeAt } from './tile-reader.ts'
import {
  edgeTiles,
  formatBundle,
  fullTileRoot,
  locateNode,
  nodeInTile,
  TILE_HEIGHT,
  TILE_WIDTH,
  type Tile,
  tilePath,
  verifyBundle,
} from './tiles.ts'
import { emptyRoot, foldStep, HASH_LENGTH, leafHashInto, nodeHash, TreeHead } from './tree.ts'
import { planRoot } from './tree-plan.ts'

/** A resource to store: immutable under its path. */
export interface TileFile {
  readonly path: string
  readonly bytes: Bytes
}

/** The tile being filled at a level. */
interface OpenTile {
  index: number
  width: number
  readonly hashes: Uint8Array
}

/** The tree's right edge, and the tiles that became due since the last `take`. Memory: 8 KiB a level. */
export class TileBuilder {
  /** Over the full tiles of leaves: each is one leaf of it. */
  readonly #tree: TreeHead
  readonly #levels: OpenTile[] = []
  /** Data of the leaves in the open level-0 tile. */
  #entries: Bytes[] = []
  #full: TileFile[] = []
  readonly #touched = new Set<number>()

  private constructor(tree: (onNode: (level: number, index: number, hash: Bytes) => void) => TreeHead) {
    this.#tree = tree((level, index, hash) => {
      if (level % TILE_HEIGHT === 0) this.#place(1 + level / TILE_HEIGHT, index, hash)
    })
  }

  /** A log without entries. */
  static empty(): TileBuilder {
    return new TileBuilder(onNode => new TreeHead(onNode))
  }

  /**
   * Goes on from a stored tree: reads its edge tiles and last bundle, and compares them with the root.
   * Throws `LogError` `tile-missing`, `tile-malformed`, `tile-mismatch`, `bundle-malformed` or `bundle-mismatch`.
   */
  static async resume({ size, root }: TreeAt, fetch: FetchTile): Promise<TileBuilder> {
    const open = new Map<number, Bytes>()
    for (const tile of edgeTiles(size)) open.set(tile.level, await need(fetch, tile, tile.width * HASH_LENGTH))
    const plan = planRoot(size)
    const hashes = plan.map(node => {
      const at = locateNode(node)
      return nodeInTile(open.get(at.level) as Bytes, at)
    })
    const folded = foldStep(plan, node => hashes[plan.indexOf(node)] as Bytes)
    if (!equal(folded, root)) {
      throw new LogError(`The stored tiles do not fold into the root of ${size} leaves: restore them before going on`, {
        code: 'tile-mismatch',
        evidence: { size, root, folded },
      })
    }
    const tiles = Math.floor(size / TILE_WIDTH)
    const ofTiles = hashes.slice(0, planRoot(tiles).length)
    const builder = new TileBuilder(onNode => TreeHead.from(tiles, ofTiles, onNode))
    for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
      const tile = builder.#open(level)
      tile.index = Math.floor(count / TILE_WIDTH)
      tile.width = count % TILE_WIDTH
      tile.hashes.set(open.get(level) ?? new Uint8Array(0))
    }
    const leaves = open.get(0)
    if (leaves !== undefined) {
      const bundle = {
        kind: 'entries',
        level: 0,
        index: Math.floor(size / TILE_WIDTH),
        width: size % TILE_WIDTH,
      } as const
      builder.#entries = verifyBundle(await need(fetch, bundle, null), leaves)
    }
    return builder
  }

  /** Leaves so far. */
  get size(): number {
    return this.#tree.size * TILE_WIDTH + this.#open(0).width
  }

  /** The root of the leaves so far. */
  root(): Bytes {
    const { hashes, width } = this.#open(0)
    const nodes = [...this.#tree.hashes, ...planRoot(width).map(node => nodeInTile(hashes, locateNode(node)))]
    return (
      nodes.reduceRight<Bytes | null>((right, left) => (right === null ? left : nodeHash(left, right)), null) ??
      emptyRoot()
    )
  }

  /** Adds one leaf by its data (for us a 32-byte entry hash). Returns its index. */
  append(data: Bytes): number {
    const tile = this.#open(0)
    const index = tile.index * TILE_WIDTH + tile.width
    this.#entries.push(data)
    leafHashInto(data, tile.hashes, tile.width * HASH_LENGTH)
    tile.width++
    this.#touched.add(0)
    if (tile.width === TILE_WIDTH) {
      const root = fullTileRoot(tile.hashes)
      this.#close(0, tile)
      this.#tree.append(root)
    }
    return index
  }

  /**
   * What has to be stored before a checkpoint of the present size: tiles and bundles filled since the last call, and
   * the partial ones that changed. Each is returned once.
   */
  take(): TileFile[] {
    const files = this.#full
    this.#full = []
    for (const level of [...this.#touched].sort((a, b) => a - b)) {
      const { index, width, hashes } = this.#open(level)
      if (width === 0) continue
      files.push({
        path: tilePath({ kind: 'hashes', level, index, width }),
        bytes: hashes.slice(0, width * HASH_LENGTH),
      })
      if (level === 0) {
        files.push({ path: tilePath({ kind: 'entries', level, index, width }), bytes: formatBundle(this.#entries) })
      }
    }
    this.#touched.clear()
    return files
  }

  #open(level: number): OpenTile {
    for (let next = this.#levels.length; next <= level; next++) {
      this.#levels.push({ index: 0, width: 0, hashes: new Uint8Array(TILE_WIDTH * HASH_LENGTH) })
    }
    return this.#levels[level] as OpenTile
  }

  /** A node of the levels above the leaves, which are the tiles' own. */
  #place(level: number, index: number, hash: Bytes): void {
    const tile = this.#open(level)
    tile.hashes.set(hash, (index % TILE_WIDTH) * HASH_LENGTH)
    tile.width++
    this.#touched.add(level)
    if (tile.width === TILE_WIDTH) this.#close(level, tile)
  }

  #close(level: number, tile: OpenTile): void {
    const full = { level, index: tile.index, width: TILE_WIDTH } as const
    this.#full.push({ path: tilePath({ kind: 'hashes', ...full }), bytes: tile.hashes.slice() })
    if (level === 0) {
      this.#full.push({ path: tilePath({ kind: 'entries', ...full }), bytes: formatBundle(this.#entries) })
      this.#entries = []
    }
    tile.index++
    tile.width = 0
  }
}

async function need(fetch: FetchTile, tile: Tile, length: number | null): Promise<Bytes> {
  const path = tilePath(tile)
  const bytes = await fetch(path)
  if (bytes === null) {
    throw new LogError(`${path} is missing: restore it before going on`, { code: 'tile-missing', evidence: { path } })
  }
  if (length !== null && bytes.length !== length) {
    throw new LogError(`${path} has ${bytes.length} bytes, not ${length}`, { code: 'tile-malformed' })
  }
  return bytes
}
