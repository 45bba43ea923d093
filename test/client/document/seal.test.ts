import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { openDocument } from '../../../src/client/document/open.ts'
import { DocumentSealer } from '../../../src/client/document/seal.ts'
import { inParts } from '../../../src/client/document/upload.ts'
import { concat, equal, randomBytes, toBase64url } from '../../../src/crypto/bytes.ts'
import { Sha256, sha256 } from '../../../src/crypto/hash.ts'
import { SealSecretKey } from '../../../src/crypto/keys.ts'
import { BlockTree } from '../../../src/log/block-tree.ts'
import type { CompartmentId, DocumentId, Hash } from '../../../src/protocol/ids.ts'
import { PART_SIZE } from '../../../src/protocol/messages.ts'
import { AT, collect, makeAuthor, makePatient, makeSample, manifestFor, newId } from '../../fixtures/document.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const MIB = 1024 * 1024
const SIZE = 128 * MIB
/** A part or a block, and what passes through: well below the body. */
const ALLOWED = 64 * MIB

async function* content(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < SIZE / MIB; i++) yield new Uint8Array(MIB).fill(i)
}

// What is held is asked right after a collection: when garbage goes is the collector's business, not ours.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function held(): number {
  collectGarbage()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

/** Most bytes held at any of some thirty moments while a stream is consumed, above what was held before. */
async function peakWhile(stream: AsyncIterable<Uint8Array>, each: (piece: Uint8Array) => unknown): Promise<number> {
  const idle = held()
  let [peak, passed, looked] = [0, 0, 0]
  for await (const piece of stream) {
    await each(piece)
    passed += piece.length
    if (passed - looked < SIZE / 30) continue
    looked = passed
    peak = Math.max(peak, held() - idle)
  }
  return peak
}

t.test('a large body is sealed, cut into parts and opened again without being held', async t => {
  const patient = await makePatient()
  const author = await makeAuthor(patient.deployment)
  const secret = SealSecretKey.generate()
  const place = { recordId: patient.recordId, documentId: newId<DocumentId>() }
  const sealer = new DocumentSealer(place, manifestFor(SIZE))
  const path = join(testFolder(t), 'body')

  const tree = new BlockTree()
  const file = await open(path, 'w')
  let parts = 0
  const sealing = await peakWhile(inParts(sealer.body(content(), { areLent: true }), PART_SIZE), async part => {
    tree.update(part)
    await file.write(part)
    parts++
  })
  await file.close()
  t.equal(parts, Math.ceil(sealer.bodyLength / PART_SIZE))
  t.ok(sealing < ALLOWED, `sealing took ${Math.round(sealing / MIB)} MiB`)

  const compartment = newId<CompartmentId>()
  const state = toBase64url(sha256(new Uint8Array(0))) as Hash
  const target = { deployment: patient.deployment, compartment, epoch: 0, epochKey: secret.publicKey, state }
  const { deposit, manifest, envelope } = await sealer.finish(target, author, AT)
  const stored = {
    deposit,
    manifest: toBase64url(manifest),
    envelope: toBase64url(envelope),
    placement: null,
    compartment,
  }
  const { deployment, recordId, identity } = patient
  const reader = { deployment, recordId, identity, authorKeys: author.keys, epochSecret: async () => secret }
  const opened = await openDocument(stored, reader, null)
  const blocks = toBase64url(concat(...tree.digest().leaves))
  const hash = new Sha256()
  const opening = await peakWhile(opened.content(blocks, createReadStream(path)), piece => hash.update(piece))
  t.ok(opening < ALLOWED, `opening took ${Math.round(opening / MIB)} MiB`)

  const expected = new Sha256()
  for await (const piece of content()) expected.update(piece)
  t.same(hash.digest(), expected.digest())
})

t.test('pieces are the caller’s to keep unless they are lent; lent ones lie in the same memory again', async t => {
  const patient = await makePatient()
  const size = 4 * MIB + 5
  const bytes = new Uint8Array(size).fill(7)
  const sealer = () => new DocumentSealer({ recordId: patient.recordId, documentId: newId() }, manifestFor(size))

  const own = sealer()
  const kept: Uint8Array[] = []
  for await (const piece of own.body([bytes])) kept.push(piece)
  t.equal(concat(...kept).length, own.bodyLength)
  t.equal(new Set(kept.map(({ buffer }) => buffer)).size, kept.length)

  const lending = sealer()
  const lent: Uint8Array[] = []
  let passed = 0
  for await (const piece of lending.body([bytes], { areLent: true })) {
    passed += piece.length
    lent.push(piece)
  }
  t.equal(passed, lending.bodyLength)
  t.ok(lent.length >= 5 && new Set(lent.map(({ buffer }) => buffer)).size <= 2)
  t.ok(bytes.length === size && bytes.every(byte => byte === 7), 'the content given is not what is used again')
})

t.test('content may be lent too: each piece is copied before the next is asked for', async t => {
  const patient = await makePatient()
  const author = await makeAuthor(patient.deployment)
  const content = randomBytes(2 * MIB + 99)
  const lent = new Uint8Array(100_000)
  async function* lending() {
    for (let at = 0; at < content.length; at += lent.length) {
      const part = content.subarray(at, at + lent.length)
      lent.set(part)
      yield lent.subarray(0, part.length)
      lent.fill(0)
    }
  }
  const sample = await makeSample(patient, author, content, manifestFor(content.length), lending())
  const opened = await openDocument(sample.stored, sample.reader, null)
  t.ok(equal(await collect(opened.content(sample.blocks, [sample.body])), content))
})
