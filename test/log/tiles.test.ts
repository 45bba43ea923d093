import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {
  edgeTiles,
  formatBundle,
  fullTileRoot,
  locateNode,
  newTiles,
  nodeInTile,
  parseBundle,
  parseTilePath,
  type Tile,
  tilePath,
  tilesOf,
  tileWidth,
  verifyBundle,
} from '../../src/log/tiles.ts'
import { leafHash, treeRoot } from '../../src/log/tree.ts'

const VECTORS = join(import.meta.dirname, '../vectors/tlog')
const hashes = (level: number, index: number, width: number): Tile => ({ kind: 'hashes', level, index, width })

t.test('paths as the specification writes them', async t => {
  const paths: [Tile, string][] = [
    [hashes(0, 0, 256), 'tile/0/000'],
    [hashes(0, 1234067, 256), 'tile/0/x001/x234/067'],
    [hashes(63, 999, 1), 'tile/63/999.p/1'],
    [hashes(1, 1000, 255), 'tile/1/x001/000.p/255'],
    [{ kind: 'entries', level: 0, index: 5, width: 7 }, 'tile/entries/005.p/7'],
  ]
  for (const [tile, path] of paths) {
    t.equal(tilePath(tile), path)
    t.same(parseTilePath(path), tile)
  }
})

t.test('any other path is none', async t => {
  const bad = [
    'tile/00/000',
    'tile/64/000',
    'tile/0/00',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001/x002',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/1/',
    '/tile/0/000',
    'tile/0/../000',
    'tile/-1/000',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/data/000',
    'checkpoint',
    '',
  ]
  for (const path of bad) t.equal(parseTilePath(path), null, path)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 63 }), fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (l, n, w) => {
      t.same(parseTilePath(tilePath(hashes(l, n, w))), hashes(l, n, w))
    }),
    { numRuns: 50 },
  )
})

t.test('the tree of 70,000 of the specification', async t => {
  t.same(edgeTiles(70_000), [hashes(0, 273, 112), hashes(1, 1, 17), hashes(2, 0, 1)])
  t.same(edgeTiles(256), [hashes(1, 0, 1)])
  t.same(edgeTiles(0), [])
  const all = newTiles(0, 70_000).filter(({ kind }) => kind === 'hashes')
  t.equal(all.filter(({ level, width }) => level === 0 && width === 256).length, 273)
  t.equal(all.filter(({ level, width }) => level === 1 && width === 256).length, 1)
  t.equal(all.length, 273 + 1 + 1 + 1 + 1)
  t.equal(tileWidth(0, 273, 70_000), 112)
  t.equal(tileWidth(0, 274, 70_000), 0)
})

t.test('what is new between two sizes is what was not there before', async t => {
  t.same(newTiles(10, 10), [])
  t.same(newTiles(255, 257).map(tilePath), [
    'tile/entries/000',
    'tile/entries/001.p/1',
    'tile/0/000',
    'tile/0/001.p/1',
    'tile/1/000.p/1',
  ])
  t.same(newTiles(256, 258).map(tilePath), ['tile/entries/001.p/2', 'tile/0/001.p/2'])
})

t.test('published tiles and bundles: every one hashes into its checkpoint', async t => {
  let tiles = 0
  for (const name of readdirSync(join(VECTORS, 'tile/0/000.p'))) {
    const width = Number(name)
    const bytes = new Uint8Array(readFileSync(join(VECTORS, tilePath(hashes(0, 0, width)))))
    const path = tilePath({ kind: 'entries', level: 0, index: 0, width })
    t.ok(existsSync(join(VECTORS, path)))
    const entries = verifyBundle(new Uint8Array(readFileSync(join(VECTORS, path))), bytes)
    const root = readFileSync(join(VECTORS, `checkpoint.${width}`), 'utf8').split('\n')[2]
    t.equal(treeRoot(entries.map(leafHash)).toBase64(), root)
    t.same(formatBundle(entries), new Uint8Array(readFileSync(join(VECTORS, path))))
    const changed = entries.map((entry, i) => (i === 0 ? Uint8Array.of(...entry, 0) : entry))
    t.throws(() => verifyBundle(formatBundle(changed), bytes), { code: 'bundle-mismatch' })
    tiles++
  }
  t.equal(tiles, 15)
})

t.test('nodes are found in the lowest tile that holds them', async t => {
  t.same(locateNode({ level: 0, index: 300 }), { level: 0, index: 1, from: 44, count: 1 })
  t.same(locateNode({ level: 7, index: 3 }), { level: 0, index: 1, from: 128, count: 128 })
  t.same(locateNode({ level: 8, index: 300 }), { level: 1, index: 1, from: 44, count: 1 })
  const leaves = Array.from({ length: 256 }, (_, i) => leafHash(Uint8Array.of(i)))
  const tile = new Uint8Array(await new Blob(leaves as BlobPart[]).arrayBuffer())
  t.same(fullTileRoot(tile), treeRoot(leaves))
  t.same(nodeInTile(tile, locateNode({ level: 3, index: 2 })), treeRoot(leaves.slice(16, 24)))
  t.throws(() => nodeInTile(tile.subarray(0, 23 * 32), locateNode({ level: 3, index: 2 })), { code: 'tile-malformed' })
  t.throws(() => fullTileRoot(tile.subarray(32)), { code: 'tile-malformed' })
})

t.test('bundles are exact', async t => {
  const entries = [Uint8Array.of(1, 2), new Uint8Array(0), new Uint8Array(300)]
  const bytes = formatBundle(entries)
  t.same(parseBundle(bytes, 3), entries)
  t.throws(() => parseBundle(bytes, 2), { code: 'bundle-malformed' }, 'bytes left over')
  t.throws(() => parseBundle(bytes, 4), { code: 'bundle-malformed' }, 'too few')
  t.throws(() => parseBundle(bytes.subarray(0, -1), 3), { code: 'bundle-malformed' }, 'cut')
  t.throws(() => parseBundle(Uint8Array.of(0), 1), { code: 'bundle-malformed' }, 'half a length')
  t.throws(() => formatBundle([]), { code: 'bundle-malformed' })
  t.throws(() => formatBundle([new Uint8Array(65_536)]), { code: 'bundle-malformed' })
})

t.test('all paths of a tree are those of the tiles it grew by from nothing', async t => {
  for (const size of [0, 1, 255, 256, 257, 65_536, 70_000]) {
    t.same([...tilesOf(size)].sort(), newTiles(0, size).map(tilePath).sort(), `${size} leaves`)
  }
})
