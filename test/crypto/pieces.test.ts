import { Readable } from 'node:stream'
import t from 'tap'
import { concat } from '../../src/crypto/bytes.ts'
import { Pending, pieces, type Source } from '../../src/crypto/pieces.ts'
import { collect } from './vectors.ts'

const [a, b] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4)]
const stream = () =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(a)
      controller.enqueue(b)
      controller.close()
    },
  })
t.test('every kind of source gives its pieces, with a signal and without', async t => {
  const kinds: Record<string, () => Source> = {
    array: () => [a, b],
    generator: () => [a, b].values(),
    'async generator': async function* () {
      yield a
      yield b
    },
    'Node stream': () => Readable.from([a, b]),
    'Web stream': stream,
  }
  for (const [name, make] of Object.entries(kinds)) {
    t.same(await collect(pieces(make())), concat(a, b), name)
    t.same(await collect(pieces(make(), { signal: new AbortController().signal })), concat(a, b), `${name}, signal`)
  }
})

t.test('a Web stream of a browser whose streams do not iterate', async t => {
  const { prototype } = ReadableStream
  const iterate = Object.getOwnPropertyDescriptor(prototype, Symbol.asyncIterator) as PropertyDescriptor
  Reflect.deleteProperty(prototype, Symbol.asyncIterator)
  t.teardown(() => Object.defineProperty(prototype, Symbol.asyncIterator, iterate))
  t.same(await collect(pieces(stream())), concat(a, b))
  const told = Promise.withResolvers<void>()
  const left = new ReadableStream<Uint8Array>({
    pull: controller => controller.enqueue(a),
    cancel: () => told.resolve(),
  })
  for await (const _ of pieces(left)) break
  await told.promise
})

t.test('a source that is silent is given up at once, and told', async t => {
  const told = Promise.withResolvers<string>()
  const source: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: async () => {
        told.resolve('told')
        return { done: true, value: undefined }
      },
    }),
  }
  const control = new AbortController()
  const reading = collect(pieces(source, { signal: control.signal }))
  control.abort(new Error('given up'))
  await t.rejects(reading, { message: 'given up' })
  t.equal(await told.promise, 'told')
  await t.rejects(collect(pieces([a], { signal: AbortSignal.abort(new Error('before')) })), { message: 'before' })
})

t.test('a source is ended when its reader leaves, and its own error comes through', async t => {
  for (const signal of [undefined, new AbortController().signal]) {
    const options = signal === undefined ? {} : { signal }
    let isEnded = false
    async function* source() {
      try {
        yield a
        yield b
      } finally {
        isEnded = true
      }
    }
    for await (const _ of pieces(source(), options)) break
    await new Promise(resolve => setImmediate(resolve))
    t.ok(isEnded)
    const broken = Readable.from([a]).on('data', () => undefined)
    broken.destroy(new Error('broke'))
    await t.rejects(collect(pieces(broken, options)), { message: 'broke' })
  }
  let asked = 0
  function* counted() {
    for (;;) yield Uint8Array.of(asked++)
  }
  for await (const _ of pieces(counted())) if (asked === 3) break
  t.equal(asked, 3, 'no piece is asked for ahead')
})

t.test('pieces of one size become pieces of another', async t => {
  const pending = new Pending()
  pending.push(a)
  pending.push(new Uint8Array(0))
  pending.push(b)
  t.same(pending.take(2), Uint8Array.of(1, 2))
  t.same(pending.take(2), Uint8Array.of(3, 4))
  t.same(pending.take(0), new Uint8Array(0))
  t.equal(pending.length, 0)
})
