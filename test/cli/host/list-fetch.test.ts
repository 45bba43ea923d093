import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { openLog } from '../../../src/api/logging.ts'
import { ListFetch } from '../../../src/cli/host/list-fetch.ts'
import { makeCardAuthority, makeCrl } from '../../../src/dev/certificates.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const DAY = 86_400_000
const now = Date.now()
const authority = await makeCardAuthority('persons', { at: new Date(now - 90 * DAY), rootKey: 'p-256' })
/** A list from so many days before now to so many after. */
const list = async (from: number, to: number): Promise<Buffer> => {
  const validity = { notBefore: new Date(now - from * DAY), notAfter: new Date(now + to * DAY) }
  return Buffer.from((await makeCrl(authority.ca, { validity })).rawData)
}
let served: { status: number; body: Buffer; headers?: Record<string, string> }
const server = createServer((_, response) => {
  response.writeHead(served.status, served.headers)
  response.end(served.body)
}).listen(0, '127.0.0.1')
await once(server, 'listening')
t.teardown(() => server.close())
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/customer-4711/ca.crl`

const folder = join(testFolder(t), 'crls')
mkdirSync(folder)
writeFileSync(join(folder, 'mine.crl'), 'the operator’s own')
const names = () => readdirSync(folder).filter(name => name.startsWith('fetched-'))

/** One round; what the operator's log says of it. */
async function fetchOnce(answer: typeof served, later = 0): Promise<string> {
  served = answer
  const lines: string[] = []
  let fetched = false
  const log = openLog({ sink: { write: line => void lines.push(line) } })
  const clock = () => new Date(now + later)
  const listFetch = new ListFetch({ urls: [url], folder, clock, log, onFetched: () => (fetched = true) })
  await listFetch.asked
  await listFetch.stop()
  return lines.join('') + (fetched ? 'fetched' : '')
}

t.test('a list is kept beside those before it, in DER or PEM, once', async t => {
  const first = await list(2, 5)
  t.equal(await fetchOnce({ status: 200, body: first }), 'fetched')
  t.equal(await fetchOnce({ status: 200, body: first }), '')
  const second = await list(1, 6)
  const lines = (second.toString('base64').match(/.{1,64}/g) ?? []).join('\n')
  const pem = Buffer.from(`-----BEGIN X509 CRL-----\n${lines}\n-----END X509 CRL-----\n`)
  t.equal(await fetchOnce({ status: 200, body: pem }), 'fetched')
  t.equal(names().length, 2, 'an older one may still revoke what a newer one forgot')
})

t.test('what is no list, or has ended, changes nothing; nothing of the address is told', async t => {
  const before = names()
  for (const [answer, code] of [
    [{ status: 404, body: Buffer.alloc(0) }, 'http-404'],
    [{ status: 200, body: Buffer.from('<html>login</html>') }, 'crl-malformed'],
    [{ status: 200, body: await list(9, -1) }, 'list-ended'],
    [{ status: 302, body: Buffer.alloc(0), headers: { location: 'http://127.0.0.1:1/' } }, ''],
  ] as const) {
    const said = await fetchOnce(answer)
    t.match(said, /revocation list not fetched/)
    t.ok(said.includes(code), said)
    t.notMatch(said, /4711|127\.0\.0\.1/)
  }
  t.same(names(), before)
})

t.test('an alarm before the newest ends; ended ones go when a new one comes', async t => {
  t.match(await fetchOnce({ status: 404, body: Buffer.alloc(0) }, 5.5 * DAY), /ends within a day/)
  const next = await list(-5, 20)
  t.equal(await fetchOnce({ status: 200, body: next }, 7 * DAY), 'fetched')
  t.equal(names().length, 1)
  for (let i = 0; i < 7; i++) await fetchOnce({ status: 200, body: await list(-6 - i / 10, 21 + i) }, 7 * DAY)
  const eight = names()
  t.equal(eight.length, 8)
  t.match(await fetchOnce({ status: 200, body: await list(-7, 40) }, 7 * DAY), /too-many-lists/)
  t.same(names(), eight, 'nobody fills the disk')
})
