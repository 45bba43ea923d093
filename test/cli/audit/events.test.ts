import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import Database from 'better-sqlite3'
import t from 'tap'
import { main } from '../../../src/cli/main.ts'
import { chainPem, issueServer, makeServerAuthority, validityOf } from '../../../src/dev/certificates.ts'
import { actCases } from '../../fixtures/acts.ts'
import { testFolder } from '../../fixtures/test-folder.ts'
import { dicomProblems } from '../../log/events/dicom.ts'

const folder = testFolder(t)
const store = join(folder, 'store')
const anchors = join(folder, 'anchors.json')

/** A store of entries alone: as many as fill several reads. */
const cases = actCases()
const entries = Array.from({ length: 1300 }, (_, i) => cases[i % cases.length]?.entry)
mkdirSync(store)
const database = new Database(join(store, 'store.sqlite'))
database.exec(`CREATE TABLE entries (seq INTEGER PRIMARY KEY, chain TEXT, n INTEGER, hash TEXT, link TEXT, event TEXT);
  CREATE TABLE audit_keys (hash TEXT, statement TEXT)`)
const insert = database.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)')
database.transaction(() => {
  for (const [seq, entry] of entries.entries()) {
    if (entry === undefined) continue
    insert.run(seq, entry.parsed.link.record, seq, entry.hash, entry.link, entry.event)
  }
})()
database.close()
writeFileSync(anchors, JSON.stringify(anchorsOf()))

function anchorsOf() {
  const key = 'A'.repeat(43)
  return {
    ...{ v: 1, deployment: 'DXlcFk8hUPcenrBblB-Tnw', name: 'DMP', development: true, serverAuthority: '', policy: '' },
    urls: { patients: 'https://host.example:8443', professionals: 'https://pro.host.example' },
    ...{ hostKey: key, insurerKey: key, cardAuthorities: [''], origin: 'host.example/log/x' },
  }
}

async function events(...words: string[]) {
  let out = ''
  let err = ''
  const code = await main(['audit', 'events', store, '--anchors', anchors, ...words], {
    stdout: { write: text => (out += text) },
    stderr: { write: text => (err += text) },
  })
  return { code, out, err }
}

