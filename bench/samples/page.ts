/**
 * What the figures' page of Chromium runs, in its workers too: each worker seals and opens a body of its own, through
 * the functions of the bundled SDK, and raw libsodium over the same chunks.
 */
import sodium from 'libsodium-wrappers'
import type { BlockWork } from '../../src/client/document/block-work.ts'
import { openBody } from '../../src/client/document/body.ts'
import { Checks } from '../../src/client/document/checks.ts'
import type { Crew } from '../../src/client/document/crew.ts'
import { crewOfWorkers, serveCrew } from '../../src/client/document/crew-page.ts'
import { DocumentSealer } from '../../src/client/document/seal.ts'
import { envelopeInfo } from '../../src/client/infos.ts'
import { concat, fromBase64url, randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { CHUNK_LENGTH } from '../../src/crypto/chunks.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { DocumentKey, SealSecretKey } from '../../src/crypto/keys.ts'
import { open } from '../../src/crypto/seal.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { BlockTree } from '../../src/log/block-tree.ts'
import { peek } from '../../src/log/verified.ts'
import type { CompartmentId, DeploymentId, DocumentId, Hash, RecordId } from '../../src/protocol/ids.ts'
import { Deposit, StatementTyp } from '../../src/protocol/statements.ts'
import { bareList } from './bare-list.ts'

/** What a worker does when it is told to. */
export type Work = 'seal' | 'open' | 'raw seal' | 'raw open' | 'bare list'

const MIB = 2 ** 20
/** Of the record that `open-1000` lists. */
const DOCUMENTS = 1000
const ARRIVING = 64 * 1024
const AT = new Date('2026-11-24T08:00:00.000Z')
const piece = concat(...Array.from({ length: 16 }, () => randomBytes(ARRIVING))) // a browser gives 64 KiB at a time
const newId = <T>() => toBase64url(randomBytes(16)) as T

function* contentOf(size: number): Generator<Uint8Array> {
  for (let left = size; left > 0; left -= MIB) yield piece.subarray(0, Math.min(left, MIB))
}

/** Lent: a page writes each piece down, or puts it together, at once. */
const optionsOf = (work?: BlockWork) => ({ areLent: true, ...(work && { work }) })

async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of stream);
}

function sealerFor(size: number): DocumentSealer {
  return new DocumentSealer({ recordId: newId<RecordId>(), documentId: newId<DocumentId>() }, {
    title: 'Scanner thoracique',
    type: { code: '18748-4', system: '2.16.840.1.113883.6.1' },
    kind: 'imaging',
    mimeType: 'application/pdf',
    size,
    date: '2026-11-24',
    author: { name: 'Claire LEROY', role: 'Médecin' },
    patientAgreed: true,
    discussedWith: false,
  } as ConstructorParameters<typeof DocumentSealer>[1])
}

/** Seals a body and gives what opens it, block by block against its deposit, as the last step of `openDocument` does. */
async function sealedBody(size: number): Promise<(work?: BlockWork) => AsyncIterable<Uint8Array>> {
  const sealer = sealerFor(size)
  const tree = new BlockTree()
  const pieces: Uint8Array[] = []
  for await (const part of sealer.body(contentOf(size))) {
    tree.update(part)
    // about as they arrive
    for (let at = 0; at < part.length; at += ARRIVING) pieces.push(part.subarray(at, at + ARRIVING))
  }
  const secret = SealSecretKey.generate()
  const target = {
    deployment: newId<DeploymentId>(),
    compartment: newId<CompartmentId>(),
    epoch: 1,
    epochKey: secret.publicKey,
    state: toBase64url(sha256(new Uint8Array(1))) as Hash,
  }
  const author = { keyStatement: target.state, signKey: SigningKey.generate() }
  const { deposit, envelope, manifest } = await sealer.finish(target, author, AT)
  const payload = peek(deposit, { typ: StatementTyp.deposit, schema: Deposit })
  const info = envelopeInfo({
    ...sealer.place,
    compartmentId: target.compartment,
    epoch: 1,
    epochPublicKey: secret.publicKey.bytes,
    commitment: fromBase64url(payload.commitment),
  })
  const documentKey = DocumentKey.parse(open(secret, info, envelope))
  const stored = {
    deposit,
    manifest: toBase64url(manifest),
    envelope: toBase64url(envelope),
    placement: null,
    compartment: target.compartment,
  }
  const blocks = toBase64url(concat(...tree.digest().leaves))
  const body = { place: sealer.place, payload, documentKey, manifest: { size }, blocks }
  const checks = new Checks(stored, sealer.place.documentId)
  return work => openBody(checks, body as Parameters<typeof openBody>[1], pieces, optionsOf(work))
}

