import { createCipheriv, createDecipheriv } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { type Aead, chacha20Poly1305, nativeAead, sodiumAead } from '../../src/crypto/aead.ts'
import { concat, equal, fromHex, lp, randomBytes, toHex, utf8 } from '../../src/crypto/bytes.ts'
import {
  CHUNK_LENGTH,
  ChunkOpener,
  ChunkSealer,
  type ChunksKey,
  ciphertextLength,
  commitmentOf,
  HEADER_LENGTH,
  openAll,
  openChunks,
  openRange,
  openRangeChunks,
  plaintextLength,
  sealAll,
  sealChunks,
} from '../../src/crypto/chunks.ts'
import { sha512 } from '../../src/crypto/hash.ts'
import { codeOf, collect, flipped, readVectors, type Wycheproof } from './vectors.ts'

const SEALED = CHUNK_LENGTH + 16

/** AES-256-GCM, with which the published vectors are made; only here. */
const aes256Gcm: Aead = {
  name: 'AEAD_AES_256_GCM',
  keyLength: 32,
  seal(key, nonce, plaintext) {
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
  },
  open(key, nonce, sealed) {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
    decipher.setAuthTag(sealed.subarray(-16))
    const plaintext = decipher.update(sealed.subarray(0, -16))
    try {
      return concat(plaintext, decipher.final())
    } catch {
      return null
    }
  },
}

/** What opens before the error, and the error's code (`null`: it opened whole). */
function openAsFarAsItGoes(key: ChunksKey, pieces: readonly Uint8Array[]): [Uint8Array, string | null] {
  const opened: Uint8Array[] = []
  try {
    const opener = new ChunkOpener(key)
    for (const piece of pieces) for (const chunk of opener.update(piece)) opened.push(chunk)
    opened.push(opener.final())
    return [concat(...opened), null]
  } catch (error) {
    return [concat(...opened), (error as { code: string }).code]
  }
}

function inPieces(bytes: Uint8Array, length: number): Uint8Array[] {
  const pieces = []
  for (let at = 0; at < bytes.length; at += length) pieces.push(bytes.subarray(at, at + length))
  return pieces
}

const expectedCode: Readonly<Record<string, readonly string[]>> = {
  InvalidKeySize: ['key-length'],
  WrongKey: ['chunks-commitment'],
  WrongContext: ['chunks-commitment'],
  ChunkReordering: ['chunks-reordered', 'chunks-repeated'],
  TrailingData: ['chunks-forged', 'chunks-end', 'chunks-truncated', 'chunks-repeated'],
  Truncation: ['chunks-truncated', 'chunks-end'],
  ModifiedCiphertext: ['chunks-commitment', 'chunks-forged', 'chunks-end'],
}

t.test('C2SP chunked-encryption with AES-256-GCM: Wycheproof, whole and in pieces, prefix included', async t => {
  interface Test {
    readonly key: string
    readonly ctx: string
    readonly ct: string
    readonly msgLength?: number
    readonly msgSha512?: string
  }
  const { testGroups } = readVectors<Wycheproof<{ aead: string; sha: string }, Test>>(
    'wycheproof/c2sp_chunked_encryption_aes_256_gcm_test.json',
  )
  let run = 0
  for (const { aead, sha, tests } of testGroups) {
    t.same([aead, sha], ['AEAD_AES_256_GCM', 'SHA-512'])
    for (const { tcId, comment, key, ctx, ct, msgLength = 0, msgSha512, result, flags } of tests) {
      const name = `${tcId} ${comment}`
      const input = { key: fromHex(key), context: fromHex(ctx), aead: aes256Gcm }
      const ciphertext = new Uint8Array(inflateSync(fromHex(ct)))
      for (const pieces of [[ciphertext], inPieces(ciphertext, 1000), inPieces(ciphertext, SEALED)]) {
        const [opened, code] = openAsFarAsItGoes(input, pieces)
        t.equal(opened.length, msgLength, name)
        if (msgSha512 !== undefined) t.equal(toHex(sha512(opened)), msgSha512, name)
        const allowed = expectedCode[flags.find(flag => flag in expectedCode) ?? '']
        t.ok(result === 'valid' ? code === null : allowed?.includes(code as string), `${name}: ${code}`)
        if (result === 'valid') {
          const sealer = new ChunkSealer(input, { salt: ciphertext.slice(0, 24) })
          const again = concat(sealer.header, ...sealer.update(opened), sealer.final())
          t.ok(equal(again, ciphertext), `${name}: sealed again`)
          t.equal(plaintextLength(ciphertext.length), msgLength)
          t.equal(ciphertextLength(msgLength), ciphertext.length)
        }
      }
      run++
    }
  }
  t.equal(run, 35)
})

