import { join } from 'node:path'
import t from 'tap'
import { signIn } from '../../src/client/patient/sign-in.ts'
import { readTrace } from '../../src/client/patient/trace.ts'
import { MailCatcher } from '../../src/dev/mail-catcher.ts'
import { CLOCK_ALLOWANCE_SECONDS } from '../../src/log/checkpoint.ts'
import { startTestHost } from '../fixtures/host.ts'
import { activePatient, insOf, SECRET_CODE } from '../fixtures/patient.ts'
import { signedIn } from '../fixtures/professional.ts'
import { checkStoreFolder } from '../fixtures/store-checks.ts'
import { testFolder } from '../fixtures/test-folder.ts'

/** As far as clients and hosts may differ, less a minute for the test itself. */
const BACK_MS = (CLOCK_ALLOWANCE_SECONDS - 60) * 1000
const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
// the mail gateway was stopped by then, and takes that again as done
t.teardown(() => host.stop())
t.setTimeout(120_000)

const mail = 'horloge@exemple.invalid'
const patient = await activePatient(host, { folder: join(folder, 'patient'), ins: insOf('606'), mail })

t.test('a clock that is set back does not take the log with it', async t => {
  const first = await signedIn(host, patient)
  const before = await readTrace(first)
  await first.close()
  host.advance(-BACK_MS)
  const session = await signedIn(host, patient)
  const trace = await readTrace(session)
  await session.close()
  t.same(trace.problems, [])
  t.ok(trace.lines.length > before.lines.length)
  const times = trace.lines.map(({ t: time }) => time)
  t.same(times, [...times].sort(), 'time never goes below that of the entry before')
  t.ok((times.at(-1) ?? '') > host.now().toISOString(), 'the chain stays ahead of the clock until that has caught up')
  const nothing = { entries: new Set<string>(), documents: new Map(), checkpoints: new Map(), parts: new Map() }
  t.same(await checkStoreFolder(host.world.layout.host.store, nothing), [])
  host.advance(BACK_MS)
})

t.test('the mail gateway is down: the one-time password waits and is delivered when it is back', async t => {
  await host.mail.stop()
  let back: MailCatcher | undefined
  t.teardown(() => back?.stop())
  const { layout, ports } = host.world
  const { session } = await signIn({
    home: patient.home,
    secretCode: SECRET_CODE,
    clock: host.now,
    oneTimePassword: async () => {
      t.ok(
        host.lines.some(line => line.includes('message not sent')),
        'the operator is told',
      )
      back = await MailCatcher.start({ folder: layout.mail, port: ports.mail })
      return back.oneTimePassword(mail)
    },
  })
  t.equal((await readTrace(session)).problems.length, 0)
  await session.close()
})
