import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { openStoreSource } from '../../../src/cli/audit/store-source.ts'
import { main } from '../../../src/cli/main.ts'
import { layoutOf } from '../../../src/dev/layout.ts'
import { audit } from '../../../src/log/audit/audit.ts'
import { exportLog } from '../../../src/vault/store/log-export.ts'
import { playStore, StoreCopy } from '../../fixtures/audited-store.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

t.setTimeout(120_000)
const folder = testFolder(t)
const played = await playStore(join(folder, 'played'))
let copies = 0
const exportOf = async (from: string) => {
  const to = join(folder, `export-${++copies}`)
  const progress: [number, number][] = []
  const done = await exportLog({ from, to, onProgress: (...at) => void progress.push(at) })
  return { to, done, progress }
}
const audited = async (at: string) => {
  const source = openStoreSource(at, { bodies: true })
  try {
    return await audit(source, { anchors: played.anchors, now: played.now }, () => {})
  } finally {
    source.close()
  }
}

t.test('an audit accepts an export as it accepts the store, and says that it saw no documents', async t => {
  const { to, done, progress } = await exportOf(played.folder)
  const [ofStore, ofExport] = [await audited(played.folder), await audited(to)]
  t.same(ofExport.findings, [])
  t.equal(ofExport.counts.entries, ofStore.counts.entries)
  t.equal(ofExport.counts.reads, ofStore.counts.reads)
  t.equal(ofExport.counts.documents, null)
  t.equal(done.entries, ofStore.counts.entries)
  t.ok(done.treeSize > 0 && done.treeSize <= done.entries)
  t.match(done.statements, { deposits: 3, identities: 1 })
  t.same(progress.at(-1), [done.entries, done.entries])
})

t.test('what was tampered with in the store is found in its export', async t => {
  const copy = new StoreCopy(played, join(folder, 'tampered'))
  const database = new Database(join(copy.folder, 'store.sqlite'))
  database.exec(`UPDATE entries SET event = replace(event, '"ok"', '"refused"') WHERE seq = 9`)
  database.close()
  const { to } = await exportOf(copy.folder)
  const codes = (await audited(to)).findings.map(({ code }) => code)
  t.ok(codes.includes('entry-altered'), codes.join())
})

t.test('no INS, no ciphertext, no mail address, no bearer is in it', async t => {
  const { to } = await exportOf(played.folder)
  const store = new Database(join(played.folder, 'store.sqlite'), { readonly: true })
  const secrets = [
    ...store.prepare('SELECT ins FROM records UNION SELECT ins FROM registrations').pluck().all(),
    ...store.prepare('SELECT salt FROM registrations').pluck().all(),
    ...store.prepare('SELECT contact FROM accounts UNION SELECT contact_salt FROM accounts').pluck().all(),
    ...store.prepare('SELECT manifest FROM documents UNION SELECT envelope FROM documents').pluck().all(),
    ...store.prepare('SELECT bytes FROM bundles UNION SELECT opaque FROM accounts').pluck().all(),
    ...store.prepare('SELECT session FROM sessions').pluck().all(),
    ...store.prepare('SELECT seals FROM grants').pluck().all(),
  ] as string[]
  store.close()
  t.ok(secrets.length > 10)
  const written = files(to).map(file => readFileSync(file, 'latin1'))
  for (const secret of secrets) t.notOk(written.some(text => text.includes(secret)))
  t.same(readdirSync(to).sort(), ['entries', 'log', 'store.sqlite'], 'and no bodies')
})

t.test('the command; a folder that is there is left alone', async t => {
  const config = layoutOf(dirname(dirname(played.folder))).host.config
  const to = join(folder, 'by-command')
  const run = async (...words: string[]) => {
    let text = ''
    const write = (more: string) => {
      text += more
    }
    return { code: await main(['host', 'export-log', ...words], { stdout: { write }, stderr: { write } }), text }
  }
  t.ok(existsSync(config), config)
  const made = await run('--config', config, '--to', to)
  t.equal(made.code, 0)
  t.match(made.text, /entries, \d+ of them in the published tree/)
  t.match(made.text, /3 deposits/)
  const again = await run('--config', config, '--to', to)
  t.equal(again.code, 2)
  t.match(again.text, /name a new folder/)
  t.ok(existsSync(join(to, 'store.sqlite')))
})

t.test('an export that cannot be whole is not left half-made', async t => {
  const copy = new StoreCopy(played, join(folder, 'no-tiles'))
  rmSync(join(copy.folder, 'log', 'tile'), { recursive: true })
  const to = join(folder, 'half')
  await t.rejects(exportLog({ from: copy.folder, to, onProgress: () => {} }), { code: 'tile-missing' })
  t.notOk(existsSync(to))
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  await t.rejects(exportLog({ from: empty, to, onProgress: () => {} }), { code: 'store-open' })
})

function files(at: string): string[] {
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}
