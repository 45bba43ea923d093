/** Express with helmet over TLS, and nothing else: what a whole server costs that neither checks a signature nor keeps a log. */
import { generateKeyPairSync, randomBytes, randomUUID, sign, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { type AddressInfo, createServer as createProbe } from 'node:net'
import { join } from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import express from 'express'
import helmet from 'helmet'

/** What it serves under which path, and who it is. */
export interface BareServerOptions {
  readonly cert: string
  readonly key: string
  /** JSON under a path. */
  readonly json: Readonly<Record<string, object>>
  /** What is sent to a path becomes a row, and is answered by JSON once the commit that it shares with others is durable. */
  readonly rows?: { readonly folder: string; readonly answers: Readonly<Record<string, object>> }
  /** JSON under a path once an Ed25519 signature was verified and `row` is durable: what any logged answer costs at least. */
  readonly checked?: {
    readonly folder: string
    readonly row: Uint8Array
    readonly answers: Readonly<Record<string, object>>
  }
}

/** A running bare server. */
export interface BareServer {
  readonly port: number
  stop(): Promise<void>
}

/** Starts it on as many threads as given, all on one port. */
export async function startBareServer(options: BareServerOptions, threads: number): Promise<BareServer> {
  const probe = createProbe().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL(import.meta.url), { workerData: { ...options, port } }),
  )
  await Promise.all(workers.map(worker => once(worker, 'message')))
  return {
    port,
    async stop() {
      await Promise.all(workers.map(worker => worker.terminate()))
    },
  }
}

/** Rows of one thread, in a database of its own: as many to a commit as came in one turn, WAL, `synchronous=FULL`. */
function groupedRows(folder: string): (bytes: Uint8Array) => Promise<void> {
  const database = new Database(join(folder, `${randomUUID()}.sqlite`))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT')
  const insert = database.prepare('INSERT INTO rows (bytes) VALUES (?)')
  const insertAll = database.transaction((all: readonly Uint8Array[]) => {
    for (const bytes of all) insert.run(bytes)
  })
  let waiting: { bytes: Uint8Array; done: () => void }[] = []
  return bytes =>
    new Promise(done => {
      waiting.push({ bytes, done })
      if (waiting.length > 1) return
      setImmediate(() => {
        const batch = waiting
        waiting = []
        insertAll(batch.map(each => each.bytes))
        for (const each of batch) each.done()
      })
    })
}

/** Verifies the same signature each time it is called, over as many bytes as a request signs. */
function verification(): () => boolean {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const base = randomBytes(700)
  const signature = sign(null, base, privateKey)
  return () => verify(null, base, publicKey, signature)
}

if (!isMainThread && workerData?.port !== undefined) {
  const { cert, key, json, rows, checked, port } = workerData as BareServerOptions & { port: number }
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(helmet())
  for (const [path, value] of Object.entries(json)) app.get(path, (_, response) => void response.json(value))
  if (checked !== undefined) {
    const save = groupedRows(checked.folder)
    const isSigned = verification()
    for (const [path, answer] of Object.entries(checked.answers)) {
      app.get(path, async (_, response) => {
        if (!isSigned()) throw new TypeError('The signature does not hold')
        await save(checked.row)
        response.json(answer)
      })
    }
  }
  if (rows !== undefined) {
    const save = groupedRows(rows.folder)
    app.use(express.raw({ type: () => true, limit: '1mb' }))
    for (const [path, answer] of Object.entries(rows.answers)) {
      app.all(path, async (request, response) => {
        await save(request.body)
        response.json(answer)
      })
    }
  }
  // Five seconds, the platform's own, pass while the other side is measured: the next load would find its connections closed.
  const server = createServer({ cert, key, minVersion: 'TLSv1.3', keepAliveTimeout: 120_000 }, app)
  server.listen({ port, host: '127.0.0.1', reusePort: true }, () => parentPort?.postMessage('ready'))
}
