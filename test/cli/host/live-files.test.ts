import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import t from 'tap'
import { ensureServer, ensureServerAuthority } from '../../../src/dev/authorities.ts'
import { chainPem, makeCard, makeCardAuthority, makeCrl, validityOf } from '../../../src/dev/certificates.ts'
import { OTHER_DOCTOR } from '../../../src/dev/people.ts'
import { send, startTestHost } from '../../fixtures/host.ts'
import { enrolled } from '../../fixtures/practitioner.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

// A host with a thread that answers, whose operator replaces files while it serves.
const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'), { workers: 1 })
t.teardown(() => host.stop())
const { layout, anchors, ports } = host.world
const at = new Date()
const files = { certificate: layout.host.certificate, key: join(layout.host.keys, 'tls.key.pem') }

/** What a new connection is shown. */
const shown = () =>
  new Promise<string>((resolve, reject) => {
    const socket: TLSSocket = connect({ host: '127.0.0.1', port: ports.patients, ca: anchors.serverAuthority }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.once('error', reject)
  })
const until = async (holds: () => Promise<boolean>) => {
  for (let i = 0; i < 200 && !(await holds()); i++) await sleep(25)
  return holds()
}
const said = (message: string) => host.lines.some(line => line.includes(message))

t.test('another certificate: new connections see it, open ones go on', async t => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const overOld = () => send(host, { path: '/v1/health', agent })
  t.equal((await overOld()).status, 200)
  const before = await shown()
  const socket = Object.values(agent.freeSockets).flat()[0] as TLSSocket

  for (const path of Object.values(files)) rmSync(path)
  await ensureServer(files, { authority: await ensureServerAuthority(layout.servers, at), at })
  host.host.reload()
  t.ok(await until(async () => (await shown()) !== before))
  t.equal((await overOld()).status, 200)
  t.equal(Object.values(agent.freeSockets).flat()[0], socket, 'the same connection, not a new one')
})

t.test('a certificate without its key, and a key that others may read, leave the last', async t => {
  const before = await shown()
  const good = readFileSync(files.key)
  rmSync(files.key)
  await ensureServer(
    { certificate: join(folder, 'x.pem'), key: files.key },
    { authority: await ensureServerAuthority(layout.servers, at), at },
  )
  host.host.reload()
  t.ok(said('server certificate not read'))
  t.ok(said('host-tls'))
  await sleep(100)
  t.equal(await shown(), before)
  writeFileSync(files.key, good)
})

t.test('cards of another authority are let in once the anchors name it', async t => {
  const authority = await makeCardAuthority('persons', { at, rootKey: 'p-256' })
  const card = await makeCard(authority, OTHER_DOCTOR, { at })
  const place = join(folder, 'card')
  mkdirSync(place)
  writeFileSync(join(place, 'card.pem'), card.chainPem)
  writeFileSync(join(place, 'card.key.pem'), card.keyPem)
  const health = () =>
    send(host, { path: '/v1/health', listener: 'professionals', card: place }).then(
      ({ status }) => status,
      () => 0,
    )
  t.equal(await health(), 0, 'no handshake')

  const more = { ...anchors, cardAuthorities: [...anchors.cardAuthorities, chainPem(authority.root.certificate)] }
  writeFileSync(layout.anchors, JSON.stringify({ ...more, name: 'Another name' }))
  host.host.reload()
  t.ok(said('anchors not read'), 'only the card authorities change while it runs')
  t.equal(await health(), 0)

  writeFileSync(layout.anchors, JSON.stringify(more))
  for (const [name, issuer] of Object.entries({ root: authority.root, ca: authority.ca })) {
    const crl = await makeCrl(issuer, { validity: validityOf(at, 7) })
    writeFileSync(join(layout.host.crls, `new-${name}.crl`), new Uint8Array(crl.rawData))
  }
  host.host.reload()
  t.ok(await until(async () => (await health()) === 200))
  t.ok((await enrolled(host, { card: place, home: join(folder, 'ws') })).keyStatement, 'and its key statement is taken')

  const revoked = await makeCrl(authority.ca, {
    validity: validityOf(at, 7),
    revoked: [{ certificate: card.certificate, at: new Date(at.getTime() - 60_000) }],
  })
  writeFileSync(join(layout.host.crls, 'new-ca.crl'), new Uint8Array(revoked.rawData))
  host.host.reload()
  const publish = async () => {
    try {
      await enrolled(host, { card: place, home: join(folder, `ws-${Math.random()}`) })
      return 'ok'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  t.ok(await until(async () => (await publish()) === 'certificate-refused'), 'until a list revokes it')
})
