import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SmsCatcher } from '../../src/dev/sms-catcher.ts'
import { Sms } from '../../src/vault/sms.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.test('keeps what it is sent, for its owner alone, and finds the one-time password in it', async t => {
  const folder = testFolder(t)
  const catcher = await SmsCatcher.start({ folder, port: 0, password: 'p' })
  t.teardown(() => catcher.stop())
  const sms = new Sms({ host: '127.0.0.1', port: catcher.port, systemId: 'x', password: 'p', from: '+33700000000' })
  t.teardown(() => sms.close())
  const waiting = catcher.oneTimePassword('+33611111111')
  await sms.send('+33622222222', { kind: 'one-time-password', password: '11112222' }, 60_000)
  await sms.send('+33611111111', { kind: 'one-time-password', password: '48151623' }, 60_000)
  t.equal(await waiting, '48151623')
  await t.rejects(catcher.oneTimePassword('+33611111111', 10), { code: 'sms-missing' })
  const names = readdirSync(folder).sort()
  t.equal(names.length, 2)
  t.equal(statSync(join(folder, names[0] ?? '')).mode & 0o777, 0o600)
  t.match(readFileSync(join(folder, names[0] ?? ''), 'utf8'), /^To: \+33622222222\nFrom: 33700000000\n\n.*11112222/)
  await t.rejects(SmsCatcher.start({ folder, port: catcher.port, password: 'p' }), {
    code: 'port-taken',
    message: /--sms-port/,
  })
})
