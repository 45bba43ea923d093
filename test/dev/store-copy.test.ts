import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { fromBase64url } from '../../src/crypto/bytes.ts'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { changeOneByte, copyStore, settled, storeFiles } from '../../src/dev/store-copy.ts'
import { signCheckpoint } from '../../src/log/checkpoint.ts'
import { parseEntry, writeEntry } from '../../src/log/entry.ts'
import { TileBuilder } from '../../src/log/tile-builder.ts'
import { Instant } from '../../src/protocol/ids.ts'
import { openSqlite } from '../../src/vault/store/sqlite.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const signer = {
  origin: 'dev.coffre.invalid/log/test',
  ed25519: SigningKey.generate(),
  mlDsa44: MlDsaSigningKey.generate(),
}

t.test('a copy of a store in use, and one byte of it', async t => {
  const home = testFolder(t, { store: { bodies: { one: 'ciphertext' } } })
  const store = join(home, 'store')
  const { database, checkpoint, log } = storeFiles(store)
  await openSqlite(database).close()
  const entry = writeEntry(
    { record: 'system', n: 0, prev: null },
    {
      t: Instant.parse('2026-11-24T08:00:00.000Z'),
      actor: { kind: 'host', id: 'host' },
      action: 'document.read',
      object: {},
      outcome: 'ok',
      grant: null,
      state: null,
      request: null,
    },
  )
  const writer = new DatabaseSync(database)
  t.teardown(() => writer.close())
  writer
    .prepare('INSERT INTO entries (seq, chain, n, t, hash, link, event) VALUES (0, ?, 0, ?, ?, ?, ?)')
    .run('system', entry.parsed.event.t, entry.hash, entry.link, entry.event)
  const builder = TileBuilder.empty()
  builder.append(fromBase64url(entry.hash))
  mkdirSync(log)
  const publish = () => writeFileSync(checkpoint, signCheckpoint({ size: 1, root: builder.root() }, signer, 1))
  setTimeout(publish, 150) // the copy waits for the entry to be published

  const target = join(home, 'copy')
  await copyStore(store, target)
  await settled(store)
  t.equal(readFileSync(join(target, 'bodies', 'one'), 'utf8'), 'ciphertext')
  t.equal(readFileSync(join(target, 'log', 'checkpoint'), 'utf8'), readFileSync(checkpoint, 'utf8'))

  const before = readFileSync(storeFiles(target).database)
  const position = changeOneByte(target)
  const after = readFileSync(storeFiles(target).database)
  const different = [...after.keys()].filter(i => after[i] !== before[i])
  t.strictSame(different, [position])
  const reader = new DatabaseSync(storeFiles(target).database, { readOnly: true })
  t.teardown(() => reader.close())
  const row = reader.prepare('SELECT link, event FROM entries').get() as { link: string; event: string }
  t.not(parseEntry(row).hash, entry.hash, 'still an entry, and another one')
})
