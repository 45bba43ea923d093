import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { connect } from 'node:tls'
import t from 'tap'
import { openLog } from '../../src/api/logging.ts'
import { readHostConfig } from '../../src/cli/host/config.ts'
import { startHost } from '../../src/cli/host/host.ts'
import { type RawAnswer, send, startTestHost } from '../fixtures/host.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const host = await startTestHost(testFolder(t))
t.teardown(() => host.stop())
const { world } = host
const { patients, professionals } = world.ports

const codeOf = ({ json }: RawAnswer): unknown => json?.code

t.test('TLS 1.3 and nothing older', async t => {
  const attempt = (options: object) =>
    new Promise<string>(resolve => {
      const socket = connect({ host: '127.0.0.1', port: patients, ca: world.anchors.serverAuthority, ...options })
      socket.once('secureConnect', () => {
        resolve(socket.getProtocol() ?? '')
        socket.destroy()
      })
      socket.once('error', () => resolve('refused'))
    })
  t.equal(await attempt({}), 'TLSv1.3')
  t.equal(await attempt({ maxVersion: 'TLSv1.2' }), 'refused')
})

t.test('public routes answer on both listeners; the professionals’ one wants a card', async t => {
  const health = await send(host, { path: '/v1/health' })
  t.equal(health.status, 200)
  t.equal(health.json.status, 'ok')
  t.same(health.json.witnesses, [], 'this world’s policy asks for none')
  const anchors = await send(host, { path: '/v1/anchors' })
  t.strictSame(anchors.json, world.anchors)
  t.equal(anchors.headers['access-control-allow-origin'], undefined)
  t.equal(anchors.headers['x-powered-by'], undefined)
  t.ok(anchors.headers['strict-transport-security'])
  t.equal(anchors.headers['ratelimit-policy'], '"read";q=2000;w=5')
  t.match(anchors.headers.ratelimit, /^"read";r=19\d\d;t=\d+$/)

  await t.rejects(send(host, { path: '/v1/health', listener: 'professionals' }), 'no card, no answer')
  const withCard = await send(host, { path: '/v1/health', listener: 'professionals', card: world.layout.cards.doctor })
  t.equal(withCard.status, 200)
  t.notOk(
    host.lines.some(line => line.includes('    at ')),
    'a refused handshake leaves no stack',
  )
})

/** What `openssl s_client` says of a handshake; the request's answer after it. */
function openssl(port: number, ...options: string[]): Promise<string> {
  const words = ['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', join(world.layout.servers, 'root.pem')]
  const child = spawn('openssl', [...words, '-verify_return_error', '-ign_eof', ...options])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', piece => {
      said += piece
    })
  }
  child.stdin.on('error', () => undefined)
  child.stdin.end('GET /v1/health HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n')
  return new Promise(resolve => child.once('close', () => resolve(said)))
}

