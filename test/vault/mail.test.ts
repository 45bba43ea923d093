import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { MailCatcher } from '../../src/dev/mail-catcher.ts'
import { Mail } from '../../src/vault/mail.ts'
import { openSqlite } from '../../src/vault/store/sqlite.ts'
import { testFolder } from '../fixtures/test-folder.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20)
}

t.test('a gateway that is down: queued, tried again, sent once it is back; what expired is dropped', async t => {
  const folder = testFolder(t)
  const port = await freePort()
  let offset = 0
  const clock = () => new Date(Date.now() + offset)
  const store = openSqlite(join(folder, 'store.sqlite'))
  const failures: string[] = []
  const smtp = { host: '127.0.0.1', port, from: 'coffre@dev.coffre.invalid' }
  const mail = new Mail({ store, clock, smtp, onFailure: code => void failures.push(code) })
  const enqueue = (recipient: string, password: string, lifeMs: number) =>
    store.write(tx => mail.enqueue(tx, { recipient, password, expires: clock().getTime() + lifeMs }))
  const waiting = () => store.read.all<{ recipient: string }>('SELECT recipient FROM outbox').length

  const early = await enqueue('early@dev.coffre.invalid', '11112222', 1_000)
  t.equal(await mail.deliver(early), 'queued')
  const later = await enqueue('later@dev.coffre.invalid', '33334444', 300_000)
  t.equal(await mail.deliver(later), 'queued')
  t.equal(waiting(), 2)
  t.strictSame([...new Set(failures)], ['ESOCKET'], 'a code, not an address')

  offset = 10_000
  const catcher = await MailCatcher.start({ folder: join(folder, 'mail'), port })
  t.equal(await catcher.oneTimePassword('later@dev.coffre.invalid'), '33334444')
  await until(() => waiting() === 0)
  t.notOk(
    catcher.mails.some(({ to }) => to.includes('early@dev.coffre.invalid')),
    'worthless by then',
  )

  const now = await enqueue('now@dev.coffre.invalid', '55556666', 300_000)
  t.equal(await mail.deliver(now), 'sent')
  t.equal(await mail.deliver(now), 'sent', 'nothing is sent twice')
  t.equal(catcher.mails.filter(({ to }) => to.includes('now@dev.coffre.invalid')).length, 1)
  t.equal(waiting(), 0)
  await mail.close()
  await catcher.stop()
  await store.close()
})
