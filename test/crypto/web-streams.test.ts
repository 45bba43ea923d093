import { Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { concat, equal, lp, randomBytes } from '../../src/crypto/bytes.ts'
import { CHUNK_LENGTH, type ChunksKey, openAll, openChunks, sealAll, sealChunks } from '../../src/crypto/chunks.ts'
import { openStream, sealStream } from '../../src/crypto/web-streams.ts'
import { codeOf, collect, flipped } from './vectors.ts'

const key: ChunksKey = { key: randomBytes(32), context: lp('coffre/v1/test', 'record', 'document') }
const content = randomBytes(5 * CHUNK_LENGTH + 77)

const streamOf = (bytes: Uint8Array, size = 10_000) =>
  Readable.toWeb(Readable.from(inPieces(bytes, size))) as ReadableStream<Uint8Array>

function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

t.test('Web streams: sealed and opened through pipeThrough', async t => {
  const sealed = await collect(streamOf(content).pipeThrough(sealStream(key)))
  t.ok(equal(openAll(key, sealed), content))
  const { length } = sealed
  t.ok(equal(await collect(streamOf(sealed).pipeThrough(openStream(key, { length }))), content))
  const both = streamOf(content).pipeThrough(sealStream(key)).pipeThrough(openStream(key))
  t.ok(equal(await collect(both), content))
  const wrong = (bytes: Uint8Array) => codeOf(() => collect(streamOf(bytes).pipeThrough(openStream(key, { length }))))
  t.equal(await wrong(flipped(sealed, 20_000)), 'chunks-forged')
  t.equal(await wrong(sealed.subarray(0, -1)), 'chunks-truncated')
  t.equal(await wrong(concat(sealed, new Uint8Array(1))), 'chunks-extended')
})

t.test('Node streams: in a pipeline, and as a duplex', async t => {
  const sealed: Uint8Array[] = []
  await pipeline(
    Readable.from(inPieces(content, 10_000)),
    source => sealChunks(key, source),
    async source => {
      for await (const piece of source) sealed.push(piece as Uint8Array)
    },
  )
  t.ok(equal(openAll(key, concat(...sealed)), content))
  const duplex = Duplex.fromWeb(openStream(key) as Parameters<typeof Duplex.fromWeb>[0])
  t.ok(equal(await collect(Readable.from(sealed).pipe(duplex)), content))
  const control = new AbortController()
  async function* silent() {
    yield content
    control.abort(new Error('given up'))
    await new Promise(() => undefined)
  }
  const given = pipeline(silent, source => sealChunks(key, source, { signal: control.signal }), collect)
  await t.rejects(given, { message: 'given up' })
})

t.test('a slow reader holds back the writer: what lies between stays small', async t => {
  let written = 0
  const piece = new Uint8Array(64 * 1024)
  const endless = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        written += piece.length
        controller.enqueue(piece)
      },
    },
    { highWaterMark: 0 },
  )
  const reader = endless.pipeThrough(sealStream(key)).pipeThrough(openStream(key)).getReader()
  let read = 0
  for (let i = 0; i < 200; i++) {
    read += (await reader.read()).value?.length ?? 0
    if (written - read > 6 * piece.length) t.fail(`${written - read} bytes between writer and reader`)
    if (i % 20 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  await reader.cancel()
  const before = written
  await new Promise(resolve => setImmediate(resolve))
  t.ok(written - before <= piece.length, 'and it ends with its reader')
})

t.test('a silent writer does not hold a reader that leaves, nor an abort', async t => {
  const reason = new Error('left')
  const { readable, writable } = sealStream(key)
  const writer = writable.getWriter()
  writer.closed.catch(() => undefined)
  const reader = readable.getReader()
  t.equal((await reader.read()).value?.length, 56, 'the header')
  const waiting = reader.read()
  await reader.cancel(reason)
  t.equal((await waiting).done, true)
  const control = new AbortController()
  const opening = openStream(key, { signal: control.signal }).readable.getReader().read()
  control.abort(reason)
  await t.rejects(opening, reason)
})

t.test('nothing comes out before its chunk is authenticated', async t => {
  const sealed = sealAll(key, content)
  const opened = openChunks(key, inPieces(flipped(sealed, 56 + 16_400 + 9), 100))
  t.ok(equal((await opened.next()).value as Uint8Array, content.subarray(0, CHUNK_LENGTH)))
  t.equal(await codeOf(() => opened.next()), 'chunks-forged')
  t.equal((await opened.next()).done, true, 'and nothing after it')
})
