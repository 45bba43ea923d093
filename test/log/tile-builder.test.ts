import t from 'tap'
import { TileBuilder } from '../../src/log/tile-builder.ts'
import { TileReader } from '../../src/log/tile-reader.ts'
import { leafHash, treeRoot, verifyConsistency, verifyInclusion } from '../../src/log/tree.ts'
import { data, grow } from '../fixtures/tiled-log.ts'

const SIZES = [0, 1, 2, 200, 255, 256, 257, 512, 700, 65_536 - 1, 65_536, 65_536 + 300]

t.test('a log built in steps, each after a restart, is the tree of its entries', async t => {
  const { roots, files } = await grow(SIZES)
  const leaves = Array.from({ length: 700 }, (_, i) => leafHash(data(i)))
  for (const size of SIZES.filter(n => n <= 700)) t.same(roots.get(size), treeRoot(leaves.slice(0, size)))
  const size = 65_536 + 300
  t.same(roots.get(size), treeRoot(Array.from({ length: size }, (_, i) => leafHash(data(i)))))
  t.ok(files.has('tile/2/000.p/1'))

  let fetched = 0
  const reader = new TileReader({ size, root: roots.get(size) as Uint8Array }, async path => {
    fetched++
    return files.get(path) ?? null
  })
  for (const index of [0, 255, 256, 699, 65_535, 65_536, size - 1]) {
    const proof = await reader.inclusionProof(index)
    verifyInclusion({ leaf: leafHash(data(index)), index, size, root: roots.get(size) as Uint8Array, proof })
  }
  for (const oldSize of SIZES.slice(1)) {
    verifyConsistency({
      oldSize,
      oldRoot: roots.get(oldSize) as Uint8Array,
      size,
      root: roots.get(size) as Uint8Array,
      proof: await reader.consistencyProof(oldSize),
    })
    t.same(await reader.rootAt(oldSize), roots.get(oldSize))
  }
  t.ok(fetched <= 12, `each tile was fetched once (${fetched})`)
  t.same((await reader.entries(1))[3], data(259))
  t.same((await reader.entries(257)).length, 300 - 256)
  t.same((await reader.leafTile(257)).length, 32 * (300 - 256))
})

t.test('going on from tiles that are not those of the root is refused', async t => {
  const { files, roots } = await grow([300])
  const root = roots.get(300) as Uint8Array
  const fetch = (changed: Record<string, Uint8Array | null>) => async (path: string) =>
    path in changed ? (changed[path] as Uint8Array | null) : (files.get(path) ?? null)
  const resume = (changed: Record<string, Uint8Array | null>) => TileBuilder.resume({ size: 300, root }, fetch(changed))
  await t.rejects(resume({ 'tile/0/001.p/44': new Uint8Array(44 * 32) }), { code: 'tile-mismatch' })
  await t.rejects(resume({ 'tile/0/001.p/44': new Uint8Array(32) }), { code: 'tile-malformed' })
  await t.rejects(resume({ 'tile/1/000.p/1': null }), { code: 'tile-missing' })
  await t.rejects(resume({ 'tile/entries/001.p/44': null }), { code: 'tile-missing' })
  await t.rejects(resume({ 'tile/entries/001.p/44': new Uint8Array(44 * 34) }), { code: 'bundle-malformed' })
  await t.resolves(resume({}))
})
