import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import t from 'tap'
import { MailCatcher } from '../../src/dev/mail-catcher.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.test('keeps what it is sent and finds the one-time password in it', async t => {
  const folder = testFolder(t)
  const catcher = await MailCatcher.start({ folder, port: 0 })
  t.teardown(() => catcher.stop())
  const transport = createTransport({ host: '127.0.0.1', port: catcher.port })
  t.teardown(() => transport.close())
  const send = (to: string, text: string) =>
    transport.sendMail({ from: 'coffre@dev.invalid', to, subject: 'Coffre', text })

  const waiting = catcher.oneTimePassword('camille@exemple.invalid')
  await send('yann@exemple.invalid', 'Code : 11112222')
  await send('camille@exemple.invalid', 'Bonjour, voici votre code à usage unique : 48151623, valable cinq minutes.')
  t.equal(await waiting, '48151623')

  await send('camille@exemple.invalid', 'Rien à lire ici.')
  await send('camille@exemple.invalid', 'Code : 4242 4242')
  t.equal(await catcher.oneTimePassword('camille@exemple.invalid'), '42424242')
  await t.rejects(catcher.oneTimePassword('camille@exemple.invalid', 10), { code: 'mail-missing' })

  t.equal(catcher.mails.length, 4)
  const files = readdirSync(folder).sort()
  t.equal(files.length, 4)
  for (const name of files) {
    t.match(name, /\.eml$/)
    t.equal(statSync(join(folder, name)).mode & 0o777, 0o600)
  }
  t.match(readFileSync(join(folder, files[0] ?? ''), 'utf8'), /11112222/)
})

t.test('says which option changes a taken port', async t => {
  const catcher = await MailCatcher.start({ folder: testFolder(t), port: 0 })
  t.teardown(() => catcher.stop())
  await t.rejects(MailCatcher.start({ folder: t.testdirName, port: catcher.port }), {
    code: 'port-taken',
    message: /--mail-port/,
  })
})