const key: ChunksKey = { key: randomBytes(32), context: lp('coffre/v1/test', 'record', 'document') }

/** Written with the platform's functions by the layout in docs/protocol/body.md. */
const FIXED =
  '0202020202020202020202020202020202020202020202023140bb92f4c61ffc285ce96a69e3a2c2ba656654d93e84cacaabca0f1bc6ef1d23e823cc3928a5b8eb5c9289d6ed50fadcc0581a0e5255'

t.test('a fixed message: the ChaCha20-Poly1305 instantiation does not change', async t => {
  const fixed = { key: new Uint8Array(32).fill(1), context: lp('coffre/v1/body', 'record') }
  const sealer = new ChunkSealer(fixed, { salt: new Uint8Array(24).fill(2) })
  const sealed = concat(sealer.header, ...sealer.update(utf8('bonjour')), sealer.final())
  t.equal(toHex(sealed), FIXED)
  t.equal(toHex(commitmentOf(sealed)), FIXED.slice(48, 112))
})

t.test('lengths, at and around chunk boundaries, by both engines', async t => {
  for (const length of [0, 1, CHUNK_LENGTH - 1, CHUNK_LENGTH, CHUNK_LENGTH + 1, 3 * CHUNK_LENGTH, 50_000]) {
    const plaintext = randomBytes(length)
    const sealed = sealAll(key, plaintext)
    t.equal(sealed.length, ciphertextLength(length))
    t.equal(plaintextLength(sealed.length), length)
    t.ok(equal(openAll(key, sealed), plaintext))
    const salt = sealed.slice(0, 24)
    for (const aead of [nativeAead ?? sodiumAead, sodiumAead]) {
      const sealer = new ChunkSealer({ ...key, aead: aead as Aead }, { salt })
      t.ok(equal(concat(sealer.header, ...sealer.update(plaintext), sealer.final()), sealed), `${length}`)
      t.ok(equal(openAll({ ...key, aead: aead as Aead }, sealed), plaintext))
    }
  }
  for (const bad of [0, 55, 56, 71, 56 + SEALED, 56 + SEALED + 15]) {
    t.throws(() => plaintextLength(bad), { code: 'chunks-truncated' }, `${bad}`)
  }
  t.throws(() => commitmentOf(new Uint8Array(55)), { code: 'chunks-truncated' })
})

t.test('streams, however they are cut, and ranges', async () => {
  const content = randomBytes(2 * CHUNK_LENGTH + 1234)
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40_000 }),
      fc.integer({ min: 1, max: 40_000 }),
      fc.nat(content.length),
      fc.nat(content.length),
      async (cut, cutAgain, a, b) => {
        const sealed = await collect(sealChunks(key, inPieces(content, cut)))
        const opened = await collect(openChunks(key, inPieces(sealed, cutAgain)))
        const [start, end] = a < b ? [a, b] : [b, a]
        const range = await openRange(key, reader(sealed), { start, end })
        return equal(opened, content) && equal(range, content.subarray(start, end))
      },
    ),
    { numRuns: 40 },
  )
})

t.test('pieces that are lent are zeros once the next is asked for, in a stream and in a range', async t => {
  const content = randomBytes(3 * CHUNK_LENGTH + 5)
  const sealed = sealAll(key, content)
  const range = { start: 5, end: content.length }
  const ways = {
    stream: () => openChunks(key, [sealed], { areLent: true }),
    range: () => openRangeChunks(key, reader(sealed), range, { areLent: true }),
  }
  for (const [name, way] of Object.entries(ways)) {
    const lent: Uint8Array[] = []
    for await (const piece of way()) {
      t.ok(lent.every(before => before.every(byte => byte === 0)))
      t.ok(piece.some(byte => byte !== 0))
      lent.push(piece)
    }
    t.ok(
      lent.every(piece => piece.every(byte => byte === 0)),
      name,
    )
  }
})

