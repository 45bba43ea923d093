import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { MailCatcher } from '../../src/dev/mail-catcher.ts'
import { SmsCatcher } from '../../src/dev/sms-catcher.ts'
import { Mail } from '../../src/vault/mail.ts'
import { Outbox } from '../../src/vault/outbox.ts'
import { Sms } from '../../src/vault/sms.ts'
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
  const mail = new Mail({ host: '127.0.0.1', port, from: 'coffre@dev.coffre.invalid' })
  const outbox = new Outbox({ store, clock, mail, telephone: null, onFailure: code => void failures.push(code) })
  const enqueue = (recipient: string, password: string, lifeMs: number) =>
    store.write(tx => outbox.enqueue(tx, { recipient, password, expires: clock().getTime() + lifeMs }))
  const waiting = () => store.read.all<{ recipient: string }>('SELECT recipient FROM outbox').length

  const early = await enqueue('early@dev.coffre.invalid', '11112222', 1_000)
  t.equal(await outbox.deliver(early), 'queued')
  const later = await enqueue('later@dev.coffre.invalid', '33334444', 300_000)
  t.equal(await outbox.deliver(later), 'queued')
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
  t.equal(await outbox.deliver(now), 'sent')
  t.equal(await outbox.deliver(now), 'sent', 'nothing is sent twice')
  t.equal(catcher.mails.filter(({ to }) => to.includes('now@dev.coffre.invalid')).length, 1)
  t.equal(waiting(), 0)
  await outbox.close()
  await catcher.stop()
  await store.close()
})

t.test(
  'a telephone: queued while the gateway is down or refuses, sent once it takes it, after a restart too',
  async t => {
    const folder = testFolder(t)
    const port = await freePort()
    let offset = 0
    const clock = () => new Date(Date.now() + offset)
    const store = openSqlite(join(folder, 'store.sqlite'))
    const failures: string[] = []
    const start = () =>
      new Outbox({
        store,
        clock,
        mail: new Mail({ host: '127.0.0.1', port: 1, from: 'a@test.invalid' }),
        telephone: new Sms({ host: '127.0.0.1', port, systemId: 'coffre', password: 'secret-8', from: 'Coffre' }),
        onFailure: code => void failures.push(code),
      })
    const waiting = () => store.read.all('SELECT 1 FROM outbox').length
    const number = '+33612345678'
    const first = start()
    const message = await store.write(tx =>
      first.enqueue(tx, { recipient: number, password: '24682468', expires: clock().getTime() + 300_000 }),
    )
    t.equal(await first.deliver(message), 'queued')
    t.strictSame(failures, ['sms-unreachable'], 'a code, not a number')
    await first.close()

    const catcher = await SmsCatcher.start({ folder: join(folder, 'sms'), port, password: 'secret-8' })
    t.teardown(() => catcher.stop())
    catcher.refusing = 0x58
    const second = start()
    t.equal(await second.deliver(message), 'queued')
    t.equal(failures.at(-1), 'smpp-58', 'throttled, SMPP says')
    catcher.refusing = null
    offset = 60_000
    t.equal(await catcher.oneTimePassword(number), '24682468')
    await until(() => waiting() === 0)
    await second.close()

    const third = new Outbox({
      store,
      clock,
      mail: new Mail({ host: '127.0.0.1', port: 1, from: 'a@test.invalid' }),
      telephone: null,
      onFailure: code => void failures.push(code),
    })
    t.notOk(third.reaches(number), 'without a gateway a telephone is no contact')
    t.ok(third.reaches('p@test.invalid'))
    await third.close()
    await store.close()
  },
)
