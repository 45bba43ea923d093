/** A host in a process of its own, with one record, a doctor and a clinic who may read and deposit in it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { DocumentSealer } from '../../src/client/document/seal.ts'
import { giveGrant } from '../../src/client/patient/grants.ts'
import { openAccess } from '../../src/client/professional/access.ts'
import type { Connection } from '../../src/client/professional/connection.ts'
import { depositDocument } from '../../src/client/professional/deposit.ts'
import { requestAccess } from '../../src/client/professional/request.ts'
import { randomBytes, toBase64url, utf8 } from '../../src/crypto/bytes.ts'
import { newNonce, signRequest } from '../../src/crypto/httpsig.ts'
import { CLINIC, DOCTOR } from '../../src/dev/people.ts'
import { formatSeen, NOTHING_SEEN } from '../../src/log/seen.ts'
import { DocumentId, NationalId } from '../../src/protocol/ids.ts'
import { collect, manifestFor } from '../../test/fixtures/document.ts'
import { makeHostProcess } from '../../test/fixtures/host-process.ts'
import { activePatient, insOf } from '../../test/fixtures/patient.ts'
import { connect, nurse, signedIn } from '../../test/fixtures/professional.ts'

/** Bytes of each document's content. */
const DOCUMENT_SIZE = 4096

/** A document that is sealed and not yet sent. */
export interface ToDeposit {
  readonly start: { readonly compartment: string; readonly length: number }
  readonly body: Uint8Array
  readonly statements: { readonly deposit: string; readonly manifest: string; readonly envelope: string }
}

/** What loads need of it. */
export interface ServedRecord {
  /** The host's folder: its certificate and keys. */
  readonly host: string
  /** The host's process. */
  readonly pid: number
  /** How to connect as the doctor. */
  readonly tls: ConnectionOptions
  /** How to connect to the patients' listener. */
  readonly patients: { readonly host: string; readonly port: number; readonly ca: string }
  /** `/v1/records/{record}`. */
  readonly record: string
  /** A clinic, whose many people deposit at once. */
  readonly depositor: {
    readonly tls: ConnectionOptions
    readonly request: ServedRecord['request']
    /** Another 4 KiB document, sealed. */
    seal(): Promise<ToDeposit>
  }
  /** Paths of documents that are there. */
  readonly documents: readonly string[]
  /** A signed request as it goes over the wire; made shortly before it is sent. */
  request(method: string, path: string, body?: Uint8Array): Uint8Array
  stop(): Promise<void>
}

/** Starts it and deposits `count` documents. */
export async function serveRecord(count: number, workers = availableParallelism()): Promise<ServedRecord> {
  const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-host-'))
  const host = await makeHostProcess(folder, { workers })
  await host.start()
  const { client, world } = host
  const patient = await activePatient(client, { folder: join(folder, 'p'), ins: insOf('1'), mail: 'p@test.invalid' })
  const session = await signedIn(client, patient)
  const doctor = await connect(client, 'doctor', join(folder, 'd'))
  const clinic = await connect(client, 'clinic', join(folder, 'c'))
  for (const who of [doctor, clinic]) await requestAccess(who, patient.ins)
  await giveGrant(session, { nationalId: NationalId.parse(DOCTOR.id) })
  const rights = new Map([['imaging', ['read', 'deposit'] as const]])
  await giveGrant(session, { nationalId: NationalId.parse(CLINIC.id), rights })
  const access = await openAccess(doctor, patient.recordId)
  const documents: string[] = []
  for (let i = 0; i < count; i++) {
    const content = () => [new Uint8Array(DOCUMENT_SIZE).fill(i)]
    const manifest = manifestFor(DOCUMENT_SIZE)
    const { documentId } = await depositDocument(doctor, { access, compartment: 'imaging', manifest, content })
    documents.push(`/v1/records/${patient.recordId}/documents/${documentId}`)
  }
  const url = new URL(world.anchors.urls.professionals)
  const sign = (who: Connection, acting: Readonly<Record<string, string>>): ServedRecord['request'] => {
    const signer = { keyId: `key:${who.keys.keyStatement}`, key: who.keys.signKey }
    return (method, path, body = new Uint8Array()) => {
      const headers = { 'coffre-seen': formatSeen(NOTHING_SEEN), ...acting }
      const target = { method, authority: url.host, path, query: '', headers, body }
      const signed = signRequest(target, { ...signer, created: Math.floor(Date.now() / 1000), nonce: newNonce() })
      return wireRequest(method, path, { host: url.host, ...headers, ...signed }, body)
    }
  }
  const { cards } = world.layout
  const tls = (card: string): ConnectionOptions => ({
    host: url.hostname,
    port: Number(url.port),
    ca: world.anchors.serverAuthority,
    cert: readFileSync(join(card, 'card.pem')),
    key: readFileSync(join(card, 'card.key.pem')),
    passphrase: '1234',
  })
  const theirs = await openAccess(clinic, patient.recordId)
  const target = theirs.compartments.find(({ name }) => name === 'imaging')
  if (target === undefined) throw new TypeError('The clinic has no grant')
  return {
    host: world.layout.host.folder,
    pid: host.pid,
    patients: {
      host: url.hostname,
      port: Number(new URL(world.anchors.urls.patients).port),
      ca: world.anchors.serverAuthority,
    },
    record: `/v1/records/${patient.recordId}`,
    tls: tls(cards.doctor),
    documents,
    request: sign(doctor, {}),
    depositor: {
      tls: tls(cards.clinic),
      request: sign(clinic, { 'coffre-acting': toBase64url(utf8(JSON.stringify(nurse(client)))) }),
      async seal() {
        const documentId = DocumentId.parse(toBase64url(randomBytes(16)))
        const place = { recordId: patient.recordId, documentId }
        using sealer = new DocumentSealer(place, manifestFor(DOCUMENT_SIZE))
        const body = await collect(sealer.body([new Uint8Array(DOCUMENT_SIZE)]))
        const where = {
          deployment: world.anchors.deployment,
          compartment: target.id,
          epoch: target.epoch,
          epochKey: target.publicKey,
          state: theirs.state.hash,
        }
        const { deposit, manifest, envelope } = await sealer.finish(where, clinic.keys, new Date())
        const statements = { deposit, manifest: toBase64url(manifest), envelope: toBase64url(envelope) }
        return { start: { compartment: target.id, length: body.length }, body, statements }
      },
    },
    async stop() {
      await Promise.all([doctor.close(), clinic.close(), session.close()])
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
