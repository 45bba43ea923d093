import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { openSqlite } from '../../../src/vault/store/sqlite.ts'
import { insOf } from '../../fixtures/patient.ts'
import { testFolder } from '../../fixtures/test-folder.ts'
import { openRecord, openVaultWorld } from '../../fixtures/vault-world.ts'

const RELEASED = join(import.meta.dirname, '../../fixtures/released')

/** What the database says of itself: tables, indexes and views, in one spelling. */
function schemaOf(file: string): string[] {
  const database = new Database(file, { readonly: true })
  const rows = database.prepare(`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL`).pluck().all() as string[]
  database.close()
  return rows.map(sql => sql.replaceAll(/--[^\n]*/g, '').replaceAll(/\s+/g, ' ')).sort()
}

t.test('a store of every released version becomes one of today, with what was in it', async t => {
  const folder = testFolder(t)
  const fresh = join(folder, 'fresh.sqlite')
  await openSqlite(fresh).close()
  for (const name of readdirSync(RELEASED)) {
    const version = Number(/^store-(\d+)\.sql$/.exec(name)?.[1])
    const file = join(folder, 'store.sqlite')
    const old = new Database(file)
    old.exec(readFileSync(join(RELEASED, name), 'utf8'))
    t.equal(old.pragma('user_version', { simple: true }), version, name)
    const tables = old.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all() as string[]
    const counts = (database: Database.Database) =>
      tables.map(table => [table, database.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get()])
    const before = counts(old)
    t.ok(before.some(([, count]) => (count as number) > 0))
    old.close()

    const world = await openVaultWorld(folder)
    t.ok((await openRecord(world, insOf('1'))).caller.recordId, 'and a host runs on it')
    await world.vault.close()
    t.strictSame(schemaOf(file), schemaOf(fresh))
    const now = new Database(file)
    t.equal(now.pragma('integrity_check', { simple: true }), 'ok')
    const after = new Map(counts(now) as [string, number][])
    for (const [table, count] of before as [string, number][]) t.ok((after.get(table) ?? -1) >= count, table)
    t.match(now.prepare('SELECT * FROM accounts').get(), { contact: 'a@test.invalid', contact_since: 0 })
    t.match(now.prepare('SELECT withdrawn, position FROM documents').get(), { withdrawn: 0, position: 7 })
    now.close()
  }
})
