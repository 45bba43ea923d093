/** The HTTP service of a witness (C2SP tlog-witness): one route, one file of state. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fromUtf8 } from '../../crypto/bytes.ts'
import type { Cosigner } from '../../log/cosignature.ts'
import type { NoteKey } from '../../log/note.ts'
import { addCheckpoint, MAX_REQUEST_LENGTH, type WitnessAnswer } from '../../log/witness.ts'
import { WitnessError } from './errors.ts'
import { StateFile } from './state-file.ts'

/** What `serveWitness` is told. */
export interface WitnessOptions {
  /** 0 for any free one. */
  readonly port: number
  /** Default: loopback. */
  readonly address?: string
  readonly stateFile: string
  /** Makes an empty state file first, when there is none: for a witness that has never signed, and no other. */
  readonly createState?: boolean
  /** The witness's name and private keys. */
  readonly cosigner: Cosigner
  /** All keys of the logs it serves. */
  readonly logs: readonly NoteKey[]
  /** Default: the platform's clock. Only a development deployment has another. */
  readonly clock?: () => Date
  /** Told of each decision before it is sent. */
  readonly onAnswer?: (answer: WitnessAnswer) => void
  /** Told of what went wrong on this side (the disk) or of a client that went away. */
  readonly onError?: (error: unknown) => void
}

/** A running witness. */
export interface RunningWitness {
  /** Submission prefix: `http://127.0.0.1:8451`. */
  readonly url: string
  readonly port: number
  /** Ends open requests first. */
  close(): Promise<void>
}

/**
 * Serves `POST /add-checkpoint`. Each request is decided, its state made durable and answered before the next one is
 * looked at: all of it is synchronous once the body is there, which is the atomicity that the specification asks for.
 * When the state cannot be written the answer is 500 and no cosignature leaves.
 *
 * Throws `WitnessError`: as `StateFile.open`, and `port-taken`.
 */
export async function serveWitness(options: WitnessOptions): Promise<RunningWitness> {
  if (options.createState) createStateOnce(options.stateFile)
  const state = StateFile.open(options.stateFile)
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 30_000 })
  server.maxConnections = 64
  server.on('request', (request, response) => void handle(request, response, { ...options, state }))
  try {
    await listen(server, options)
  } catch (error) {
    state.close()
    throw error
  }
  const { address, port } = server.address() as AddressInfo
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    port,
    async close() {
      await new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeIdleConnections()
      })
      state.close()
    },
  }
}

function createStateOnce(path: string): void {
  try {
    StateFile.create(path)
  } catch (error) {
    if (!WitnessError.is(error, 'witness-state-exists')) throw error
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: WitnessOptions & { readonly state: StateFile },
): Promise<void> {
  const plain = (status: number, message: string, headers: Record<string, string> = {}): void =>
    void response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers }).end(`${message}\n`)
  try {
    if (request.url !== '/add-checkpoint') return plain(404, 'There is one route: POST /add-checkpoint')
    if (request.method !== 'POST') return plain(405, 'Use POST', { Allow: 'POST' })
    const body = await readBody(request)
    if (body === null) return plain(413, 'The request is too long', { Connection: 'close' })
    const { status, contentType, body: text } = decide(body, options)
    response.writeHead(status, { 'Content-Type': contentType }).end(text)
  } catch (error) {
    // A disk that fails, or a client that went away: nothing was signed that was not written down first.
    options.onError?.(error)
    if (!response.headersSent) plain(500, 'The witness cannot record this checkpoint; try again later')
  }
}

/** No `await` in here: see `serveWitness`. */
function decide(body: Uint8Array, options: WitnessOptions & { readonly state: StateFile }): WitnessAnswer {
  const { state, cosigner, logs, clock = () => new Date(), onAnswer } = options
  let text: string
  try {
    text = fromUtf8(body)
  } catch {
    text = '' // not UTF-8: no request, answered as any other malformed one
  }
  const now = Math.floor(clock().getTime() / 1000)
  const answer = addCheckpoint(text, { cosigner, logs, now, stateOf: origin => state.get(origin) })
  if (answer.next !== undefined) state.set(answer.next.origin, answer.next.state)
  onAnswer?.(answer)
  return answer
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_REQUEST_LENGTH) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function listen(server: Server, { port, address = '127.0.0.1' }: WitnessOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') return reject(cause)
      const message = `Port ${port} of ${address} is taken: stop what uses it, or choose another port`
      reject(new WitnessError(message, { code: 'port-taken', cause }))
    })
    server.listen(port, address, resolve)
  })
}