t.test('as openssl sees both listeners: one version, good ciphers, a card or nothing', async t => {
  const { cards } = world.layout
  const cardOf = (folder: string) => [
    ...['-cert', join(folder, 'card.pem'), '-cert_chain', join(folder, 'card.pem')],
    ...['-key', join(folder, 'card.key.pem'), '-pass', 'pass:1234'],
  ]
  const plain = await openssl(patients)
  t.match(plain, /New, TLSv1\.3, Cipher is TLS_(AES_256_GCM_SHA384|CHACHA20_POLY1305_SHA256|AES_128_GCM_SHA256)/)
  t.match(plain, /Verify return code: 0/)
  t.match(plain, /HTTP\/1\.1 200/)
  const carded = await openssl(professionals, ...cardOf(cards.doctor))
  t.match(carded, /HTTP\/1\.1 200/)
  t.match(carded, /Acceptable client certificate CA names[\s\S]*DEV AC RACINE IGC-SANTE FORT/)

  const refused: Readonly<Record<string, [number, ...string[]]>> = {
    'TLS 1.2': [patients, '-tls1_2'],
    'TLS 1.1': [patients, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'],
    'a cipher without authenticated encryption': [patients, '-ciphersuites', 'TLS_AES_128_CCM_8_SHA256'],
    'another protocol over TLS': [patients, '-alpn', 'h2'],
    'no card': [professionals],
    'TLS 1.2 with a card': [professionals, '-tls1_2', ...cardOf(cards.doctor)],
    'a server’s certificate for a card': [
      ...([professionals, '-cert', world.layout.host.certificate] as const),
      ...['-key', join(world.layout.host.keys, 'tls.key.pem')],
    ],
  }
  for (const [name, [port, ...options]] of Object.entries(refused)) {
    t.notMatch(await openssl(port, ...options), /HTTP\/1\.1/, name)
  }
})

t.test('what is no route is a problem, in the caller’s language', async t => {
  const french = await send(host, { path: '/v1/nothing' })
  t.equal(french.status, 404)
  t.match(french.headers['content-type'], /^application\/problem\+json/)
  t.match(french.json, { type: 'urn:coffre:problem:no-such-route', title: 'Adresse inconnue', code: 'no-such-route' })
  const english = await send(host, { path: '/v1/nothing', headers: { 'accept-language': 'en-GB, fr;q=0.5' } })
  t.equal(english.json.title, 'Unknown address')
  for (const method of ['HEAD', 'DELETE', 'OPTIONS', 'PATCH']) {
    const answer = await send(host, { path: '/v1/health', method })
    t.equal(answer.status, 404, method)
  }
  t.equal(codeOf(await send(host, { path: '/v1/health/' })), 'no-such-route')
  t.equal(codeOf(await send(host, { path: '/V1/health' })), 'no-such-route')
  t.equal(codeOf(await send(host, { path: '/v1/keys', body: {} })), 'no-such-route', 'keys are for the other listener')
  t.equal(codeOf(await send(host, { path: '/v1/%E0%A4%A' })), 'no-such-route')
})

t.test('the log: a checkpoint and tiles, with their types and lifetimes', async t => {
  let checkpoint = await send(host, { path: '/log/checkpoint' })
  for (let i = 0; i < 100 && checkpoint.status !== 200; i++) {
    await new Promise(resolve => setTimeout(resolve, 50))
    checkpoint = await send(host, { path: '/log/checkpoint' })
  }
  t.equal(checkpoint.headers['content-type'], 'text/plain; charset=utf-8')
  t.equal(checkpoint.headers['cache-control'], 'no-cache')
  const size = Number(checkpoint.bytes.toString().split('\n')[1])
  t.ok(size >= 1)
  const tile = await send(host, { path: `/log/tile/0/000.p/${size}` })
  t.equal(tile.status, 200)
  t.equal(tile.bytes.length, size * 32)
  t.equal(tile.headers['content-type'], 'application/octet-stream')
  t.equal(tile.headers['cache-control'], 'public, max-age=31536000, immutable')
  const bundle = await send(host, { path: `/log/tile/entries/000.p/${size}` })
  t.equal(bundle.bytes.length, size * 34, 'a length of two bytes and a hash, each')
  t.equal(bundle.headers['content-type'], 'application/octet-stream')
  t.equal(bundle.headers['cache-control'], 'public, max-age=31536000, immutable')
  for (const path of ['0/000.p/0', `0/000.p/0${size}`, '00/000', '64/000', '0/000/000', '0/x000', '0/1', 'data/000']) {
    t.equal(codeOf(await send(host, { path: `/log/tile/${path}` })), 'no-such-route', path)
  }
  t.equal(codeOf(await send(host, { path: '/log/tile/0/999' })), 'no-such-route')
  t.equal(codeOf(await send(host, { path: '/log/tile/0/..%2f..%2fstore.sqlite' })), 'no-such-route')
})

t.test('a taken port is said so, and nothing is left running', async t => {
  const config = readHostConfig(world.layout.host.config)
  const log = openLog({ sink: { write: () => {} } })
  const second = { ...config, store: testFolder(t) }
  await t.rejects(startHost({ config: second, clock: () => new Date(), log }), {
    code: 'port-taken',
    message: new RegExp(`${patients}.*--patients-port`),
  })
  await t.rejects(startHost({ config: second, clock: () => new Date(), log, ports: { patients: 0 } }), {
    code: 'port-taken',
    message: new RegExp(`${professionals}.*--professionals-port`),
  })
})
