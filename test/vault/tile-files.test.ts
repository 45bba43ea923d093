import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { utf8 } from '../../src/crypto/bytes.ts'
import { TileFiles } from '../../src/vault/tile-files.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { grow } from '../fixtures/tiled-log.ts'

t.test('tiles as stored are served, by their C2SP paths', async t => {
  const tiles = new TileFiles(join(testFolder(t), 'log'))
  const { files } = await grow([3, 300])
  await tiles.store([...files].map(([path, bytes]) => ({ path, bytes })))
  for (const [path, bytes] of files) t.strictSame(new Uint8Array((await tiles.fetch(path)) ?? []), bytes, path)
  t.equal(await tiles.fetch('tile/0/000.p/9'), null, 'a tile that is not there')
  t.equal(await tiles.fetch('checkpoint'), null)
  await tiles.publish('one')
  await tiles.publish('two')
  t.strictSame(new Uint8Array((await tiles.fetch('checkpoint')) ?? []), utf8('two'))
  t.same(readdirSync(tiles.folder).sort(), ['checkpoint', 'tile'], 'nothing left half-written')
})

t.test('no other file of the host is ever served', async t => {
  const folder = testFolder(t, { log: {}, 'store.sqlite': 'secret' })
  const tiles = new TileFiles(join(folder, 'log'))
  writeFileSync(join(folder, 'log', 'private'), 'secret')
  t.ok(existsSync(join(folder, 'log', 'private')))
  for (const path of [
    'private',
    '../store.sqlite',
    'tile/../../store.sqlite',
    'tile/0/../../private',
    '',
    '.',
    'checkpoint/..',
    '/etc/hostname',
    'tile/0/000\0',
  ]) {
    t.equal(await tiles.fetch(path), null, JSON.stringify(path))
  }
})