function reader(sealed: Uint8Array, length = sealed.length) {
  return { length, read: async (offset: number, count: number) => sealed.subarray(offset, offset + count) }
}

t.test('ranges read no more than they need, and prove the end they reach', async t => {
  const content = randomBytes(2 * CHUNK_LENGTH)
  const sealed = sealAll(key, content)
  const reads: [number, number][] = []
  const { read } = reader(sealed)
  const watched = {
    length: sealed.length,
    read: (offset: number, length: number) => {
      reads.push([offset, length])
      return read(offset, length)
    },
  }
  await openRange(key, watched, { start: CHUNK_LENGTH, end: CHUNK_LENGTH + 1 })
  t.same(reads, [
    [0, HEADER_LENGTH],
    [HEADER_LENGTH + SEALED, SEALED],
  ])
  const end = { start: content.length, end: content.length }
  t.equal((await openRange(key, reader(sealed), end)).length, 0)
  // Cut inside the second chunk, which then passes for a last one, and the length claimed to match.
  const cut = sealed.subarray(0, HEADER_LENGTH + SEALED + 5000)
  const last = plaintextLength(cut.length)
  t.equal(await codeOf(() => openRange(key, reader(cut), { start: last, end: last })), 'chunks-end')
  t.equal(await codeOf(() => openRange(key, reader(cut), { start: 0, end: 1 })), null)
  t.equal(await codeOf(() => openRange(key, reader(flipped(sealed, 80)), { start: 0, end: 1 })), 'chunks-forged')
  t.equal(await codeOf(() => openRange(key, reader(flipped(sealed, 30)), { start: 0, end: 1 })), 'chunks-commitment')
  t.equal(await codeOf(() => openRange(key, reader(sealed.subarray(0, 40), sealed.length), end)), 'chunks-truncated')
  for (const [start, stop] of [
    [-1, 0],
    [2, 1],
    [0, content.length + 1],
    [0.5, 1],
  ] as const) {
    t.equal(await codeOf(() => openRange(key, reader(sealed), { start, end: stop })), 'range-outside')
  }
})

