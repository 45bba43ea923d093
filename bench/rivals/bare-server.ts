/** Express with helmet over TLS, and nothing else: what a whole server costs that neither checks a signature nor keeps a log. */
import { once } from 'node:events'
import { createServer } from 'node:https'
import { type AddressInfo, createServer as createProbe } from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import express from 'express'
import helmet from 'helmet'

/** What it serves under which path, and who it is. */
export interface BareServerOptions {
  readonly cert: string
  readonly key: string
  /** JSON under a path. */
  readonly json: Readonly<Record<string, object>>
  /** Octets under a path. */
  readonly octets: Readonly<Record<string, Uint8Array>>
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

if (!isMainThread && workerData?.port !== undefined) {
  const { cert, key, json, octets, port } = workerData as BareServerOptions & { port: number }
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(helmet())
  for (const [path, value] of Object.entries(json)) app.get(path, (_, response) => void response.json(value))
  for (const [path, bytes] of Object.entries(octets)) {
    app.get(path, (_, response) => void response.type('application/octet-stream').send(Buffer.from(bytes)))
  }
  const server = createServer({ cert, key, minVersion: 'TLSv1.3' }, app)
  server.listen({ port, host: '127.0.0.1', reusePort: true }, () => parentPort?.postMessage('ready'))
}
