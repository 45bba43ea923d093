/** Reads of 4 KiB documents from a whole host, and the same bytes from a bare server: the contest of two figures. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { startBareServer } from '../rivals/bare-server.ts'
import { type Load, openConnections, play, type Script } from './connections.ts'
import { serveRecord, wireRequest } from './served-record.ts'

/** Clients at once. */
export const CLIENTS = 64
/** Reads of each client in one load; a read is two requests: opening, and the body. */
export const READS = 24

/** Plays one load on each side. */
export interface ReadLoads {
  /** The host's process. */
  readonly pid: number
  ours(): Promise<Load>
  bare(): Promise<Load>
  stop(): Promise<void>
}

/** Starts both servers and connects. */
export async function prepareReads(): Promise<ReadLoads> {
  const served = await serveRecord(CLIENTS)
  const sockets = await openConnections(CLIENTS, served.tls)
  const document = served.documents[0] as string
  // What a read of ours answers is what the bare server answers, byte for byte.
  const opened = await capture(sockets[0] as TLSSocket, served.request('GET', document))
  const body = await capture(sockets[0] as TLSSocket, served.request('GET', `${document}/body`))
  const threads = availableParallelism()
  const bare = await startBareServer(
    {
      cert: readFileSync(join(served.host, 'tls.cert.pem'), 'utf8'),
      key: readFileSync(join(served.host, 'keys', 'tls.key.pem'), 'utf8'),
      json: { '/open': JSON.parse(opened.toString()) },
      octets: { '/body': body },
    },
    threads,
  )
  const { cert: _, key: __, passphrase: ___, ...plain } = served.tls
  const bareSockets = await openConnections(CLIENTS, { ...plain, port: bare.port })
  const headers = { host: `127.0.0.1:${bare.port}` }
  const bareRead = [wireRequest('GET', '/open', headers), wireRequest('GET', '/body', headers)]
  return {
    pid: served.pid,
    ours() {
      const scripts = Array.from({ length: CLIENTS }, (_, client): Script => {
        const path = served.documents[client] as string
        const read = () => [served.request('GET', path), served.request('GET', `${path}/body`)]
        return Array.from({ length: READS }, read).flat()
      })
      return play(sockets, scripts)
    },
    bare() {
      const script = Array.from({ length: READS }, () => bareRead).flat()
      return play(
        bareSockets,
        bareSockets.map(() => script),
      )
    },
    async stop() {
      for (const socket of [...sockets, ...bareSockets]) socket.destroy()
      await bare.stop()
      await served.stop()
    },
  }
}

/** The body of one answer. */
async function capture(socket: TLSSocket, request: Uint8Array): Promise<Buffer> {
  const pieces: Buffer[] = []
  const keep = (piece: Buffer) => pieces.push(piece)
  socket.on('data', keep)
  await play([socket], [[request]])
  socket.off('data', keep)
  const whole = Buffer.concat(pieces)
  return whole.subarray(whole.indexOf('\r\n\r\n') + 4)
}