t.test('attacks: each is refused, and only authentic chunks came out before', async t => {
  const content = randomBytes(2 * CHUNK_LENGTH + 100)
  const sealed = sealAll(key, content)
  const header = sealed.subarray(0, HEADER_LENGTH)
  const [one, two, last] = [0, 1, 2].map(i => sealed.subarray(56 + i * SEALED, 56 + (i + 1) * SEALED)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  /** What is sent, the code without a signed length, the code with one, and how many chunks came out before. */
  const attacks: Record<string, [Uint8Array[], string, string, number]> = {
    'last chunk cut off': [[header, one, two], 'chunks-truncated', 'chunks-truncated', 2],
    'all chunks cut off': [[header], 'chunks-truncated', 'chunks-truncated', 0],
    'header cut': [[header.subarray(1)], 'chunks-truncated', 'chunks-truncated', 0],
    'nothing at all': [[], 'chunks-truncated', 'chunks-truncated', 0],
    'last chunk shortened': [[header, one, two, last.subarray(0, 90)], 'chunks-end', 'chunks-truncated', 2],
    'full chunk shortened, as if last': [[header, one, two.subarray(0, 500)], 'chunks-end', 'chunks-truncated', 1],
    'last chunk moved forward': [[header, one, last], 'chunks-reordered', 'chunks-truncated', 1],
    'a byte after the end': [[header, one, two, last, Uint8Array.of(0)], 'chunks-end', 'chunks-extended', 2],
    'a chunk after the end': [[header, one, two, last, two], 'chunks-forged', 'chunks-extended', 2],
    'the last chunk twice': [[header, one, two, last, last], 'chunks-end', 'chunks-extended', 2],
    'chunks swapped': [[header, two, one, last], 'chunks-reordered', 'chunks-reordered', 0],
    'a chunk repeated': [[header, one, one, last], 'chunks-repeated', 'chunks-repeated', 1],
    'a chunk left out': [[header, two, last], 'chunks-reordered', 'chunks-reordered', 0],
    'a bit of a chunk': [[header, one, flipped(two, 9), last], 'chunks-forged', 'chunks-forged', 1],
    'a bit of a tag': [[header, one, two, flipped(last, last.length - 1)], 'chunks-end', 'chunks-forged', 2],
    'a bit of the salt': [[flipped(header, 0), one, two, last], 'chunks-commitment', 'chunks-commitment', 0],
    'a bit of the commitment': [[flipped(header, 55), one, two, last], 'chunks-commitment', 'chunks-commitment', 0],
    'the header of another message': [
      [sealAll(key, content).subarray(0, 56), one, two, last],
      'chunks-forged',
      'chunks-forged',
      0,
    ],
  }
  const { length } = sealed
  for (const [name, [pieces, code, codeWithLength, whole]] of Object.entries(attacks)) {
    const [opened, got] = openAsFarAsItGoes(key, pieces)
    t.equal(got, code, name)
    t.ok(equal(opened, content.subarray(0, whole * CHUNK_LENGTH)), `${name}: nothing more came out`)
    t.equal(await codeOf(() => collect(openChunks(key, pieces))), code, name)
    t.equal(await codeOf(() => collect(openChunks(key, pieces, { length }))), codeWithLength, `${name}, length signed`)
    t.throws(() => openAll(key, concat(...pieces)), { code }, name)
  }
  t.ok(equal(openAll(key, sealed, { length }), content))
  t.throws(() => openAll(key, sealed, { length: 71 }), { code: 'chunks-truncated' }, 'no message ends there')
})

t.test('a message that has ended is not gone on with: its key is wiped', async t => {
  const sealer = new ChunkSealer(key)
  const sealed = concat(sealer.header, sealer.final())
  t.throws(() => sealer.final(), { code: 'key-wiped' })
  const opener = new ChunkOpener(key)
  t.same([...opener.update(sealed)], [])
  t.equal(opener.final().length, 0)
  t.throws(() => [...opener.update(new Uint8Array(SEALED))], { code: 'key-wiped' })
  const left = new ChunkSealer(key)
  {
    using given = left
    t.equal(given.header.length, HEADER_LENGTH)
  }
  t.throws(() => [...left.update(new Uint8Array(CHUNK_LENGTH))], { code: 'key-wiped' })
})

t.test('a range as a stream holds a part of it, and stops when told', async t => {
  const content = randomBytes(200 * CHUNK_LENGTH + 5)
  const sealed = sealAll(key, content)
  const reads: number[] = []
  const watched = {
    length: sealed.length,
    read: async (offset: number, length: number) => {
      reads.push(length)
      return sealed.subarray(offset, offset + length)
    },
  }
  const range = { start: 3, end: 150 * CHUNK_LENGTH }
  t.ok(equal(await collect(openRangeChunks(key, watched, range)), content.subarray(range.start, range.end)))
  t.same(reads, [HEADER_LENGTH, 64 * SEALED, 64 * SEALED, 22 * SEALED])
  const control = new AbortController()
  reads.length = 0
  await t.rejects(
    async () => {
      for await (const _ of openRangeChunks(key, watched, range, { signal: control.signal }))
        control.abort(new Error('enough'))
    },
    { message: 'enough' },
  )
  t.equal(reads.length, 2, 'nothing more was read')
})

t.test('another key, another context, a key of the wrong length', async t => {
  const sealed = sealAll(key, utf8('x'))
  t.throws(() => openAll({ ...key, key: randomBytes(32) }, sealed), { code: 'chunks-commitment' })
  t.throws(() => openAll({ ...key, context: lp('coffre/v1/test', 'record', 'other') }, sealed), {
    code: 'chunks-commitment',
  })
  t.throws(() => openAll({ ...key, aead: { ...chacha20Poly1305, name: 'AEAD_AES_256_GCM' } }, sealed), {
    code: 'chunks-commitment',
  })
  t.throws(() => sealAll({ ...key, key: randomBytes(31) }, utf8('x')), { code: 'key-length' })
  t.notSame(sealAll(key, utf8('x')), sealed, 'every message has a salt of its own')
})

t.test('one message cannot open under two keys (key commitment)', async t => {
  // Without commitment, a ciphertext can be built whose chunk opens under either of two keys; the header names one.
  const [a, b] = [key, { ...key, key: randomBytes(32) }]
  const salt = randomBytes(24)
  const [one, two] = [new ChunkSealer(a, { salt }), new ChunkSealer(b, { salt })]
  t.notSame(commitmentOf(one.header), commitmentOf(two.header))
  t.throws(() => openAll(b, concat(one.header, two.final())), { code: 'chunks-commitment' })
})
