import fc from 'fast-check'
import t from 'tap'
import { concat, fromUtf8, utf8 } from '../../src/crypto/bytes.ts'
import { padme, padText, parsePaddedJson, unpadStream } from '../../src/crypto/padding.ts'
import { codeOf, collect } from './vectors.ts'

const withZeros = (content: Uint8Array) => concat(content, new Uint8Array(padme(content.length) - content.length))

t.test('Padmé, by its paper', async t => {
  const pairs = [
    [0, 0],
    [1, 1],
    [2, 2],
    [8, 8],
    [9, 10],
    [100, 104],
    [1000, 1024],
    [1025, 1088],
    [1_000_000, 1_015_808],
    [2 ** 40 + 1, 2 ** 40 + 2 ** 34],
  ]
  for (const [length, padded] of pairs) t.equal(padme(length as number), padded, `${length}`)
  for (const bad of [-1, 1.5, 2 ** 53, Number.NaN]) t.throws(() => padme(bad), { code: 'integer-range' })
})

t.test('never shorter, at most 12 % longer, stable, in order', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 2 ** 45 }), length => {
      const padded = padme(length)
      return padded >= length && padded <= length * 1.12 + 1 && padme(padded) === padded && padme(length + 1) >= padded
    }),
    { numRuns: 300 },
  )
})

t.test('a padded stream gives back its content', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 400, size: 'max' }), { maxLength: 6 }), async pieces => {
      const content = concat(...pieces)
      const padded = withZeros(content)
      const again = await collect(unpadStream([padded.subarray(0, 7), padded.subarray(7)], content.length))
      return Buffer.compare(again, content) === 0
    }),
    { numRuns: 30 },
  )
})

t.test('padding that is not zeros, or not as much as the size calls for, is refused', async t => {
  const padded = withZeros(new Uint8Array(1000).fill(1))
  const unpad = (bytes: Uint8Array, length: number) => codeOf(() => collect(unpadStream([bytes], length)))
  t.equal(await unpad(padded, 1000), null)
  t.equal(await unpad(padded, 999), 'padding-wrong', 'a byte of content would hide in the padding')
  t.equal(await unpad(padded, 1025), 'padding-wrong')
  t.equal(await unpad(concat(padded, new Uint8Array(1)), 1000), 'padding-wrong')
  t.equal(await unpad(padded.subarray(0, 1020), 1000), 'padding-wrong')
  const hidden = padded.slice()
  hidden[1010] = 1
  t.equal(await unpad(hidden, 1000), 'padding-wrong')
})

t.test('JSON with spaces after it', async t => {
  const text = JSON.stringify({ title: 'é'.repeat(600) })
  const padded = padText(text)
  t.equal(padded.length, padme(utf8(text).length))
  t.same(JSON.parse(fromUtf8(padded)), JSON.parse(text))
  t.equal(padText('{}', 1024).length, 1024)
  t.equal(padText(text, 1024).length, padded.length)
  t.same(parsePaddedJson(padded), JSON.parse(text))
  t.same(parsePaddedJson(padText('{}', 1024), 1024), {})
})

t.test('one JSON text for one value: any other is refused, and not shown', async t => {
  const others = {
    'a member twice': padText('{"a":1,"a":2}', 64),
    'white space inside': padText('{"a": 1}', 64),
    'an escape not needed': padText('{"\\u0061":1}', 64),
    'no padding': utf8('{"a":1}'),
    'another padding': utf8('{"a":1}'.padEnd(64, '\n')),
    'no JSON': padText('{"secret":', 64),
    'no UTF-8': new Uint8Array(64).fill(0xff),
  }
  for (const [what, bytes] of Object.entries(others)) {
    t.equal(await codeOf(async () => parsePaddedJson(bytes, 64)), 'text-malformed', what)
  }
  t.throws(() => parsePaddedJson(others['no JSON'], 64), { message: /^(?!.*secret)/, cause: undefined })
})
