import { join } from 'node:path'
import t from 'tap'
import { SmsCatcher } from '../../src/dev/sms-catcher.ts'
import { type SmppOptions, Sms } from '../../src/vault/sms.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { serverAuthority, serverTls } from '../fixtures/tls-server.ts'

const NUMBER = '+33612345678'
const password = (text: string) => ({ kind: 'one-time-password', password: text }) as const
const folder = testFolder(t)
const catcher = await SmsCatcher.start({ folder: join(folder, 'plain'), port: 0, password: 'secret-8' })
t.teardown(() => catcher.stop())
const options: SmppOptions = {
  host: '127.0.0.1',
  port: catcher.port,
  systemId: 'coffre',
  password: 'secret-8',
  from: 'Coffre',
}

t.test('messages go over one connection, as a telephone shows them, and a lost connection is made anew', async t => {
  const sms = new Sms(options)
  t.teardown(() => sms.close())
  await Promise.all(['11112222', '33334444'].map(each => sms.send(NUMBER, password(each), 300_000)))
  t.equal(await catcher.oneTimePassword(NUMBER), '11112222')
  t.equal(await catcher.oneTimePassword(NUMBER), '33334444')
  t.match(catcher.messages[0], { to: NUMBER, from: 'Coffre', text: /^Code à usage unique : 11112222\. Valable 5/ })
  catcher.drop()
  await sms.send(NUMBER, { kind: 'notice', notice: 'access' }, 300_000).catch(() => undefined)
  await sms.send(NUMBER, { kind: 'notice', notice: 'change' }, 300_000)
  t.match(catcher.messages.at(-1)?.text, /^Un réglage important de votre espace a changé/)
  const [first] = catcher.messages
  const lasts = (first?.validity?.getTime() ?? 0) - Date.now()
  t.ok(lasts > 200_000 && lasts <= 300_000, 'a password that comes too late is worth nothing')
})

t.test('a wrong password, a refusal and a silent gateway are told by code alone', async t => {
  const stranger = new Sms({ ...options, password: 'wrong' })
  await t.rejects(stranger.send(NUMBER, password('12345678'), 60_000), { code: 'smpp-0d' })
  catcher.refusing = 0x0b
  const sms = new Sms(options)
  t.teardown(() => sms.close())
  const refused = await sms.send(NUMBER, password('12345678'), 60_000).catch((error: Error) => error)
  t.match(refused, { code: 'smpp-0b' })
  t.notMatch(String(refused), /3361|12345678/)
  catcher.refusing = null
})

t.test('over TLS the gateway must show a certificate of its authority', async t => {
  const secure = await SmsCatcher.start({ folder: join(folder, 'tls'), port: 0, password: 'secret-8', tls: serverTls })
  t.teardown(() => secure.stop())
  const tls = { ...options, port: secure.port, tls: true }
  const sms = new Sms({ ...tls, authority: serverAuthority })
  t.teardown(() => sms.close())
  await sms.send(NUMBER, password('55556666'), 60_000)
  t.equal(await secure.oneTimePassword(NUMBER), '55556666')
  await t.rejects(new Sms(tls).send(NUMBER, password('77778888'), 60_000), { code: 'sms-unreachable' })
  t.equal(secure.messages.length, 1)
})
