import t from 'tap'
import { TileReader } from '../../src/log/tile-reader.ts'
import { leafHash, verifyInclusion } from '../../src/log/tree.ts'
import { data, grow } from '../fixtures/tiled-log.ts'

t.test('a reader refuses what does not belong to its root', async t => {
  const size = 700
  const { files, roots } = await grow([size])
  const root = roots.get(size) as Uint8Array
  const reader = (changed: Map<string, Uint8Array | null>) =>
    new TileReader({ size, root }, async path =>
      changed.has(path) ? (changed.get(path) as Uint8Array | null) : (files.get(path) ?? null),
    )
  const flipped = (path: string) => {
    const bytes = (files.get(path) as Uint8Array).slice()
    bytes[40] = (bytes[40] as number) ^ 1
    return new Map([[path, bytes]])
  }
  for (const path of ['tile/0/000', 'tile/0/002.p/188', 'tile/1/000.p/2']) {
    await t.rejects(
      reader(flipped(path)).inclusionProof(3),
      { code: 'tile-mismatch', evidence: { tree: { size } } },
      path,
    )
  }
  await t.rejects(reader(flipped('tile/entries/000')).entries(0), { code: 'bundle-mismatch' })
  await t.rejects(reader(new Map([['tile/0/000', null]])).inclusionProof(3), { code: 'tile-missing' })
  await t.rejects(reader(new Map([['tile/entries/000', null]])).entries(0), { code: 'tile-missing' })
  await t.rejects(reader(new Map([['tile/0/000', new Uint8Array(31)]])).inclusionProof(3), { code: 'tile-malformed' })
  await t.rejects(reader(new Map([['tile/0/002.p/188', new Uint8Array(8192)]])).inclusionProof(3), {
    code: 'tile-malformed',
  })
  await t.rejects(reader(new Map()).inclusionProof(size), { code: 'tree-range' })
  await t.rejects(reader(new Map()).rootAt(size + 1), { code: 'tree-range' })
  await t.rejects(reader(new Map()).leafTile(3), { code: 'tree-range' })
  const other = new TileReader({ size, root: new Uint8Array(32) }, async path => files.get(path) ?? null)
  await t.rejects(other.inclusionProof(0), { code: 'tile-mismatch' })
})

t.test('a partial tile that was dropped is read out of the full one', async t => {
  const { files, roots } = await grow([100, 256])
  t.ok(files.delete('tile/0/000.p/100'))
  const root = roots.get(100) as Uint8Array
  const reader = new TileReader({ size: 100, root }, async path => files.get(path) ?? null)
  verifyInclusion({ leaf: leafHash(data(9)), index: 9, size: 100, root, proof: await reader.inclusionProof(9) })
  t.pass()
})

t.test('a failed fetch does not spoil the reader', async t => {
  const { files, roots } = await grow([700])
  let failures = 2
  const reader = new TileReader({ size: 700, root: roots.get(700) as Uint8Array }, async path => {
    if (failures-- > 0) throw new Error('the network is down')
    return files.get(path) ?? null
  })
  await t.rejects(reader.inclusionProof(3), { message: 'the network is down' })
  const proof = await reader.inclusionProof(3)
  verifyInclusion({ leaf: leafHash(data(3)), index: 3, size: 700, root: roots.get(700) as Uint8Array, proof })
})
