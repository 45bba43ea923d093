/** The vault as a worker has it: acts are called over the channel; what only reads is done here, beside the writer. */
import type { MessagePort } from 'node:worker_threads'
import { Refusal } from '../../vault/errors.ts'
import type { VaultReader } from '../../vault/reader.ts'
import type { ApiVault } from '../context.ts'
import { batchedPost, type FromWorker, isStreamMark, receiveError, type StreamMark, type ToWorker } from './channel.ts'
import { isStream } from './owner.ts'
import { Streams } from './streams.ts'

/** Calls of one worker under way; the next is told `busy`. */
const MAX_CALLS = 2048

interface Call {
  resolve(value: unknown): void
  reject(error: Error): void
  readonly given: readonly StreamMark[]
}

/** Makes it over a port, with a reader of the store. */
export function remoteVault(port: MessagePort, reader: VaultReader): ApiVault {
  const calls = new Map<number, Call>()
  let next = 0
  let isGone = false
  const post = batchedPost<FromWorker>(port)
  const streams = new Streams(post, 1)
  const call = (part: string, name: string, args: unknown[]): Promise<unknown> => {
    if (isGone) return Promise.reject(gone())
    if (calls.size >= MAX_CALLS) {
      return Promise.reject(new Refusal('busy', 'Too many requests wait; try again in a moment'))
    }
    const given: StreamMark[] = []
    const sent = args.map(arg => {
      if (!isStream(arg)) return arg
      const mark = streams.give(arg)
      given.push(mark)
      return mark
    })
    const id = next++
    return new Promise((resolve, reject) => {
      calls.set(id, { resolve, reject, given })
      post({ kind: 'call', id, act: [part, name], args: sent })
    })
  }
  const settle = (message: ToWorker & { readonly kind: 'done' | 'failed' }) => {
    const waits = calls.get(message.id)
    if (waits === undefined) return
    calls.delete(message.id)
    for (const mark of waits.given) streams.drop(mark).catch(() => {})
    if (message.kind === 'failed') waits.reject(receiveError(message.error))
    else waits.resolve(withStreams(message.value, streams))
  }
  port.on('message', (messages: ToWorker[]) => {
    for (const message of messages) {
      if (message.kind === 'done' || message.kind === 'failed') settle(message)
      else streams.heard(message)
    }
  })

  port.on('close', () => {
    isGone = true
    for (const { reject } of calls.values()) reject(gone())
    calls.clear()
    streams.end(gone())
  })

  /** A part whose acts are calls, but for those done here. */
  const part = <T extends object>(name: string, here: Partial<T> = {}): T =>
    new Proxy(here as T, {
      get: (own, act) => own[act as keyof T] ?? ((...args: unknown[]) => call(name, String(act), args)),
    })
  const sessions = part<ApiVault['sessions']>('sessions', {
    require(session, recordId, at) {
      const { isDue } = reader.requireSession({ session, recordId, at })
      // Not waited for, and when it fails the session ends sooner: the worst is signing in again.
      if (isDue) Promise.resolve(sessions.touch(session, at)).catch(() => {})
    },
  })
  const documents: ApiVault['documents'] = part<ApiVault['documents']>('documents', {
    // The writer takes the nonce and says whether; the octets need not go through its thread.
    async body(request, record, document, range) {
      const open = await documents.openBody(request, record, document)
      return reader.bodies.range(request, { record, document, range }, open)
    },
  })
  const parts: Partial<ApiVault> = {
    documents,
    callers: reader.callers,
    strangers: { note: (reason: string) => post({ kind: 'note', reason }) },
    sessions,
    log: part<ApiVault['log']>('log', { file: path => reader.file(path) }),
  }
  return new Proxy(parts as ApiVault, {
    get: (own, name) => own[name as keyof ApiVault] ?? part(String(name)),
  })
}

const gone = () => new Refusal('busy', 'The host is stopping; try again in a minute')

function withStreams(value: unknown, streams: Streams): unknown {
  if (typeof value !== 'object' || value === null) return value
  const marks = Object.entries(value).filter(([, part]) => isStreamMark(part))
  if (marks.length === 0) return value
  const taken = marks.map(([name, mark]) => [name, streams.take(mark as StreamMark)] as const)
  return { ...value, ...Object.fromEntries(taken) }
}