const key = new Uint8Array(32)
const nonce = new Uint8Array(12)

function rawSeal(size: number): void {
  for (const content of contentOf(size)) {
    for (let at = 0; at < content.length; at += CHUNK_LENGTH) {
      const chunk = content.subarray(at, at + CHUNK_LENGTH)
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(chunk, null, null, nonce, key)
    }
  }
}

function rawOpen(chunks: readonly Uint8Array[], size: number): void {
  for (let done = 0, at = 0; done < size; at = (at + 1) % chunks.length) {
    const sealed = chunks[at] as Uint8Array
    done += sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, null, nonce, key).length
  }
}

async function works(size: number): Promise<Record<Work, () => unknown>> {
  await sodium.ready
  const opened = await sealedBody(size)
  const chunks = Array.from({ length: MIB / CHUNK_LENGTH }, (_, at) =>
    sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
      piece.subarray(at * CHUNK_LENGTH, (at + 1) * CHUNK_LENGTH),
      null,
      null,
      nonce,
      key,
    ),
  )
  return {
    seal: () => drain(sealerFor(size).body(contentOf(size), optionsOf())),
    open: () => drain(opened()),
    'raw seal': () => rawSeal(size),
    'raw open': () => rawOpen(chunks, size),
    'bare list': bareList(DOCUMENTS),
  }
}

const workers: Worker[] = []

function answerOf(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<string | null>) => (data === null ? resolve() : reject(new Error(data)))
    worker.onerror = event => reject(new Error(`The worker could not run: ${event.message}`))
  })
}

async function startWorker(name: 'body' | 'crew'): Promise<Worker> {
  const worker = new Worker('/x.js', { type: 'module', name })
  await answerOf(worker) // its modules are there: what is sent to it before is lost
  return worker
}

/** One body, twice as large, that two workers share out. */
interface Shared {
  readonly crew: Crew
  readonly size: number
  readonly opened: Awaited<ReturnType<typeof sealedBody>>
}
let shared: Shared | null = null

/** What the figures call, as `globalThis.coffre` of the page. */
const page = {
  /** Starts that many workers, each with a body of `size` bytes of its own. */
  async prepare(count: number, size: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const worker = await startWorker('body')
      workers.push(worker)
      const ready = answerOf(worker)
      worker.postMessage({ size })
      await ready
    }
    const crew = crewOfWorkers([await startWorker('crew'), await startWorker('crew')])
    shared = { crew, size: 2 * size, opened: await sealedBody(2 * size) }
  },
  /** Milliseconds until two workers together have done it with one body of twice the size. */
  async measureShared(work: 'seal' | 'open'): Promise<number> {
    if (shared === null) throw new TypeError('prepare comes first')
    const { crew, size, opened } = shared
    const began = performance.now()
    await drain(work === 'seal' ? sealerFor(size).body(contentOf(size), optionsOf(crew)) : opened(crew))
    return performance.now() - began
  },
  /** Milliseconds until the first `count` workers, all at once, have done it. */
  async measure(work: Work, count: number): Promise<number> {
    const began = performance.now()
    const busy = workers.slice(0, count).map(worker => {
      const done = answerOf(worker)
      worker.postMessage({ work })
      return done
    })
    await Promise.all(busy)
    return performance.now() - began
  },
}

export type Page = typeof page

if ('document' in globalThis) Object.assign(globalThis, { coffre: page })
else if ((globalThis as { name?: string }).name === 'crew') {
  serveCrew(globalThis as never)
  postMessage(null)
} else {
  let prepared: Record<Work, () => unknown> | null = null
  addEventListener('message', async ({ data }: MessageEvent<{ size: number } | { work: Work }>) => {
    try {
      if ('size' in data) prepared = await works(data.size)
      else await prepared?.[data.work]()
      postMessage(null)
    } catch (error) {
      postMessage(error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
  })
  postMessage(null)
}
