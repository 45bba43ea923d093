import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fromUtf8, toBase64url } from '../../src/crypto/bytes.ts'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { logKeys, verifyCheckpoint } from '../../src/log/checkpoint.ts'
import { makePolicy } from '../../src/log/policy.ts'
import { TileReader } from '../../src/log/tile-reader.ts'
import type { Hash } from '../../src/protocol/ids.ts'
import { Integrator } from '../../src/vault/integrator.ts'
import { Journal } from '../../src/vault/journal.ts'
import { openSqlite } from '../../src/vault/store/sqlite.ts'
import { TileFiles } from '../../src/vault/tile-files.ts'
import { Witnesses } from '../../src/vault/witnesses.ts'
import { newId } from '../fixtures/document.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const signer = { origin: 'test.invalid/log', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const policy = makePolicy({ log: { keys: logKeys(signer) }, witnesses: [], threshold: 0 })
const hostKey = SigningKey.generate()

/** A log in a folder: entries come when asked for, rounds too. */
async function openLog(folder: string) {
  const store = openSqlite(join(folder, 'store.sqlite'))
  const tiles = new TileFiles(join(folder, 'log'))
  let now = Date.now()
  const clock = () => new Date(now)
  const journal = new Journal({ deployment: newId(), hostKey, clock })
  const errors: unknown[] = []
  const witnesses = new Witnesses([], { onLag: () => {}, onShort: () => {}, clock: () => new Date() })
  const resume = () =>
    Integrator.resume({ store, tiles, signer, policy, witnesses, clock, onError: error => errors.push(error) })
  const write = (count: number) =>
    store.write(tx => {
      for (let i = 0; i < count; i++) {
        journal.append(tx, {
          chain: 'system',
          actor: { kind: 'host', id: 'host' },
          action: 'host.start',
          object: {},
          outcome: 'ok',
          grant: null,
          state: null,
          request: null,
        })
      }
    })
  const published = async () => {
    const note = await tiles.fetch('checkpoint')
    return note === null ? null : verifyCheckpoint(fromUtf8(note), policy).checkpoint
  }
  return { store, tiles, errors, write, published, resume, advance: (ms: number) => (now += ms) }
}

t.test('every entry is in the tree, in its order, and the checkpoint says so', async t => {
  const log = await openLog(testFolder(t))
  const integrator = await log.resume()
  await integrator.round()
  t.equal(await log.published(), null, 'an empty log has nothing to sign')
  for (const count of [1, 2, 300]) {
    await log.write(count)
    await integrator.round()
  }
  const checkpoint = await log.published()
  t.equal(checkpoint?.size, 303)
  t.equal(integrator.size, 303)
  const reader = new TileReader(checkpoint as { size: number; root: Uint8Array }, path => log.tiles.fetch(path))
  const entries = log.store.read.all<{ hash: Hash }>('SELECT hash FROM entries ORDER BY seq')
  for (const at of [0, 1, 255, 256, 302]) {
    t.equal(toBase64url((await reader.entries(at >> 8))[at & 255] ?? new Uint8Array()), entries[at]?.hash)
  }
  await log.store.close()
})

t.test('a host that starts again goes on from its last checkpoint', async t => {
  const folder = testFolder(t)
  const before = await openLog(folder)
  await before.write(5)
  const first = await before.resume()
  await first.round()
  await before.write(3)
  await before.store.close()

  const log = await openLog(folder)
  const integrator = await log.resume()
  t.equal(integrator.size, 5)
  integrator.start()
  await integrator.stop()
  t.equal((await log.published())?.size, 8)
  t.same(log.errors, [])
  await log.store.close()
})

t.test('tiles of a size nobody signed, left by a crash, do no harm', async t => {
  const folder = testFolder(t)
  const log = await openLog(folder)
  await log.write(3)
  await (await log.resume()).round()
  await log.write(2)
  writeFileSync(join(folder, 'log', 'tile', '0', '000.p', '5'), 'half a tile')
  const integrator = await log.resume()
  await integrator.round()
  const checkpoint = await log.published()
  const reader = new TileReader(checkpoint as { size: number; root: Uint8Array }, path => log.tiles.fetch(path))
  const [last] = log.store.read.all<{ hash: Hash }>('SELECT hash FROM entries WHERE seq = 4')
  t.equal(toBase64url((await reader.entries(0))[4] ?? new Uint8Array()), last?.hash)
  await log.store.close()
})

t.test('an entry that is gone stops the tree: it is never closed over the gap', async t => {
  const log = await openLog(testFolder(t))
  await log.write(3)
  const integrator = await log.resume()
  await integrator.round()
  await log.write(3)
  await log.store.write(tx => tx.run('DELETE FROM entries WHERE seq = 4'))
  await t.rejects(integrator.round(), { code: 'store-gap' })
  await t.rejects(integrator.round(), { code: 'store-gap' }, 'nor at the next try')
  t.equal((await log.published())?.size, 3)
  await log.store.close()
})

t.test('a checkpoint that came from elsewhere is not built upon', async t => {
  const log = await openLog(testFolder(t))
  await log.write(3)
  const integrator = await log.resume()
  await integrator.round()
  await log.store.write(tx => {
    tx.run(`INSERT INTO checkpoints (size, root, signed, published) VALUES (4, 'x', '', 1)`)
  })
  await log.write(2)
  await t.rejects(integrator.round(), { code: 'store-shared' })
  t.equal((await log.published())?.size, 3)
  await log.store.close()
})

t.test('tiles that are not those of the signed root: refused at the start', async t => {
  const folder = testFolder(t)
  const log = await openLog(folder)
  await log.write(3)
  await (await log.resume()).round()
  const tile = join(folder, 'log', 'tile', '0', '000.p')
  const [name = ''] = readdirSync(tile)
  writeFileSync(join(tile, name), new Uint8Array(96))
  await t.rejects(log.resume(), { code: /^tile-/ })
  rmSync(tile, { recursive: true })
  await t.rejects(log.resume(), { code: /^tile-/ }, 'or missing')
  await log.store.close()
})

t.test('an idle log is signed afresh every five minutes, of the same tree', async t => {
  const log = await openLog(testFolder(t))
  await log.write(1)
  const integrator = await log.resume()
  await integrator.round()
  const note = async () => fromUtf8((await log.tiles.fetch('checkpoint')) ?? new Uint8Array())
  const first = await note()
  await integrator.round()
  t.equal(await note(), first)
  log.advance(5 * 60_000)
  await integrator.round()
  t.not(await note(), first)
  t.equal((await log.published())?.size, 1)
  await log.store.close()
})
