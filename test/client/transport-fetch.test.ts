import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { openTransport } from '../../src/client/transport-fetch.ts'
import { utf8 } from '../../src/crypto/bytes.ts'
import { collect } from '../crypto/vectors.ts'

// The browser's transport over Node's own `fetch`; in a real browser: browser.test.ts.

async function serve(listener: RequestListener) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const stop = async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  return { transport: openTransport({ origin, serverAuthority: '' }), stop }
}

const get = { method: 'GET', target: '/x?y=1', headers: { 'coffre-seen': 's' }, body: null } as const

t.test('carries a request and its answer, whatever the status', async t => {
  const { transport, stop } = await serve((request, response) => {
    response.statusCode = request.method === 'POST' ? 201 : 404
    response.write(`${request.url} ${request.headers['coffre-seen']} ${request.headers.cookie ?? 'no cookie'} `)
    request.pipe(response)
  })
  const read = await transport.send(get)
  t.equal(read.status, 404)
  t.equal(Buffer.from(await collect(read.body)).toString(), '/x?y=1 s no cookie ')
  const sent = await transport.send({ ...get, method: 'POST', body: utf8('body') })
  t.equal(sent.status, 201)
  t.match(Buffer.from(await collect(sent.body)).toString(), /body$/)
  await transport.close()
  await stop()
})

t.test('a redirect is not followed; a host that is gone is told', async t => {
  const { transport, stop } = await serve((_, response) => {
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  await t.rejects(transport.send(get), { code: 'host-unreachable' })
  await stop()
  await t.rejects(transport.send(get), { code: 'host-unreachable' })
})

t.test('an answer that breaks off is an error, not an end', async t => {
  const { transport, stop } = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => response.destroy())
  })
  const { body } = await transport.send(get)
  await t.rejects(collect(body), { code: 'host-unreachable' })
  await stop()
})

t.test('a signal gives up the request, and the answer’s body', async t => {
  const { transport, stop } = await serve((request, response) => {
    if (request.url === '/x?y=1') response.write('first')
  })
  const reason = new Error('closed the page')
  await t.rejects(transport.send({ ...get, signal: AbortSignal.abort(reason) }), reason)
  const control = new AbortController()
  const { body } = await transport.send({ ...get, signal: control.signal })
  await t.rejects(async () => {
    for await (const _ of body) control.abort(reason)
  }, reason)
  await stop()
})

t.test('a client certificate is not a page’s to present', async t => {
  const tls = { cert: '', key: '' }
  t.throws(() => openTransport({ origin: new URL('https://x.test'), serverAuthority: '', tls }), {
    code: 'tls-unsupported',
  })
})
