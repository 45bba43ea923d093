import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { signIn } from '../../src/client/patient/sign-in.ts'
import { ChainPage } from '../../src/protocol/messages.ts'
import type { RawAnswer } from '../fixtures/host.ts'
import { send, startTestHost } from '../fixtures/host.ts'
import { activePatient, insOf, SECRET_CODE, startOnly, tryCode } from '../fixtures/patient.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const MINUTE = 60_000
const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
t.teardown(() => host.stop())
const mail = 'camille.test@dev.coffre.invalid'
const patient = await activePatient(host, { folder: join(folder, 'home'), ins: insOf('4711'), mail })
const { ins, device } = patient
const nobody = insOf('999')
const wrong = 'Autre-chose-51'

const problem = (answer: RawAnswer | null) => ({ status: answer?.status, code: answer?.json?.code })
const code = (handle: string, text: string) => send(host, { path: '/v1/sign-in/code', body: { handle, code: text } })
/** A wrong one-time password that is none of the right one. */
const other = (password: string) => String((Number(password) + 1) % 1e8).padStart(8, '0')

/** Quoted-printable (RFC 2045 §6.7) as text. */
const plain = (text: string) =>
  Buffer.from(
    text
      .replaceAll(/=\r?\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number(`0x${hex}`))),
    'latin1',
  ).toString()

t.test('the whole way in, through the SDK', async t => {
  const { session, idleSeconds } = await signIn({
    home: patient.home,
    secretCode: SECRET_CODE,
    clock: host.now,
    oneTimePassword: async ({ sentTo, delivery }) => {
      t.equal(sentTo, 'c•••@dev.coffre.invalid')
      t.equal(delivery, 'sent')
      return host.mail.oneTimePassword(mail)
    },
  })
  t.equal(idleSeconds, 300)
  t.equal((await session.view()).state.payload.recordId, patient.recordId)
  const text = plain(host.mail.mails.at(-1)?.text ?? '')
  t.match(text, /code à usage unique/)
  t.match(text, /one-time code/)
  t.notMatch(text, /dossier|médic|santé|health|medical|record/i, 'nothing tells what kind of service this is')

  host.advance(4 * MINUTE)
  await session.view()
  host.advance(4 * MINUTE)
  await session.view()
  host.advance(5 * MINUTE)
  await t.rejects(session.view(), { code: 'not-signed-in' }, 'five idle minutes end it')
  await session.close()
})

t.test('an unknown INS and a wrong secret code are answered alike', async t => {
  const known = await tryCode(host, { ins, device: null, secretCode: wrong })
  const unknown = await tryCode(host, { ins: nobody, device: null, secretCode: wrong })
  t.equal(known.start.status, unknown.start.status)
  t.equal(known.start.json.response.length, unknown.start.json.response.length)
  t.strictSame(Object.keys(known.start.json), Object.keys(unknown.start.json))
  t.strictSame(problem(known.finish), { status: 401, code: 'sign-in-refused' })
  t.strictSame(known.finish?.json, unknown.finish?.json)
  t.strictSame(Object.keys(known.finish?.headers ?? {}), Object.keys(unknown.finish?.headers ?? {}))
})

t.test('five failures lock the pair, alike for both; a known device still gets in', async t => {
  for (const who of [ins, nobody]) {
    // One failure each stands from the test before.
    for (let left = 3; left >= 0; left--) {
      const { finish } = await tryCode(host, { ins: who, device: null, secretCode: wrong })
      t.strictSame(problem(finish), { status: 401, code: 'sign-in-refused' })
      t.equal(finish?.json.attemptsLeft, left)
    }
    const { start } = await tryCode(host, { ins: who, device: null, secretCode: wrong })
    t.strictSame(problem(start), { status: 429, code: 'sign-in-locked' })
    t.ok(Date.parse(start.json.retryAt) > host.now().getTime())
  }
  const { start } = await tryCode(host, { ins, device: 'AAAAAAAAAAAAAAAAAAAAAA', secretCode: wrong })
  t.equal(start.json.code, 'sign-in-locked', 'an invented device shares the pair of unknown ones')
  const { finish } = await tryCode(host, { ins, device: device.slotId, secretCode: SECRET_CODE })
  t.equal(finish?.status, 200)
  await host.mail.oneTimePassword(mail)

  host.advance(15 * MINUTE)
  const again = await tryCode(host, { ins, device: null, secretCode: SECRET_CODE })
  t.equal(again.finish?.status, 200, 'fifteen minutes later')
  await host.mail.oneTimePassword(mail)
})

t.test('a start without a finish is a try: it counts, locks and is seen', async t => {
  host.advance(16 * MINUTE)
  const who = insOf('27182')
  for (let left = 4; left >= 0; left--) {
    const { start } = await startOnly(host, { ins: who, device: null, secretCode: wrong })
    t.equal(start.json.attemptsLeft, left)
  }
  const { start } = await startOnly(host, { ins: who, device: null, secretCode: wrong })
  t.equal(start.json.code, 'sign-in-locked')
})

t.test('tries made at once cannot outrun the count', async t => {
  host.advance(16 * MINUTE)
  const who = insOf('31337')
  const tries = await Promise.all(
    Array.from({ length: 8 }, () => tryCode(host, { ins: who, device: null, secretCode: wrong })),
  )
  const judged = tries.filter(({ finish }) => finish?.json.code === 'sign-in-refused').length
  t.equal(judged, 5)
})

