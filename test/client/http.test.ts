import t from 'tap'
import { z } from 'zod'
import { Host, NOTHING_SEEN } from '../../src/client/http.ts'
import { fromBase64url, fromUtf8, utf8 } from '../../src/crypto/bytes.ts'
import { contentDigest, parseBase, parseRequestSignature, verifyBase } from '../../src/crypto/httpsig.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { chainPem, makeServerAuthority } from '../../src/dev/certificates.ts'
import type { Anchors } from '../../src/protocol/anchors.ts'
import { startServer } from '../fixtures/tls-server.ts'

const answer = z.strictObject({ ok: z.literal(true) })
const hostOf = (anchors: Anchors) => new Host({ anchors, listener: 'patients' })

t.test('a signed request says who, what, and what was seen', async t => {
  const key = SigningKey.generate()
  let body = ''
  const server = await startServer((request, response) => {
    request.on('data', piece => {
      body += piece
    })
    request.on('end', () => {
      const [path = '', query] = (request.url ?? '').split('?')
      const headers = request.headers as Record<string, string>
      const signed = parseRequestSignature({
        method: request.method ?? '',
        authority: headers.host ?? '',
        path,
        query: query === undefined ? '' : `?${query}`,
        headers,
      })
      const said = parseBase(signed.base)
      t.ok(verifyBase(signed.base, signed.signature, key.verifyKey))
      t.equal(signed.keyId, 'identity:x')
      t.equal(said.seen, NOTHING_SEEN)
      t.equal(said.session, 'S')
      t.equal(fromUtf8(fromBase64url(said.acting ?? '')), '{"id":"1"}')
      t.equal(said.query, '?after=3')
      t.equal(contentDigest(utf8(body)), headers['content-digest'])
      response.end('{"ok":true}')
    })
  })
  const host = hostOf(server.anchors)
  const request = { method: 'POST', path: '/v1/x', query: { after: 3 }, body: { a: 1 }, answer } as const
  const signer = { keyId: 'identity:x', key }
  t.same(await host.call({ ...request, signer, session: 'S', acting: { id: '1' } }), { ok: true })
  await host.close()
  await server.stop()
})

t.test('what a host may answer', async t => {
  let [status, text] = [200, '']
  const server = await startServer((_, response) => {
    response.statusCode = status
    response.end(text)
  })
  const host = hostOf(server.anchors)
  const call = (with_: [number, string]) => {
    ;[status, text] = with_
    return host.call({ method: 'GET', path: '/v1/x', answer })
  }
  await t.rejects(call([200, '{"ok":true,"more":1}']), { code: 'answer-malformed' }, 'nothing more than the schema')
  await t.rejects(call([200, '<html>']), { code: 'answer-malformed' })
  await t.rejects(call([502, '<html>']), { code: 'answer-malformed' })
  const problem = { type: 'urn:coffre:problem:no-grant', title: 'No', status: 403, detail: 'Ask', code: 'no-grant' }
  await t.rejects(call([403, JSON.stringify(problem)]), { name: 'HostRefusal', code: 'no-grant', status: 403 })
  await t.rejects(call([403, JSON.stringify({ ...problem, code: 'made-up' })]), { code: 'answer-malformed' })
  text = 'x'.repeat(100)
  await t.rejects(host.bytes({ method: 'GET', path: '/x', limit: 99 }), { code: 'answer-malformed' })
  status = 200
  await t.rejects(host.bytes({ method: 'GET', path: '/x', limit: 99 }), { code: 'answer-too-large' })
  t.equal((await host.bytes({ method: 'GET', path: '/x', limit: 100 })).length, 100)
  await host.close()
  await server.stop()
  await t.rejects(hostOf(server.anchors).call({ method: 'GET', path: '/', answer }), { code: 'host-unreachable' })
})

t.test('only the anchors’ authority, and TLS 1.3, count', async t => {
  const other = chainPem((await makeServerAuthority({ at: new Date() })).certificate)
  const server = await startServer((_, response) => response.end('{"ok":true}'))
  const stranger = hostOf({ ...server.anchors, serverAuthority: other })
  await t.rejects(stranger.call({ method: 'GET', path: '/', answer }), { code: 'host-untrusted' })
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  t.teardown(() => Reflect.deleteProperty(process.env, 'NODE_TLS_REJECT_UNAUTHORIZED'))
  await t.rejects(stranger.call({ method: 'GET', path: '/', answer }), { code: 'host-untrusted' }, 'whatever is set')
  Reflect.deleteProperty(process.env, 'NODE_TLS_REJECT_UNAUTHORIZED')
  await server.stop()
  const old = await startServer((_, response) => response.end('{"ok":true}'), { maxVersion: 'TLSv1.2' })
  await t.rejects(hostOf(old.anchors).call({ method: 'GET', path: '/', answer }), { code: 'host-untrusted' })
  await old.stop()
})
