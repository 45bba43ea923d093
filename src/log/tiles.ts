// C2SP tlog-tiles: the paths, the bytes of tiles and entry bundles, and which of them a tree of some size has.
// Reading proofs out of tiles is in `tile-reader.ts`, making them in `tile-builder.ts`.
import { type Bytes, equal } from '../crypto/bytes.ts'
import { LogError } from './errors.ts'
import { HASH_LENGTH, leafHash, perfectRoot } from './tree.ts'
import type { NodeRef } from './tree-plan.ts'

/** Hashes in a full tile, entries in a full bundle. */
export const TILE_WIDTH = 256
/** Tree levels that a tile spans: 256 = 2^8. */
export const TILE_HEIGHT = 8
/** Entries are length-prefixed with a uint16. Ours are 32 bytes. */
const MAX_ENTRY_LENGTH = 0xffff

/** Which tile, or for `kind` `entries` which entry bundle (its level is that of the leaves). */
export interface Tile {
  readonly kind: 'hashes' | 'entries'
  /** 0..63; 0 for a bundle. */
  readonly level: number
  /** 0..2^53-1. */
  readonly index: number
  /** 256 when full, 1..255 when partial. */
  readonly width: number
}

/** Path under the log's URL prefix: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]` (section «Merkle Tree»). */
export function tilePath({ kind, level, index, width }: Tile): string {
  const groups: string[] = []
  let rest = index
  do {
    groups.unshift(String(rest % 1000).padStart(3, '0'))
    rest = Math.floor(rest / 1000)
  } while (rest > 0)
  const n = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  const partial = width === TILE_WIDTH ? '' : `.p/${width}`
  return `tile/${kind === 'entries' ? 'entries' : level}/${n}${partial}`
}

const PATH = /^tile\/(entries|0|[1-5]?[0-9]|6[0-3])\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/

/** The tile of a path; `null` for a path that is not exactly one that `tilePath` gives. Never throws. */
export function parseTilePath(path: string): Tile | null {
  const [, level, n, partial] = PATH.exec(path) ?? []
  if (level === undefined || n === undefined) return null
  const tile: Tile = {
    kind: level === 'entries' ? 'entries' : 'hashes',
    level: level === 'entries' ? 0 : Number(level),
    index: Number(n.replaceAll(/[x/]/g, '')),
    width: partial === undefined ? TILE_WIDTH : Number(partial),
  }
  // Writing it again catches leading zeroes, `x000/` in front, width 256 and indexes too large to be exact.
  return Number.isSafeInteger(tile.index) && tilePath(tile) === path ? tile : null
}

/** How many hashes tile `index` of `level` has in a tree of `size` leaves: 0 when it does not exist. */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level)
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH))
}

/** The partial tiles on the right edge of a tree of `size` leaves, lowest level first (section «Partial Tiles»). */
export function edgeTiles(size: number): Tile[] {
  const tiles: Tile[] = []
  for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const width = hashes % TILE_WIDTH
    if (width > 0) tiles.push({ kind: 'hashes', level, index: Math.floor(hashes / TILE_WIDTH), width })
  }
  return tiles
}

/** Paths of all tiles and bundles of a tree of `size` leaves, one at a time: a large log has millions. */
export function* tilesOf(size: number): IterableIterator<string> {
  const paths = function* (kind: Tile['kind'], level: number) {
    for (let index = 0; tileWidth(level, index, size) > 0; index++) {
      yield tilePath({ kind, level, index, width: tileWidth(level, index, size) })
    }
  }
  yield* paths('entries', 0)
  for (let level = 0; TILE_WIDTH ** level <= size; level++) yield* paths('hashes', level)
}

/**
 * The tiles and bundles that a tree of `size` leaves has and one of `oldSize` has not, or has narrower: what a log
 * publishes before the checkpoint of `size`. Bundles first, then tiles from the lowest level on.
 */
export function newTiles(oldSize: number, size: number): Tile[] {
  const tiles = grownTiles('entries', 0, oldSize, size)
  for (let level = 0; TILE_WIDTH ** level <= size; level++) tiles.push(...grownTiles('hashes', level, oldSize, size))
  return tiles
}

