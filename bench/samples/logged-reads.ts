/** Reads of 4 KiB documents from a whole host, and the same bytes from a bare server: the contest of two figures. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { utf8 } from '../../src/crypto/bytes.ts'
import { parseStatement } from '../../src/crypto/statement.ts'
import type { DocumentOpened } from '../../src/protocol/messages.ts'
import { startBareServer } from '../rivals/bare-server.ts'
import { type Load, openConnections, play, type Script } from './connections.ts'
import { serveRecord, wireRequest } from './served-record.ts'

/** Clients at once. */
export const CLIENTS = 64
/** Reads of each client in one load; a read is one request: a small body comes with the answer that opens it. */
export const READS = 48

/** Plays one load on each side. */
export interface ReadLoads {
  /** The host's process. */
  readonly pid: number
  ours(): Promise<Load>
  bare(): Promise<Load>
  /** The bare server, with one signature to verify and one durable row to write for each. */
  limit(): Promise<Load>
  stop(): Promise<void>
}

/** Starts both servers and connects. */
export async function prepareReads(): Promise<ReadLoads> {
  const served = await serveRecord(CLIENTS)
  const sockets = await openConnections(CLIENTS, served.tls)
  const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-rows-'))
  const document = served.documents[0] as string
  // What a read of ours answers is what the bare server answers, byte for byte; its row has the length of our event.
  const opened = (await capture(sockets[0] as TLSSocket, served.request('GET', document))).toString()
  const answer = JSON.parse(opened) as DocumentOpened
  if (answer.body === undefined) throw new TypeError('The body did not come with the answer')
  const { event } = parseStatement(answer.receipt).payload as { event: string }
  const bare = await startBareServer(
    {
      cert: readFileSync(join(served.host, 'tls.cert.pem'), 'utf8'),
      key: readFileSync(join(served.host, 'keys', 'tls.key.pem'), 'utf8'),
      json: { '/read': answer },
      checked: { folder, row: utf8(event), answers: { '/limit': answer } },
    },
    availableParallelism(),
  )
  const { cert: _, key: __, passphrase: ___, ...plain } = served.tls
  const bareSockets = await openConnections(CLIENTS, { ...plain, port: bare.port })
  const fromBare = (path: string) => () => {
    const request = wireRequest('GET', path, { host: `127.0.0.1:${bare.port}` })
    const script: Script = Array.from({ length: READS }, () => request)
    return play(
      bareSockets,
      bareSockets.map(() => script),
    )
  }
  return {
    pid: served.pid,
    ours() {
      // Signed before the clock runs.
      const scripts = Array.from({ length: CLIENTS }, (_, client): Script => {
        const path = served.documents[client] as string
        return Array.from({ length: READS }, () => served.request('GET', path))
      })
      return play(sockets, scripts)
    },
    bare: fromBare('/read'),
    limit: fromBare('/limit'),
    async stop() {
      for (const socket of [...sockets, ...bareSockets]) socket.destroy()
      await bare.stop()
      await served.stop()
      rmSync(folder, { recursive: true, force: true })
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
