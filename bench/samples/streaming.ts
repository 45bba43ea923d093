/**
 * One act over 2 GiB in a process of its own, as a command does one: how far its resident memory rises above what it has
 * when everything is loaded and a small document went through. `stream-memory` starts it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { openBody } from '../../src/client/document/body.ts'
import { Checks } from '../../src/client/document/checks.ts'
import type { Crew } from '../../src/client/document/crew.ts'
import { startCrew } from '../../src/client/document/crew-node.ts'
import { inParts, type Upload, uploadBody } from '../../src/client/document/upload.ts'
import { Host } from '../../src/client/http.ts'
import { envelopeInfo } from '../../src/client/infos.ts'
import { concat, fromBase64url, toBase64url } from '../../src/crypto/bytes.ts'
import { DocumentKey } from '../../src/crypto/keys.ts'
import { open as openSeal } from '../../src/crypto/seal.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { BlockTree } from '../../src/log/block-tree.ts'
import { peek } from '../../src/log/verified.ts'
import type { Anchors } from '../../src/protocol/anchors.ts'
import { PART_SIZE } from '../../src/protocol/messages.ts'
import type { StoredDocument } from '../../src/protocol/record.ts'
import { Deposit, StatementTyp } from '../../src/protocol/statements.ts'
import { AT, newId } from '../../test/fixtures/document.ts'
import { contentOf, drain, household, MIB } from './bodies.ts'
import { filePieces } from './file-pieces.ts'

/** `prepare` writes a sealed document into the folder, for `open`; `threads` starts as many as given, idle. */
export type Act = 'prepare' | 'seal' | 'send' | 'open' | 'threads'

/** What the process is told by its arguments. */
export interface Streaming {
  readonly act: Act
  /** Of the content, in bytes. */
  readonly size: number
  /** That seal and open, this one among them. */
  readonly threads: number
  readonly folder: string
  readonly anchors: Anchors | null
}

/** Milliseconds between two looks at resident memory. */
const LOOK = 5

const { act, size, threads, folder, anchors } = JSON.parse(process.argv[2] ?? '') as Streaming

type Work = { readonly work?: Crew }

/** Seals and sends, as a deposit does. */
async function send(host: Host, size: number, work: Work, look: () => void): Promise<void> {
  const { sealer, target } = await household(size)
  const upload: Upload = {
    recordId: sealer.place.recordId,
    compartment: target.compartment,
    length: sealer.bodyLength,
    body: sealer.body(contentOf(size), { areLent: true, ...work }),
    progress: look,
  }
  await uploadBody(host, { signer: { keyId: newId<string>(), key: SigningKey.generate() } }, upload)
}

/** Seals into a file, and writes down what opens it when its deposit was checked. */
async function prepare(name: string, size: number): Promise<void> {
  const { sealer, reader, target, author } = await household(size)
  const tree = new BlockTree()
  const file = await open(join(folder, name), 'w')
  for await (const part of sealer.body(contentOf(size), { areLent: true })) {
    tree.update(part)
    await file.writeFile(part)
  }
  await file.close()
  const { deposit, envelope } = await sealer.finish(target, author, AT)
  const payload = peek(deposit, { typ: StatementTyp.deposit, schema: Deposit })
  const info = envelopeInfo({
    ...sealer.place,
    compartmentId: target.compartment,
    epoch: target.epoch,
    epochPublicKey: target.epochKey.bytes,
    commitment: fromBase64url(payload.commitment),
  })
  const key = toBase64url(openSeal(await reader.epochSecret(target.compartment, target.epoch), info, envelope))
  const blocks = toBase64url(concat(...tree.digest().leaves))
  const written = { place: sealer.place, payload, key, manifest: { size }, blocks }
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(written))
}

/** Checks and opens the body, as the last step of a reading does. */
async function* opened(name: string, work: Work): AsyncGenerator<Uint8Array> {
  const { key, ...body } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  const documentKey = DocumentKey.parse(fromBase64url(key))
  const checks = new Checks({} as StoredDocument, body.place.documentId) // looked at only to refuse
  yield* openBody(checks, { ...body, documentKey }, filePieces(join(folder, name)), { areLent: true, ...work })
}

async function looked(stream: AsyncIterable<Uint8Array>, look: () => void): Promise<void> {
  for await (const _ of stream) look()
}

const host = anchors === null ? null : new Host({ anchors, listener: 'professionals' })

/** Does the act with a content of `size` bytes; `small`: to load what it needs. */
async function play(size: number, name: 'small' | 'large', look: () => void): Promise<void> {
  using crew = name === 'small' ? undefined : startCrew(size, threads)
  const work = crew === undefined ? {} : { work: crew }
  if (act === 'seal') {
    const { sealer } = await household(size)
    await looked(inParts(sealer.body(contentOf(size), { areLent: true, ...work }), PART_SIZE), look)
  } else if (act === 'send' && host !== null) await send(host, size, work, look)
  else if (act === 'open') await looked(opened(name, work), look)
  else if (act === 'threads' && name === 'large') await idleThreads(look)
}

/** Threads that do nothing, whose program is empty. */
async function idleThreads(look: () => void): Promise<void> {
  const text = 'require("node:worker_threads").parentPort.on("message", () => {}).postMessage(null)'
  const workers = Array.from({ length: threads }, () => new Worker(text, { eval: true }))
  await Promise.all(workers.map(worker => new Promise(resolve => worker.once('message', resolve))))
  look()
  await Promise.all(workers.map(worker => worker.terminate()))
}

/** How far resident memory rises above that of the idle process during the act, in MiB. */
async function peak(): Promise<number> {
  await play(MIB, 'small', () => {})
  globalThis.gc?.()
  const idle = process.memoryUsage.rss()
  let peak = 0
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  const looking = setInterval(look, LOOK)
  await play(size, 'large', look)
  clearInterval(looking)
  look()
  return (peak - idle) / MIB
}

if (act === 'prepare') {
  await prepare('small', MIB)
  await prepare('large', size)
  await drain(opened('small', {}))
  process.send?.(0)
} else process.send?.(await peak())
await host?.close()
process.disconnect?.()
