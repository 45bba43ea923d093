import { once } from 'node:events'
import { connect, createServer, type TLSSocket } from 'node:tls'
import t from 'tap'
import { CardGate } from '../../src/api/cards.ts'
import { type Crl, parseCertificate, parseCrl } from '../../src/crypto/x509.ts'
import {
  issueServer,
  LIFETIME_DAYS,
  makeCard,
  makeCardAuthority,
  makeCrl,
  makeServerAuthority,
  validityOf,
} from '../../src/dev/certificates.ts'
import { keyPem, makeKeys } from '../../src/dev/key-pairs.ts'
import { DOCTOR } from '../../src/dev/people.ts'

const at = new Date()
const authority = await makeCardAuthority('persons', { at, rootKey: 'rsa-2048' })
const card = await makeCard(authority, DOCTOR, { at })
const week = validityOf(at, LIFETIME_DAYS.crl)
const der = (made: { rawData: ArrayBuffer }) => new Uint8Array(made.rawData)
const rootList = parseCrl(der(await makeCrl(authority.root, { validity: week })))
const clean = parseCrl(der(await makeCrl(authority.ca, { validity: week })))
const revoked = [{ certificate: card.certificate, at }]
const dirty = parseCrl(der(await makeCrl(authority.ca, { validity: week, revoked })))

/** A connection that shows the card, as the host's side has it. */
async function connection(t: { teardown(done: () => void): void }): Promise<TLSSocket> {
  const servers = await makeServerAuthority({ at })
  const keys = await makeKeys('p-256')
  const certificate = await issueServer(servers, keys.publicKey, validityOf(at, 1))
  const server = createServer({
    cert: certificate.toString('pem'),
    key: await keyPem(keys.privateKey),
    ca: authority.root.certificate.toString('pem'),
    requestCert: true,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({
    host: '127.0.0.1',
    port: (server.address() as { port: number }).port,
    ca: servers.certificate.toString('pem'),
    cert: card.chainPem,
    key: card.keyPem,
    passphrase: card.pin,
  })
  const [socket] = (await once(server, 'secureConnection')) as [TLSSocket]
  t.teardown(() => {
    client.destroy()
    socket.destroy()
    server.close()
  })
  return socket
}

t.test('who holds the card, asked again after a minute', async t => {
  const socket = await connection(t)
  let now = at.getTime()
  let crls: Crl[] = [rootList, clean]
  const anchors = [parseCertificate(der(authority.root.certificate))]
  const gate = new CardGate({ trust: () => ({ cardAuthorities: anchors, crls }), clock: () => new Date(now) })
  t.match(await gate.holderOf(socket), { kind: 'professional', id: DOCTOR.id })

  crls = [rootList, dirty]
  now += 59_000
  t.match(await gate.holderOf(socket), { id: DOCTOR.id }, 'checked less than a minute ago')
  now += 2_000
  await t.rejects(gate.holderOf(socket), { code: 'certificate-refused', message: /revoked/ }, 'revoked meanwhile')

  now += 61_000
  crls = [rootList]
  await t.rejects(gate.holderOf(socket), { code: 'certificate-refused', message: /missing/ })
  now += 8 * 24 * 3600_000
  crls = [rootList, clean]
  await t.rejects(gate.holderOf(socket), { code: 'certificate-refused', message: /out of date/ })
})

t.test('a card of an authority that is not an anchor', async t => {
  const socket = await connection(t)
  const other = await makeCardAuthority('persons', { at, rootKey: 'rsa-2048' })
  const anchors = [parseCertificate(der(other.root.certificate))]
  const gate = new CardGate({ trust: () => ({ cardAuthorities: anchors, crls: [rootList, clean] }), clock: () => at })
  await t.rejects(gate.holderOf(socket), { code: 'certificate-refused', message: /not trusted/ })
})
