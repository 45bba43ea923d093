/** The side of the channel that owns the store: does what workers call for. */
import type { MessagePort } from 'node:worker_threads'
import type { Bytes } from '../../crypto/bytes.ts'
import type { ApiVault } from '../context.ts'
import { batchedPost, type FromWorker, isStreamMark, type StreamMark, sendError, type ToWorker } from './channel.ts'
import { Streams } from './streams.ts'

type Acts = Readonly<Record<string, Readonly<Record<string, (...args: unknown[]) => unknown>>>>

/** Answers the calls that come over a port, until it closes. Answers of one turn go in one message. */
export function serveCalls(port: MessagePort, vault: ApiVault): void {
  const acts = vault as unknown as Acts
  const post = batchedPost<ToWorker>(port)
  const streams = new Streams(post, 0)
  const call = async (id: number, [part, name]: readonly [string, string], args: unknown[]) => {
    const given: StreamMark[] = []
    try {
      const act = acts[part]?.[name]
      if (act === undefined) throw new TypeError(`There is no act ${part}.${name}`)
      const value = await act.apply(
        acts[part],
        args.map(arg => (isStreamMark(arg) ? streams.take(arg) : arg)),
      )
      post({ kind: 'done', id, value: withMarks(value, streams, given) })
    } catch (error) {
      for (const mark of given) await streams.drop(mark).catch(() => {})
      post({ kind: 'failed', id, error: sendError(error) })
    }
  }
  port.on('message', (messages: FromWorker[]) => {
    for (const message of messages) {
      if (message.kind === 'call') call(message.id, message.act, message.args)
      else if (message.kind === 'note') vault.strangers.note(message.reason)
      else streams.heard(message)
    }
  })
  port.on('close', () => streams.end(new Error('The worker is gone')))
}

/** An answer's own streams as marks. */
function withMarks(value: unknown, streams: Streams, given: StreamMark[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  const streaming = Object.entries(value).filter(([, part]) => isStream(part))
  if (streaming.length === 0) return value
  const marks = streaming.map(([name, part]) => {
    const mark = streams.give(part as AsyncIterable<Bytes>)
    given.push(mark)
    return [name, mark] as const
  })
  return { ...value, ...Object.fromEntries(marks) }
}

export function isStream(value: unknown): value is AsyncIterable<Bytes> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
