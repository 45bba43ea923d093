import t from 'tap'
import { type RawRequest, send, startTestHost } from '../fixtures/host.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const host = await startTestHost(testFolder(t))
t.teardown(() => host.stop())
const portal = `http://127.0.0.1:${host.world.ports.portal}`
const card = host.world.layout.cards.doctor

const preflight = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'content-type,signature',
}
const allowed = async (origin: string, request: Partial<RawRequest> = {}) => {
  const answer = await send(host, { path: '/v1/health', ...request, headers: { origin, ...request.headers } })
  return { ...answer, told: Object.keys(answer.headers).filter(name => name.startsWith('access-control-')) }
}

t.test('pages of the portal read the patients’ listener', async t => {
  const health = await allowed(portal)
  t.equal(health.status, 200)
  t.equal(health.headers['access-control-allow-origin'], portal)
  t.match(health.headers.vary, /origin/i)
  t.notOk(health.headers['access-control-allow-credentials'], 'no cookies')

  const asked = await allowed(portal, { method: 'OPTIONS', path: '/v1/sign-in/start', headers: preflight })
  t.equal(asked.status, 204)
  t.equal(asked.headers['access-control-allow-methods'], 'GET, POST, PUT')
  for (const name of ['signature', 'signature-input', 'content-digest', 'coffre-seen', 'coffre-session']) {
    t.ok(String(asked.headers['access-control-allow-headers']).split(', ').includes(name), name)
  }

  const refused = await allowed(portal, { path: '/v1/nothing' })
  t.equal(refused.json.code, 'no-such-route')
  t.equal(refused.headers['access-control-allow-origin'], portal, 'refusals are read too')
  t.match(refused.headers.vary, /origin/i)
})

t.test('pages of any other origin are told nothing', async t => {
  const others = [
    'null',
    'https://127.0.0.1',
    `https://127.0.0.1:${host.world.ports.portal}`,
    `${portal}/`,
    `${portal}0`,
  ]
  for (const origin of [...others, host.world.anchors.urls.patients, '*']) {
    t.same((await allowed(origin)).told, [], origin)
    const asked = await allowed(origin, { method: 'OPTIONS', headers: preflight })
    t.same(asked.told, [], `${origin}, preflight`)
    t.equal(asked.json.code, 'no-such-route')
  }
  t.equal((await allowed(portal, { method: 'OPTIONS' })).json.code, 'no-such-route', 'OPTIONS that is no preflight')
})

t.test('the professionals’ listener is for no page', async t => {
  t.same((await allowed(portal, { listener: 'professionals', card })).told, [])
  const asked = { listener: 'professionals', card, method: 'OPTIONS', headers: preflight } as const
  t.equal((await allowed(portal, asked)).json.code, 'no-such-route')
})
