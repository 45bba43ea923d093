import fc from 'fast-check'
import t from 'tap'
import { openDocument } from '../../../src/client/document/open.ts'
import { DocumentRefused } from '../../../src/client/document/refusal.ts'
import { concat, equal, randomBytes } from '../../../src/crypto/bytes.ts'
import { codeOf } from '../../crypto/vectors.ts'
import { collect, makeAuthor, makePatient, makeSample } from '../../fixtures/document.ts'

const MIB = 1024 * 1024
const patient = await makePatient()
const sample = await makeSample(patient, await makeAuthor(patient.deployment), randomBytes(3 * MIB + 4321))
const { body, blocks, content } = sample
const opened = await openDocument(sample.stored, sample.reader, null)

/** A host that answers range requests from some bytes, and what it was asked. */
function host(served = body) {
  const asked: [number, number][] = []
  const read = async (offset: number, length: number) => {
    asked.push([offset, length])
    return served.subarray(offset, offset + length)
  }
  return { read, asked }
}

const altered = (at: number) => {
  const copy = body.slice()
  copy[at] = (copy[at] as number) ^ 1
  return copy
}

t.test('any range is what the content has there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(content.length), fc.nat(content.length), async (a, b) => {
      const [start, end] = a < b ? [a, b] : [b, a]
      const range = await collect(opened.range(blocks, host().read, { start, end }))
      return equal(range, content.subarray(start, end))
    }),
    {
      numRuns: 25,
      examples: [
        [0, 0],
        [0, content.length],
        [content.length, content.length],
        [MIB, MIB + 1],
      ],
    },
  )
})

t.test('only the blocks that it lies in are fetched, each whole, each once', async t => {
  const { read, asked } = host()
  await collect(opened.range(blocks, read, { start: 2.5 * MIB, end: 2.5 * MIB + 10 }))
  t.same(asked, [
    [0, MIB], // header
    [2 * MIB, MIB],
  ])
})

t.test('a block that is not the one signed is refused before it is opened', async t => {
  const cases: [string, Uint8Array, number, number][] = [
    ['body-block', altered(100), 0, 10], // the header's block
    ['body-block', altered(2 * MIB + 5), 2.2 * MIB, 2.3 * MIB],
    ['body-block', altered(body.length - 1), content.length - 5, content.length],
    [
      'body-reordered',
      concat(body.subarray(0, MIB), body.subarray(2 * MIB), body.subarray(MIB, 2 * MIB)),
      1.2 * MIB,
      1.3 * MIB,
    ],
    ['body-repeated', concat(body.subarray(0, MIB), body), 1.2 * MIB, 1.3 * MIB],
    ['body-truncated', body.subarray(0, 2 * MIB + 1), 2.2 * MIB, 2.3 * MIB],
    ['body-truncated', new Uint8Array(0), 0, 1],
  ]
  for (const [reason, served, start, end] of cases) {
    const range = { start: Math.floor(start), end: Math.floor(end) }
    const pieces: Uint8Array[] = []
    const code = await codeOf(async () => {
      for await (const piece of opened.range(blocks, host(served).read, range)) pieces.push(piece)
    })
    t.equal(code, reason)
    t.equal(pieces.length, 0, 'nothing came out')
  }
  const more = async (offset: number, length: number) => body.subarray(offset, offset + length + 1)
  const refused = collect(opened.range(blocks, more, { start: 0, end: 1 }))
  await t.rejects(refused, { code: 'body-extended' })
  await t.rejects(refused, DocumentRefused)
  t.equal(await codeOf(() => collect(opened.range('AAAA', host().read, { start: 0, end: 1 }))), 'body-blocks')
})

t.test('a block after the one that failed is not asked for, and what was before it came out', async t => {
  const { read, asked } = host(altered(MIB + 5))
  const pieces: Uint8Array[] = []
  const code = await codeOf(async () => {
    for await (const piece of opened.range(blocks, read, { start: 0, end: content.length })) pieces.push(piece)
  })
  t.equal(code, 'body-block')
  t.equal(asked.length, 2)
  const before = concat(...pieces)
  t.ok(before.length < MIB && equal(before, content.subarray(0, before.length)))
})

t.test('ranges lie within the true size; the padding is out of reach', async t => {
  for (const [start, end] of [
    [-1, 1],
    [2, 1],
    [0, content.length + 1],
    [0.5, 1],
  ] as const) {
    t.equal(await codeOf(() => collect(opened.range(blocks, host().read, { start, end }))), 'range-outside')
  }
})

t.test('given up: the rest is neither fetched nor opened', async t => {
  const control = new AbortController()
  const { read, asked } = host()
  const range = opened.range(blocks, read, { start: 0, end: content.length, signal: control.signal })
  await range.next()
  control.abort(new Error('enough'))
  await t.rejects(collect(range), { message: 'enough' })
  t.ok(asked.length <= 2)
  const whole = opened.content(blocks, [body], { signal: control.signal })
  await t.rejects(collect(whole), { message: 'enough' })
})

t.test('a document whose key was wiped opens no more', async t => {
  const other = await openDocument(sample.stored, sample.reader, null)
  t.ok(equal(await collect(other.content(blocks, [body])), content))
  other.wipe()
  t.equal(await codeOf(() => collect(other.content(blocks, [body]))), 'key-wiped')
  t.equal(await codeOf(() => collect(other.range(blocks, host().read, { start: 0, end: 1 }))), 'key-wiped')
})
