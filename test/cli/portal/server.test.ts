import { readFileSync } from 'node:fs'
import { get as getPlain, request as plainRequest } from 'node:http'
import { get as getSecure } from 'node:https'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import t from 'tap'
import type { Io } from '../../../src/cli/command.ts'
import { readArguments } from '../../../src/cli/main.ts'
import { buildPortal } from '../../../src/cli/portal/build.ts'
import { command as serve } from '../../../src/cli/portal/serve.ts'
import { servePortal } from '../../../src/cli/portal/server.ts'
import { command as verify } from '../../../src/cli/portal/verify.ts'
import { command as write } from '../../../src/cli/portal/write.ts'
import { DEFAULT_PORTS } from '../../../src/dev/layout.ts'
import { ensureWorld } from '../../../src/dev/world.ts'
import { freePorts } from '../../fixtures/ports.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const folder = testFolder(t)
const { layout } = await ensureWorld({ data: folder, ports: DEFAULT_PORTS, at: new Date() })
const anchors = readFileSync(layout.anchors, 'utf8')
const [port = 0, tlsPort = 0] = await freePorts(2)
const origin = `http://127.0.0.1:${port}`
const portal = await buildPortal({ anchors, origin })
const listen = { address: '127.0.0.1', port }
const running = await servePortal({ portal, origin, listen })
t.teardown(() => running.close())

const lines: string[] = []
const io: Io = { json: false, clock: () => new Date(), print: line => void lines.push(line), progress: () => undefined }
const run = (command: typeof verify, ...words: string[]) => command.run(readArguments(command, words), io)

function fetched(path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: Record<string, unknown>; bytes: Buffer }>((resolve, reject) => {
    const call = method === 'GET' ? getPlain : plainRequest
    const request = call(`${origin}${path}`, { headers, method, agent: false }, response => {
      const parts: Buffer[] = []
      response.on('data', part => parts.push(part))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(parts) }),
      )
    })
    request.on('error', reject)
    request.end()
  })
}

t.test('serves the files with their headers, compressed, and asks nothing twice', async t => {
  const page = await fetched('/')
  t.equal(page.status, 200)
  t.match(page.bytes.toString(), /<!doctype html>/)
  for (const [name, value] of Object.entries(portal.headers)) t.equal(page.headers[name], value, name)
  const app = portal.files.find(file => file.path === 'app.js')
  t.ok(
    app && brotliDecompressSync((await fetched('/app.js', { 'accept-encoding': 'gzip, br' })).bytes).equals(app.bytes),
  )
  t.ok(app && gunzipSync((await fetched('/app.js', { 'accept-encoding': 'gzip' })).bytes).equals(app.bytes))
  t.equal((await fetched('/app.js', { 'if-none-match': String((await fetched('/app.js')).headers.etag) })).status, 304)
})

t.test('serves nothing else', async t => {
  for (const path of ['/package.json', '/../package.json', '/%2e%2e/package.json', '/fonts', '/APP.JS', '//app.js']) {
    const answer = await fetched(path)
    t.equal(answer.status, 404, path)
    t.equal(answer.headers['content-security-policy'], portal.headers['content-security-policy'])
  }
  t.equal((await fetched('/', {}, 'POST')).status, 405)
  const other = await fetched('/', { host: `localhost:${port}` })
  t.equal(other.status, 308, 'under another name the pages would not run')
  t.equal(other.headers.location, `${origin}/`)
  await t.rejects(servePortal({ portal, origin, listen }), { code: 'port-taken' })
})

t.test('over TLS', async t => {
  const at = `https://127.0.0.1:${tlsPort}`
  const tls = {
    certificate: readFileSync(layout.host.certificate, 'utf8'),
    key: readFileSync(join(layout.host.keys, 'tls.key.pem'), 'utf8'),
  }
  const secure = await buildPortal({ anchors, origin: at })
  const server = await servePortal({ portal: secure, origin: at, listen: { ...listen, port: tlsPort }, tls })
  t.teardown(() => server.close())
  const ca = readFileSync(join(layout.servers, 'root.pem'))
  const hsts = await new Promise(resolve =>
    getSecure(`${at}/`, { ca, agent: false }, response => {
      response.resume()
      resolve(response.headers['strict-transport-security'])
    }),
  )
  t.match(hsts, /max-age/)
  const authority = join(layout.servers, 'root.pem')
  t.match(
    await run(
      verify,
      at,
      '--anchors',
      layout.anchors,
      '--authority',
      authority,
      '--hash',
      secure.hash,
      '--without-log',
    ),
    {
      hash: secure.hash,
    },
  )
})

t.test('coffre portal verify: the same pages, or what differs', async t => {
  await t.rejects(run(verify, origin, '--anchors', layout.anchors, '--hash', 'x'), { code: 'portal-hash' })

  const [other = 0] = await freePorts(1)
  const at = `http://127.0.0.1:${other}`
  const honest = await buildPortal({ anchors, origin: at })
  const evil = honest.files.map(file =>
    file.path === 'app.js' ? { ...file, bytes: Buffer.concat([file.bytes, Buffer.from('//')]) } : file,
  )
  const headers = { ...honest.headers, 'content-security-policy': "default-src 'self'" }
  const server = await servePortal({
    portal: { ...honest, files: evil, headers },
    origin: at,
    listen: { ...listen, port: other },
  })
  t.teardown(() => server.close())
  lines.length = 0
  await t.rejects(run(verify, at, '--anchors', layout.anchors), { code: 'portal-other' })
  t.match(lines.join('\n'), /\/app\.js: another file/)
  t.match(lines.join('\n'), /header content-security-policy is default-src 'self'/)
  await t.rejects(run(verify, 'dmp.example', '--anchors', layout.anchors), { code: 'usage' })
})

t.test('coffre portal build: files for any server', async t => {
  const out = join(folder, 'portal')
  t.match(await run(write, '--anchors', layout.anchors, '--origin', origin, '--out', out), { hash: portal.hash })
  for (const { path, bytes } of portal.files) t.ok(readFileSync(join(out, path)).equals(bytes), path)
  const { headers, exceptions } = portal
  t.same(JSON.parse(readFileSync(join(out, 'headers.json'), 'utf8')), { headers, exceptions })
  await t.rejects(run(write, '--anchors', layout.anchors, '--origin', origin, '--out', out), { code: 'file-exists' })
})

t.test('coffre portal serve refuses to be seen in the clear', async t => {
  const words = ['--anchors', layout.anchors, '--origin', 'http://dmp.example']
  await t.rejects(run(serve, ...words), /over TLS alone/)
  await t.rejects(run(serve, ...words, '--key', 'k'), /go together/)
})
