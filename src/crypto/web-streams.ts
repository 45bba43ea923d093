import type { Bytes } from './bytes.ts'
import { type ChunksKey, type OpenOptions, openChunks, sealChunks } from './chunks.ts'
import type { StreamOptions } from './pieces.ts'

// Sealing and opening as Web streams, for `pipeThrough`. Node's streams need nothing of their own: `pipeline(file, source =>
// sealChunks(key, source), out)`, or `Duplex.fromWeb(sealStream(key))`.
//
// It opens what is sealed: nothing the host runs may import this file.

/** Seals what is written, piece by piece; reads no faster than its output is read. Errors as `sealChunks`. */
export function sealStream(key: ChunksKey, options: StreamOptions = {}): ReadableWritablePair<Bytes, Bytes> {
  return through(options, (source, signal) => sealChunks(key, source, { signal }))
}

/** Opens what is written; what comes out is whole only when it ends without an error. Errors as `openChunks`. */
export function openStream(
  key: ChunksKey,
  options: OpenOptions & StreamOptions = {},
): ReadableWritablePair<Bytes, Bytes> {
  return through(options, (source, signal) => openChunks(key, source, { ...options, signal }))
}

function through(
  options: StreamOptions,
  step: (source: ReadableStream<Bytes>, signal: AbortSignal) => AsyncGenerator<Bytes, void, undefined>,
): ReadableWritablePair<Bytes, Bytes> {
  // One piece stands between writer and reader; that is what holds the writer back.
  const between = new TransformStream<Bytes, Bytes>(undefined, { highWaterMark: 1 }, { highWaterMark: 0 })
  const cancelled = new AbortController()
  const signal = options.signal === undefined ? cancelled.signal : AbortSignal.any([options.signal, cancelled.signal])
  const made = step(between.readable, signal)
  const readable = new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const { done, value } = await made.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel(reason) {
        cancelled.abort(reason) // ends it, and wipes its key, even while nothing is written
        await made.return()
      },
    },
    { highWaterMark: 0 }, // nothing is made ahead
  )
  return { writable: between.writable, readable }
}
