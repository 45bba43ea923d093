/** A host in a process of its own, with one record and a doctor who may read and deposit in it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { giveGrant } from '../../src/client/patient/grants.ts'
import { openAccess } from '../../src/client/professional/access.ts'
import { depositDocument } from '../../src/client/professional/deposit.ts'
import { requestAccess } from '../../src/client/professional/request.ts'
import { newNonce, signRequest } from '../../src/crypto/httpsig.ts'
import { DOCTOR } from '../../src/dev/people.ts'
import { formatSeen, NOTHING_SEEN } from '../../src/log/seen.ts'
import { NationalId } from '../../src/protocol/ids.ts'
import { manifestFor } from '../../test/fixtures/document.ts'
import { makeHostProcess } from '../../test/fixtures/host-process.ts'
import { activePatient, insOf } from '../../test/fixtures/patient.ts'
import { connect, signedIn } from '../../test/fixtures/professional.ts'

/** Bytes of each document's content. */
const DOCUMENT_SIZE = 4096

/** What loads need of it. */
export interface ServedRecord {
  /** The host's folder: its certificate and keys. */
  readonly host: string
  /** How to connect as the doctor. */
  readonly tls: ConnectionOptions
  /** `/v1/records/{record}` of documents that are there. */
  readonly documents: readonly string[]
  /** A signed request as it goes over the wire; made shortly before it is sent. */
  request(method: string, path: string, body?: Uint8Array): Uint8Array
  stop(): Promise<void>
}

/** Starts it and deposits `count` documents. */
export async function serveRecord(count: number): Promise<ServedRecord> {
  const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-host-'))
  const host = await makeHostProcess(folder)
  await host.start()
  const { client, world } = host
  const patient = await activePatient(client, { folder: join(folder, 'p'), ins: insOf('1'), mail: 'p@test.invalid' })
  const session = await signedIn(client, patient)
  const doctor = await connect(client, 'doctor', join(folder, 'd'))
  await requestAccess(doctor, patient.ins)
  await giveGrant(session, { nationalId: NationalId.parse(DOCTOR.id) })
  const access = await openAccess(doctor, patient.recordId)
  const documents: string[] = []
  for (let i = 0; i < count; i++) {
    const content = () => [new Uint8Array(DOCUMENT_SIZE).fill(i)]
    const manifest = manifestFor(DOCUMENT_SIZE)
    const { documentId } = await depositDocument(doctor, { access, compartment: 'imaging', manifest, content })
    documents.push(`/v1/records/${patient.recordId}/documents/${documentId}`)
  }
  const url = new URL(world.anchors.urls.professionals)
  const signer = { keyId: `key:${doctor.keys.keyStatement}`, key: doctor.keys.signKey }
  const { cards } = world.layout
  return {
    host: world.layout.host.folder,
    tls: {
      host: url.hostname,
      port: Number(url.port),
      ca: world.anchors.serverAuthority,
      cert: readFileSync(join(cards.doctor, 'card.pem')),
      key: readFileSync(join(cards.doctor, 'card.key.pem')),
      passphrase: '1234',
    },
    documents,
    request(method, path, body = new Uint8Array()) {
      const headers = { 'coffre-seen': formatSeen(NOTHING_SEEN) }
      const target = { method, authority: url.host, path, query: '', headers, body }
      const signed = signRequest(target, { ...signer, created: Math.floor(Date.now() / 1000), nonce: newNonce() })
      return wireRequest(method, path, { host: url.host, ...headers, ...signed }, body)
    },
    async stop() {
      await Promise.all([doctor.close(), session.close()])
      await host.kill()
      await host.mail.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A request as bytes. */
export function wireRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array = new Uint8Array(),
): Uint8Array {
  const length = body.length === 0 ? {} : { 'content-length': String(body.length) }
  const fields = Object.entries({ ...headers, ...length }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${fields.join('')}\r\n`, 'latin1'), body])
}