/** Reads frames with octet counting until the sender is done. */
function collector() {
  const messages: string[] = []
  let closed = Promise.resolve()
  const take = (socket: Socket) => {
    let waiting = Buffer.alloc(0)
    closed = once(socket, 'close').then(() => {})
    socket.on('data', (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes])
      for (;;) {
        const space = waiting.indexOf(0x20)
        const length = Number(waiting.subarray(0, space).toString())
        if (space < 0 || waiting.length < space + 1 + length) break
        messages.push(waiting.subarray(space + 1, space + 1 + length).toString())
        waiting = waiting.subarray(space + 1 + length)
      }
    })
    socket.on('error', () => {})
  }
  return { messages, take, done: () => closed }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('a line an entry, or one bundle, or messages in a file', async t => {
  const lines = join(folder, 'events.ndjson')
  const { code, out, err } = await events('--out', lines)
  t.same([code, err], [0, ''])
  t.match(out, /^1300 events; go on with --from 1300$/m)
  const resources = readFileSync(lines, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
  t.equal(resources.length, 1300)
  t.ok(resources.every(({ resourceType }) => resourceType === 'AuditEvent'))

  const bundle = join(folder, 'events.json')
  t.equal((await events('--out', bundle, '--as', 'bundle', '--from', '10', '--to', '13')).code, 0)
  const { type, entry } = JSON.parse(readFileSync(bundle, 'utf8')) as { type: string; entry: { resource: object }[] }
  t.same([type, entry.map(({ resource }) => resource)], ['collection', resources.slice(10, 13)])

  const atna = join(folder, 'events.log')
  t.equal((await events('--out', atna, '--as', 'atna', '--to', '100')).code, 0)
  const messages = readFileSync(atna, 'utf8').split('\n').slice(0, -1)
  t.equal(messages.length, 100)
  t.same(
    messages.flatMap(message => dicomProblems(message.replace(/^.* - (?=<\?xml)/, ''))),
    [],
  )
})

t.test('an empty stretch is an empty bundle, a record’s entries alone', async t => {
  const empty = join(folder, 'empty.json')
  t.equal((await events('--out', empty, '--as', 'bundle', '--from', '1300')).code, 0)
  t.same(JSON.parse(readFileSync(empty, 'utf8')).entry, [])
  const one = join(folder, 'one.ndjson')
  const { out } = await events('--out', one, '--record', 'SnwiRt35k_df-5G5vShI0g', '--to', '200')
  const count = entries.slice(0, 200).filter(entry => entry?.parsed.link.record !== 'system').length
  t.match(out, `${count} events; go on with --from 200`)
})

t.test('a collector over TCP gets every message, framed, in order', async t => {
  const server = createServer()
  const { messages, take, done } = collector()
  server.on('connection', take)
  const port = await listening(server)
  const { code, err } = await events('--syslog', `tcp://127.0.0.1:${port}`)
  t.same([code, err], [0, ''])
  await done()
  t.equal(messages.length, 1300)
  t.ok(messages.every((message, i) => message.startsWith('<85>1 ') && message.includes(entries[i]?.hash ?? '-')))
})

t.test('over TLS only to a collector whose certificate holds', async t => {
  const at = new Date()
  const authority = await makeServerAuthority({ at })
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const cert = chainPem(await issueServer(authority, keys.publicKey, validityOf(at, 1)))
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const label = 'PRIVATE KEY'
  const server = createTlsServer({ cert, key: `-----BEGIN ${label}-----\n${pkcs8}\n-----END ${label}-----\n` })
  const { messages, take, done } = collector()
  server.on('secureConnection', take)
  server.on('tlsClientError', () => {})
  const port = await listening(server)
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, chainPem(authority.certificate))
  const url = `tls://localhost:${port}`
  const refused = await events('--syslog', url, '--to', '5')
  t.equal(refused.code, 6)
  t.equal(messages.length, 0, 'nothing left for somebody unknown')
  const good = await events('--syslog', url, '--syslog-authority', ca, '--to', '5')
  t.same([good.code, good.err], [0, ''])
  await done()
  t.equal(messages.length, 5)
})

t.test('over UDP a datagram a message', async t => {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => void socket.close())
  const got: string[] = []
  const all = new Promise<void>(resolve =>
    socket.on('message', message => {
      got.push(message.toString())
      if (got.length === 3) resolve()
    }),
  )
  t.equal((await events('--syslog', `udp://127.0.0.1:${socket.address().port}`, '--to', '3')).code, 0)
  await all
  t.ok(got.every(message => message.startsWith('<85>1 ')))
})

t.test('a collector that goes away is told, with where to go on', async t => {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => socket.resetAndDestroy())
  })
  const port = await listening(server)
  const { code, out, err } = await events('--syslog', `tcp://127.0.0.1:${port}`)
  t.equal(code, 6)
  t.match(out, /^Stopped at entry \d+: go on with --from \d+$/m)
  t.match(err, /tcp:\/\/127\.0\.0\.1/)
  await new Promise(resolve => server.close(resolve))
  t.equal((await events('--syslog', `tcp://127.0.0.1:${port}`)).code, 6, 'nobody there')
})

t.test('what cannot be obeyed is said', async t => {
  for (const words of [
    [],
    ['--out', join(folder, 'a'), '--syslog', 'tcp://127.0.0.1:1'],
    ['--out', join(folder, 'a'), '--as', 'xml'],
    ['--out', join(folder, 'none', 'a')],
    ['--syslog', 'http://127.0.0.1:1'],
    ['--out', join(folder, 'a'), '--from', '-1'],
  ]) {
    t.equal((await events(...words)).code, 2, words.join(' '))
  }
  t.notOk(existsSync(join(folder, 'a')))
})

t.test('an entry that cannot be read is counted, not passed over in silence', async t => {
  const broken = new Database(join(store, 'store.sqlite'))
  broken.prepare("UPDATE entries SET event = '' WHERE seq = 7").run()
  broken.close()
  const { code, out } = await events('--out', join(folder, 'broken.ndjson'), '--to', '10')
  t.equal(code, 10)
  t.match(out, /9 events; go on with --from 10\n1 entries cannot be read/)
})
