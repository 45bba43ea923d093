import fc from 'fast-check'
import t from 'tap'
import { equal, lp, randomBytes } from '../../src/crypto/bytes.ts'
import { CHUNK_LENGTH, type ChunksKey, ciphertextLength, HEADER_LENGTH, openAll } from '../../src/crypto/chunks.ts'
import { chunksIn, plaintextOf, SpanOpener, SpanSealer, spanOf } from '../../src/crypto/spans.ts'
import { flipped } from './vectors.ts'

const key: ChunksKey = { key: randomBytes(32), context: lp('coffre/v1/test', 'record') }

/** A message sealed in one span, and the sealer. */
function message(length: number) {
  const plaintext = randomBytes(length)
  const sealer = SpanSealer.begin({ ...key, plaintextLength: length })
  const ciphertext = new Uint8Array(ciphertextLength(length))
  sealer.seal({ from: 0, to: ciphertext.length }, plaintext, ciphertext)
  return { plaintext, sealer, ciphertext }
}

t.test('a message sealed by spans is the message, at every length where chunks turn', async t => {
  for (const length of [0, 1, CHUNK_LENGTH - 1, CHUNK_LENGTH, CHUNK_LENGTH + 1, 3 * CHUNK_LENGTH, 50_000]) {
    const { plaintext, ciphertext, sealer } = message(length)
    t.ok(equal(openAll(key, ciphertext, { length: ciphertext.length }), plaintext), `${length}`)
    t.ok(equal(sealer.header, ciphertext.subarray(0, HEADER_LENGTH)))
  }
})

t.test('any span, on any thread: the same bytes; what lies wholly in it opens alone', async () => {
  const { plaintext, ciphertext, sealer } = message(5 * CHUNK_LENGTH + 77)
  const { length } = ciphertext
  await fc.assert(
    fc.asyncProperty(fc.nat(length), fc.nat(length), fc.boolean(), async (a, b, isJoining) => {
      const span = { from: Math.min(a, b), to: Math.max(a, b) }
      const by = isJoining ? SpanSealer.joining({ ...key, plaintextLength: plaintext.length }, sealer.header) : sealer
      const { start, end } = plaintextOf(span, length)
      const sealed = new Uint8Array(span.to - span.from)
      by.seal(span, plaintext.subarray(start, end), sealed)
      const opener = new SpanOpener(key, sealer.header, length)
      const opened = opener.open(span, sealed, new Uint8Array(sealed.length))
      const { first, last } = chunksIn(span, length, { wholly: true })
      const whole = last < first ? [] : plaintext.subarray(first * CHUNK_LENGTH, (last + 1) * CHUNK_LENGTH)
      return equal(sealed, ciphertext.subarray(span.from, span.to)) && equal(opened, Uint8Array.from(whole))
    }),
    {
      numRuns: 60,
      examples: [
        [0, length, false],
        [length, length, true],
        [0, HEADER_LENGTH, true],
      ],
    },
  )
})

t.test('what is altered or stands elsewhere opens nothing, and leaves nothing of the chunks before it', async t => {
  const { ciphertext, sealer } = message(4 * CHUNK_LENGTH)
  const { length } = ciphertext
  const opener = new SpanOpener(key, sealer.header, length)
  const whole = { from: 0, to: length }
  const out = new Uint8Array(length)
  const at = spanOf(2, length).from + 5
  t.throws(() => opener.open(whole, flipped(ciphertext, at), out), { code: 'chunks-forged' })
  t.ok(out.every(byte => byte === 0))
  const second = spanOf(1, length)
  const third = ciphertext.subarray(spanOf(2, length).from, spanOf(2, length).to)
  t.throws(() => opener.open(second, third, out), { code: 'chunks-reordered' })
  t.throws(() => new SpanOpener(key, flipped(sealer.header, 3), length), { code: 'chunks-commitment' })
  opener.wipe()
  t.throws(() => opener.open(whole, ciphertext, out), { code: 'key-wiped' })
  {
    using spent = sealer
    t.ok(spent.header)
  }
  t.throws(() => sealer.seal(whole, new Uint8Array(4 * CHUNK_LENGTH), out), { code: 'key-wiped' })
})
