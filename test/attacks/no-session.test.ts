/** A patient's signing key, copied from a device, without the secret code and the one-time password. */
import { join } from 'node:path'
import t from 'tap'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { send, startTestHost } from '../fixtures/host.ts'
import { activePatient, insOf } from '../fixtures/patient.ts'
import { signedIn } from '../fixtures/professional.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.teardown(() => host.stop())
const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
const [mine, other] = [
  await activePatient(host, { folder: join(folder, 'mine'), ins: insOf('1'), mail: 'mine@test.invalid' }),
  await activePatient(host, { folder: join(folder, 'other'), ins: insOf('2'), mail: 'other@test.invalid' }),
]
const session = await signedIn(host, mine)
const sessionOf = async ({ home }: typeof mine) => (await home.session())?.session
const view = await session.view()
const signer = { keyId: `identity:${view.patient.identity.hash}`, key: view.sign }
const path = `/v1/records/${mine.recordId}/state`
const asked = async (id?: string) => {
  const { status, json } = await send(host, { path, signer, ...(id === undefined ? {} : { session: id }) })
  return status === 200 ? 'served' : json.code
}

t.test('a patient’s key alone opens nothing, nor with a session that is none or another’s', async t => {
  t.equal(await asked(), 'session-required')
  t.equal(await asked(toBase64url(randomBytes(32))), 'session-required')
  const theirs = await signedIn(host, other)
  t.ok(await theirs.view())
  t.equal(await asked(await sessionOf(other)), 'session-required')
  t.equal(await asked(await sessionOf(mine)), 'served')
})

t.test('five idle minutes end a session', async t => {
  host.advance(240_000)
  t.equal(await asked(await sessionOf(mine)), 'served')
  host.advance(301_000)
  t.equal(await asked(await sessionOf(mine)), 'session-required')
})
