import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import t from 'tap'
import { command as backup } from '../../../src/cli/host/backup.ts'
import { readHostConfig } from '../../../src/cli/host/config.ts'
import { startHost } from '../../../src/cli/host/host.ts'
import { command as restore } from '../../../src/cli/host/restore.ts'
import { send, startTestHost } from '../../fixtures/host.ts'
import { insOf, issueAt } from '../../fixtures/patient.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
const { layout } = host.world
const io = { print: () => undefined, progress: () => undefined, json: false, clock: host.now }
const to = join(folder, 'copy')
const config = layout.host.config
/** The published checkpoint, once it is another than this one. */
async function checkpoint(before = ''): Promise<string> {
  for (;;) {
    const { status, bytes } = await send(host, { path: '/log/checkpoint' })
    if (status === 200 && bytes.toString() !== before) return bytes.toString()
    await sleep(50)
  }
}
const operated = (store: string) => {
  const database = new Database(join(store, 'store.sqlite'), { readonly: true })
  const events = database.prepare(`SELECT event FROM entries WHERE chain = 'system' ORDER BY seq`).pluck().all()
  database.close()
  return (events as string[])
    .map(text => JSON.parse(text))
    .flatMap(({ action, object }) => (action === 'host.operate' ? [object.act] : []))
}

t.test('copied while it serves, restored where nothing is, and both in the log', async t => {
  const first = await checkpoint()
  writeFileSync(join(folder, 'first'), first)
  await backup.run({ values: { config, to }, positionals: [] }, io)
  await issueAt(host, insOf('1'), 'opening')
  writeFileSync(join(folder, 'second'), await checkpoint(first))

  const elsewhere = join(layout.host.folder, 'restored.json')
  writeFileSync(elsewhere, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), store: './restored' }))
  const run = (values: Record<string, string | boolean>) =>
    restore.run({ values: { config: elsewhere, from: to, ...values }, positionals: [] }, io)
  await t.rejects(run({}), { code: 'usage' })
  await t.rejects(run({ checkpoint: join(folder, 'second') }), { code: 'restore-older' })
  await run({ checkpoint: join(folder, 'first') })
  await t.rejects(run({ checkpoint: join(folder, 'first') }), { code: 'backup-exists' }, 'never over a store')

  await host.stop()
  const again = await startHost({
    config: readHostConfig(config),
    clock: host.now,
    ports: { patients: 0, professionals: 0 },
  })
  await again.close()
  t.same(operated(layout.host.store), ['backup'])
  const restored = readHostConfig(elsewhere)
  const running = await startHost({ config: restored, clock: host.now, ports: { patients: 0, professionals: 0 } })
  await running.close()
  t.same(operated(restored.store), ['restore'])
})