t.test('a one-time password: five tries, one use, five minutes', async t => {
  host.advance(16 * MINUTE)
  const enter = async () => {
    const { finish } = await tryCode(host, { ins, device: device.slotId, secretCode: SECRET_CODE })
    t.equal(finish?.status, 200)
    return { handle: finish?.json.handle as string, password: await host.mail.oneTimePassword(mail) }
  }
  const first = await enter()
  host.advance(5 * MINUTE)
  t.strictSame(problem(await code(first.handle, first.password)), { status: 403, code: 'code-refused' }, 'expired')

  const second = await enter()
  const opened = await code(second.handle, second.password)
  t.equal(opened.status, 200)
  t.equal(opened.json.keys.recordId, patient.recordId)
  t.equal(opened.headers['cache-control'], 'no-store')
  t.equal((await code(second.handle, second.password)).json.code, 'code-refused', 'used')

  const third = await enter()
  for (let left = 4; left >= 0; left--) {
    const answer = await code(third.handle, other(third.password))
    t.strictSame(problem(answer), { status: 403, code: 'code-refused' })
    t.equal(answer.json.attemptsLeft, left)
  }
  t.equal((await code(third.handle, third.password)).json.code, 'code-refused', 'the right one comes too late')
  const { start } = await tryCode(host, { ins, device: device.slotId, secretCode: SECRET_CODE })
  t.equal(start.json.code, 'sign-in-locked', 'they count as failed sign-ins')
})

t.test('the patient sees every failed try, and the host’s clock lets the device in again', async t => {
  host.advance(16 * MINUTE)
  const { session } = await signIn({
    home: patient.home,
    secretCode: SECRET_CODE,
    clock: host.now,
    oneTimePassword: () => host.mail.oneTimePassword(mail),
  })
  const { entries } = await session.call({
    method: 'GET',
    path: session.path('/chain'),
    query: { after: -1 },
    answer: ChainPage,
  })
  const failed = entries.map(({ event }) => JSON.parse(event)).filter(({ action }) => action === 'session.fail')
  const count = (device: string | null, reason: string) =>
    failed.filter(({ object }) => object.device === device && object.reason === reason).length
  t.equal(count(null, 'sign-in-refused'), 5)
  t.equal(count(device.slotId, 'code-refused'), 5)
  t.equal(failed.length, 10)
  await session.end()
  await t.rejects(session.view(), { code: 'not-signed-in' })
  await session.close()
})

t.test('malformed: refused, counted where it is a try, and nothing repeated', async t => {
  const start = (body: object) => send(host, { path: '/v1/sign-in/start', body })
  t.equal((await start({ ins: '12', device: null, request: 'AAAA' })).json.code, 'malformed')
  t.equal((await start({ ins: nobody, device: null, request: 'A'.repeat(64) })).json.code, 'malformed')
  t.equal((await start({ ins: nobody, device: null, request: 'A'.repeat(64), more: 1 })).json.code, 'malformed')
  t.equal((await send(host, { path: '/v1/sign-in/start', body: '{' })).json.code, 'malformed')
  const huge = await send(host, { path: '/v1/sign-in/start', body: { ins: 'x'.repeat(70_000) } })
  t.strictSame(problem(huge), { status: 413, code: 'too-large' })
  const handle = Buffer.alloc(32).toString('base64url')
  const finish = await send(host, { path: '/v1/sign-in/finish', body: { handle, request: 'A'.repeat(64) } })
  t.equal(finish.json.code, 'sign-in-refused')
})

t.test('the operator’s log says nothing of whom', async t => {
  const lines = host.lines.join('\n')
  t.match(lines, /"route":"\/v1\/sign-in\/finish"/)
  for (const secret of [ins, nobody, mail, patient.recordId, device.slotId, SECRET_CODE]) {
    t.notOk(lines.includes(secret))
  }
  const store = join(host.world.layout.host.store)
  const kept = readdirSync(store)
    .filter(name => name.startsWith('store.sqlite'))
    .map(name => readFileSync(join(store, name), 'latin1'))
    .join('')
  t.notOk(kept.includes(SECRET_CODE))
  t.ok(kept.includes(ins), 'and the search would have found it')
})

t.test('a wrong one-time password is asked again, as often as the host takes one', async t => {
  const mail = 'asked.again@dev.coffre.invalid'
  const { home } = await activePatient(host, { folder: join(folder, 'again'), ins: insOf('4712'), mail })
  let asked = 0
  let sent = ''
  const signInWith = (rightAt: number) =>
    signIn({
      home,
      secretCode: SECRET_CODE,
      clock: host.now,
      canAskAgain: true,
      oneTimePassword: async ({ isAgain }) => {
        t.equal(isAgain, asked > 0)
        if (!isAgain) sent = await host.mail.oneTimePassword(mail)
        return ++asked === rightAt ? sent : other(sent)
      },
    })
  await (await signInWith(5)).session.close()
  t.equal(asked, 5)
  asked = 0
  await t.rejects(signInWith(6), { code: 'code-refused' })
  t.equal(asked, 5, 'nobody is asked in vain')
})
