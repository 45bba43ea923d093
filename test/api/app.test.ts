import { readFileSync } from 'node:fs'
import t from 'tap'
import { send, startTestHost } from '../fixtures/host.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const host = await startTestHost(testFolder(t))
t.teardown(() => host.stop())
const card = host.world.layout.cards.doctor

/** Rows of the table of routes: method, path, who signs. */
const page = readFileSync(new URL('../../docs/protocol/api.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| (GET|POST|PUT) (\/\S+?)(?:, .*?)? \| (.*?) \|/gm)].map(
  ([, method = '', path = '', signedBy = '']) => ({ method, path, signedBy }),
)
const extra = ['finish', 'code'].map(step => ({ method: 'POST', path: `/v1/sign-in/${step}`, signedBy: '–' }))

const filled = (path: string) =>
  path
    .replace(/\?.*$/, '')
    .replace('/log/tile/…', '/log/tile/0/000.p/1')
    .replace('{n}', '0')
    .replace('{national id}', '889970042134')
    .replaceAll(/\{(entry )?hash\}|\{key\}/g, 'A'.repeat(43))
    .replaceAll(/\{[a-z]+\}/g, 'A'.repeat(22))

for (let i = 0; i < 100 && (await send(host, { path: '/log/checkpoint' })).status !== 200; i++) {
  await new Promise(resolve => setTimeout(resolve, 50))
}

t.test('every route of docs/protocol/api.md is there, on its listener and no other', async t => {
  t.ok(rows.length >= 30, `${rows.length} routes read`)
  for (const { method, path, signedBy } of [...rows, ...extra]) {
    const isThere = async (listener: 'patients' | 'professionals') => {
      const options = listener === 'professionals' ? { listener, card } : { listener }
      const answer = await send(host, { method, path: filled(path), ...options })
      return answer.status === 200 || answer.json?.code !== 'no-such-route'
    }
    const forPatients = !/^key/.test(signedBy)
    const forProfessionals =
      /\bkey\b/.test(signedBy) || /same key/.test(signedBy) || (signedBy === '–' && method === 'GET')
    t.equal(await isThere('patients'), forPatients, `${method} ${path} (patients)`)
    if (path.startsWith('/v1/registrations')) continue
    t.equal(await isThere('professionals'), forProfessionals, `${method} ${path} (professionals)`)
  }
})