function grownTiles(kind: Tile['kind'], level: number, oldSize: number, size: number): Tile[] {
  const tiles: Tile[] = []
  const unit = TILE_WIDTH ** level
  const first = Math.floor(Math.floor(oldSize / unit) / TILE_WIDTH)
  for (let index = first; tileWidth(level, index, size) > 0; index++) {
    const width = tileWidth(level, index, size)
    if (width > tileWidth(level, index, oldSize)) tiles.push({ kind, level, index, width })
  }
  return tiles
}

/** Where a perfect subtree's hash is found: in which tile, from which of its hashes on, over how many of them. */
export interface NodeInTile {
  readonly level: number
  readonly index: number
  /** First hash, counted in hashes. */
  readonly from: number
  /** A power of two, 1..128. */
  readonly count: number
}

/** Where the node lies, in the lowest tile whose subtree holds it. */
export function locateNode({ level, index }: NodeRef): NodeInTile {
  const tileLevel = Math.floor(level / TILE_HEIGHT)
  const count = 2 ** (level - tileLevel * TILE_HEIGHT)
  const at = index * count
  return { level: tileLevel, index: Math.floor(at / TILE_WIDTH), from: at % TILE_WIDTH, count }
}

/**
 * The hash of a perfect subtree out of the bytes of the tile in which `locateNode` put it.
 * Throws `LogError` `tile-malformed` when the tile is too narrow for it.
 */
export function nodeInTile(bytes: Bytes, { from, count }: NodeInTile): Bytes {
  if (bytes.length < (from + count) * HASH_LENGTH) {
    throw new LogError(`A tile of ${bytes.length} bytes does not reach hash ${from + count}`, {
      code: 'tile-malformed',
    })
  }
  return perfectRoot(bytes, from * HASH_LENGTH, count)
}

/** The hash that a full tile has in the tile above it. Throws `LogError` `tile-malformed` unless it has 8,192 bytes. */
export function fullTileRoot(bytes: Bytes): Bytes {
  if (bytes.length !== TILE_WIDTH * HASH_LENGTH) {
    throw new LogError(`A full tile has ${TILE_WIDTH * HASH_LENGTH} bytes, not ${bytes.length}`, {
      code: 'tile-malformed',
    })
  }
  return perfectRoot(bytes, 0, TILE_WIDTH)
}

/**
 * An entry bundle: each entry behind its length as uint16, big-endian (section «Log entries»).
 * Throws `LogError` `bundle-malformed` for no entry, more than 256, or one of more than 65,535 bytes.
 */
export function formatBundle(entries: readonly Bytes[]): Bytes {
  if (entries.length < 1 || entries.length > TILE_WIDTH || entries.some(entry => entry.length > MAX_ENTRY_LENGTH)) {
    throw new LogError('A bundle has 1 to 256 entries of at most 65,535 bytes', { code: 'bundle-malformed' })
  }
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0))
  let at = 0
  for (const entry of entries) {
    bytes[at] = entry.length >> 8
    bytes[at + 1] = entry.length & 0xff
    bytes.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bytes
}

/** The entries of a bundle of exactly `width`. Throws `LogError` `bundle-malformed`, also for bytes left over. */
export function parseBundle(bytes: Bytes, width: number): Bytes[] {
  const entries: Bytes[] = []
  let at = 0
  while (at < bytes.length && entries.length < width) {
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
    if (at + 2 + length > bytes.length) break
    entries.push(bytes.slice(at + 2, at + 2 + length))
    at += 2 + length
  }
  if (entries.length !== width || at !== bytes.length) {
    throw new LogError(`Not a bundle of ${width} entries (${bytes.length} bytes)`, { code: 'bundle-malformed' })
  }
  return entries
}

/**
 * Returns the entries of a bundle when each hashes to its place in the level-0 tile of the same index and width.
 * Throws `LogError` `bundle-malformed` or `bundle-mismatch`.
 */
export function verifyBundle(bundle: Bytes, tile: Bytes): Bytes[] {
  const entries = parseBundle(bundle, tile.length / HASH_LENGTH)
  for (const [i, entry] of entries.entries()) {
    if (!equal(leafHash(entry), tile.subarray(i * HASH_LENGTH, (i + 1) * HASH_LENGTH))) {
      throw new LogError(`Entry ${i} of a bundle is not the leaf that its tile has there`, {
        code: 'bundle-mismatch',
        evidence: { place: i, entry, tile },
      })
    }
  }
  return entries
}
