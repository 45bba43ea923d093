import t from 'tap'
import { ContentReader } from '../../../src/client/document/content.ts'
import { inPieces } from '../../fixtures/document.ts'

const BYTES = Uint8Array.from({ length: 100 }, (_, index) => index + 1)

t.test('pieces of any size fill memory of any size, zeros after them', async t => {
  for (const piece of [1, 7, 100, 1000]) {
    const reader = new ContentReader(inPieces(BYTES, piece), BYTES.length)
    const read = new Uint8Array(120).fill(9)
    for (let at = 0; at < read.length; at += 11) await reader.fill(read.subarray(at, at + 11))
    await reader.end()
    t.same(
      read,
      Uint8Array.from({ length: 120 }, (_, index) => BYTES[index] ?? 0),
    )
  }
})

t.test('a content is exactly as long as it was said to be, empty pieces or not', async t => {
  const of = (...lengths: number[]) => lengths.map(length => new Uint8Array(length))
  const whole = new ContentReader(of(0, 6, 0, 4, 0), 10)
  await whole.fill(new Uint8Array(10))
  await whole.end()
  await t.rejects(new ContentReader(of(4, 5), 10).fill(new Uint8Array(16)), { code: 'content-size' })
  for (const longer of [of(11), of(10, 1), of(10, 0, 1)]) {
    const reader = new ContentReader(longer, 10)
    await reader.fill(new Uint8Array(16))
    await t.rejects(reader.end(), { code: 'content-size' })
  }
})

t.test('a source left early is told', async t => {
  let isOver = false
  async function* source() {
    try {
      for (;;) yield BYTES
    } finally {
      isOver = true
    }
  }
  const reader = new ContentReader(source(), 1000)
  await reader.fill(new Uint8Array(10))
  await reader.close()
  t.ok(isOver)
})
