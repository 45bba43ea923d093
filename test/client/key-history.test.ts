import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { readKeyHistory } from '../../src/client/key-history.ts'
import { Connection } from '../../src/client/professional/connection.ts'
import { enrol } from '../../src/client/professional/enrol.ts'
import type { NationalId } from '../../src/protocol/ids.ts'
import { startTestHost } from '../fixtures/host.ts'
import { makeWorkstation } from '../fixtures/professional.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.setTimeout(120_000)
const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
const workstation = await makeWorkstation(host, 'doctor', join(folder, 'doctor'))
const store = new Database(join(host.world.layout.host.store, 'store.sqlite'))
t.teardown(async () => {
  store.close()
  await host.stop()
})
await enrol(workstation)
for (let i = 0; i < 2; i++) await enrol(workstation, { renew: true })
const { nationalId } = workstation.file

async function read(id = nationalId) {
  const { publicHost, log, ...connection } = await Connection.open(workstation)
  const { trust, clock } = workstation
  try {
    return await readKeyHistory({ host: publicHost, trust, clock, log }, id)
  } finally {
    await publicHost.close()
    await connection.host.close()
  }
}

t.test('every version, in order, verified and in the log', async t => {
  let history = await read()
  while (!history.every(({ isLogged }) => isLogged)) history = await read()
  t.same(
    history.map(({ key, isLogged }) => [key.payload.seq, isLogged]),
    [
      [0, true],
      [1, true],
      [2, true],
    ],
  )
  t.equal(history.at(-1)?.key.hash, (await workstation.workingKeys()).keyStatement)
  await t.rejects(read('810009999999' as NationalId), { code: 'key-unknown' })
})

t.test('a version left out, altered, or whose entry is another’s is refused', async t => {
  const row = store.prepare('SELECT * FROM keys WHERE seq = 1').get() as { statement: string; entry: string }
  const set = (column: 'statement' | 'entry' | 'seq', value: string | number) =>
    store.prepare(`UPDATE keys SET ${column} = ? WHERE hash = ?`).run(value, (row as unknown as { hash: string }).hash)
  set('seq', 99)
  await t.rejects(read(), { code: 'key-versions' }, 'moved to the end')
  set('seq', 1)
  store.exec('CREATE TEMP TABLE kept AS SELECT * FROM keys WHERE seq = 1; DELETE FROM keys WHERE seq = 1')
  await t.rejects(read(), { code: 'key-versions' }, 'left out')
  store.exec('INSERT INTO keys SELECT * FROM kept')
  set(
    'statement',
    row.statement.replace(/.$/, last => (last === 'A' ? 'B' : 'A')),
  )
  await t.rejects(read(), { name: 'CryptoError' }, 'altered')
  set('statement', row.statement)
  const other = store.prepare('SELECT hash FROM entries WHERE seq = 0').get() as { hash: string }
  store.prepare('UPDATE entries SET hash = ? WHERE seq = 0').run('A'.repeat(43))
  set('entry', 'A'.repeat(43))
  await t.rejects(read(), { code: 'inclusion-proof' }, 'an entry that is not in the tree')
  store.prepare('UPDATE entries SET hash = ? WHERE seq = 0').run(other.hash)
  set('entry', row.entry)
  t.equal((await read()).length, 3)
})
