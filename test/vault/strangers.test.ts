import t from 'tap'
import { SigningKey } from '../../src/crypto/sign.ts'
import { Journal } from '../../src/vault/journal.ts'
import { openSqlite } from '../../src/vault/store/sqlite.ts'
import { Strangers } from '../../src/vault/strangers.ts'
import { newId } from '../fixtures/document.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.test('a flood of strangers is one entry a reason, and goes not unseen', async t => {
  const store = openSqlite(`${testFolder(t)}/store.sqlite`)
  const strangers = new Strangers(
    store,
    new Journal({ deployment: newId(), hostKey: SigningKey.generate(), clock: () => new Date() }),
  )
  const entries = () =>
    store.read.all<{ event: string }>('SELECT event FROM entries ORDER BY n').map(({ event }) => JSON.parse(event))
  await strangers.flush()
  t.same(entries(), [])
  for (let i = 0; i < 1000; i++) strangers.note('signature-invalid')
  strangers.note('key-unknown')
  await strangers.flush()
  t.match(entries(), [
    { action: 'strangers.refused', actor: { kind: 'host' }, object: { reason: 'signature-invalid', count: 1000 } },
    { object: { reason: 'key-unknown', count: 1 } },
  ])
  await strangers.flush()
  t.equal(entries().length, 2)
  for (let i = 0; i < 200; i++) strangers.note(`reason-${i}`)
  await strangers.flush()
  t.ok(entries().length <= 2 + 64, 'reasons are bounded too')
  await store.close()
})
