import t from 'tap'
import { openDocument } from '../../../src/client/document/open.ts'
import { type DocumentEvidence, DocumentRefused } from '../../../src/client/document/refusal.ts'
import { DocumentSealer } from '../../../src/client/document/seal.ts'
import { ConnectionError, HostRefusal } from '../../../src/client/errors.ts'
import { bodyContext, bodyKey, envelopeInfo } from '../../../src/client/infos.ts'
import { concat, equal, fromBase64url, randomBytes, toBase64url } from '../../../src/crypto/bytes.ts'
import { sealChunks } from '../../../src/crypto/chunks.ts'
import { sha256 } from '../../../src/crypto/hash.ts'
import { SealSecretKey } from '../../../src/crypto/keys.ts'
import { open, seal } from '../../../src/crypto/seal.ts'
import { ed25519Signer, signStatement } from '../../../src/crypto/statement.ts'
import { BLOCK_LENGTH } from '../../../src/log/block-tree.ts'
import type { CompartmentId, DocumentId, Hash } from '../../../src/protocol/ids.ts'
import type { StoredDocument } from '../../../src/protocol/record.ts'
import { type Deposit, StatementTyp } from '../../../src/protocol/statements.ts'
import {
  blocksOf,
  collect,
  flipped,
  inPieces,
  makeAuthor,
  makePatient,
  makePlacement,
  makeSample,
  manifestFor,
  newId,
  type Sample,
} from '../../fixtures/document.ts'

const patient = await makePatient()
const author = await makeAuthor(patient.deployment)
const MIB = 1024 * 1024
const sample = await makeSample(patient, author, randomBytes(2 * MIB + 12_345))

const payloadOf = (deposit: string): Deposit =>
  JSON.parse(Buffer.from(deposit.split('.')[1] as string, 'base64url').toString()) as Deposit

/** The author signs something else: what a lying author, not a lying host, could do. */
const signed = (change: Partial<Deposit>, from: Sample = sample) =>
  signStatement(
    StatementTyp.deposit,
    { ...payloadOf(from.stored.deposit), ...change },
    ed25519Signer(author.signKey, author.keyStatement),
  )

async function refusal(work: Promise<unknown>): Promise<DocumentRefused> {
  try {
    await work
  } catch (error) {
    if (error instanceof DocumentRefused) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const opening = (change: Partial<StoredDocument>, documentId: DocumentId | null = null, reader = sample.reader) =>
  openDocument({ ...sample.stored, ...change }, reader, documentId)

async function reading(body: Iterable<Uint8Array>, blocks = sample.blocks, from = sample): Promise<Uint8Array> {
  const opened = await openDocument(from.stored, from.reader, null)
  return collect(opened.content(blocks, body))
}

t.test('what was sealed opens again, at every size where padding, chunks or blocks turn', async t => {
  const chunk = 16_384
  for (const size of [0, 1, 5, chunk - 1, chunk, chunk + 1, MIB - 1000, MIB, MIB + 1, 3 * MIB + 77]) {
    const each = await makeSample(patient, author, randomBytes(size))
    const opened = await openDocument(each.stored, each.reader, each.sealed.documentId)
    t.equal(opened.manifest.size, size)
    t.equal(opened.author.holder.id, '810000000017')
    t.equal(opened.compartment, each.target.compartment)
    const content = await collect(opened.content(each.blocks, inPieces(each.body, 65_537)))
    t.ok(Buffer.compare(content, each.content) === 0, `${size} bytes`)
  }
})

t.test(
  'content that is lent is overwritten when the next piece is asked for; else it is the reader’s to keep',
  async t => {
    const each = await makeSample(patient, author, randomBytes(2 * BLOCK_LENGTH + 5 * 16_384 + 7))
    const body = each.body.slice()
    const opened = await openDocument(each.stored, each.reader, null)
    const read = async (offset: number, length: number) => each.body.subarray(offset, offset + length)
    const ways: Record<string, () => AsyncGenerator<Uint8Array>> = {
      whole: () => opened.content(each.blocks, inPieces(each.body, 65_537), { areLent: true }),
      'by range': () => opened.range(each.blocks, read, { start: 0, end: each.content.length, areLent: true }),
    }
    const isZero = (piece: Uint8Array) => piece.every(byte => byte === 0)
    for (const [name, way] of Object.entries(ways)) {
      const lent: Uint8Array[] = []
      const copies: Uint8Array[] = []
      for await (const piece of way()) {
        const before = lent.at(-1)
        if (before !== undefined) t.notOk(equal(before, copies.at(-1) as Uint8Array), `${name}: the one before is gone`)
        lent.push(piece)
        copies.push(piece.slice())
      }
      t.ok(equal(concat(...copies), each.content), `${name}: each was good while it was lent`)
      t.ok(lent.length >= 5 && lent.every(isZero), `${name}: at the end all of them are zeros`)
      for (const taken of [1, 2, 4]) {
        const some: Uint8Array[] = []
        for await (const piece of way()) if (some.push(piece) === taken) break
        t.ok(some.every(isZero), `${name}: and when nobody asks for more`)
      }
    }
    t.ok(equal(each.body, body), 'the ciphertext given is not what is given back')
    const kept = await collect(opened.content(each.blocks, inPieces(each.body, 65_537)))
    t.ok(equal(kept, each.content))
  },
)

t.test('the shortest and a long title make manifests of few lengths', async t => {
  const lengths = await Promise.all(
    ['x', 'y'.repeat(200)].map(async title => {
      const each = await makeSample(patient, author, new Uint8Array(9), { ...manifestFor(9), title })
      return each.sealed.manifest.length
    }),
  )
  t.same(lengths, [1024 + 72, 1024 + 72])
})

t.test('every part that a host alters is refused with its own reason', async t => {
  const other = await makeSample(patient, author, randomBytes(100))
  const cases: [string, () => Promise<unknown>][] = [
    ['deposit-author', () => opening({ deposit: 'AA.AA.AA' })],
    ['deposit-signature', () => opening({ deposit: flippedSignature(sample.stored.deposit) })],
    ['deposit-document', () => opening({}, newId<DocumentId>())],
    ['deposit-document', () => opening(other.stored, sample.sealed.documentId)],
    ['compartment-other', () => opening({ compartment: newId<CompartmentId>() })],
    ['envelope-hash', () => opening({ envelope: flipped(sample.stored.envelope) })],
    ['envelope-hash', () => opening({ envelope: other.stored.envelope })],
    ['envelope-open', () => opening({}, null, { ...sample.reader, epochSecret: async () => SealSecretKey.generate() })],
    ['manifest-hash', () => opening({ manifest: flipped(sample.stored.manifest, -1) })],
    ['manifest-hash', () => opening({ manifest: other.stored.manifest })],
    ['body-blocks', () => reading([sample.body], flipped(sample.blocks))],
    ['body-blocks', () => reading([sample.body], other.blocks)],
    ['body-blocks', () => reading([sample.body], toBase64url(fromBase64url(sample.blocks).subarray(0, -1)))],
    ['body-blocks', () => reading([sample.body], 'A')],
    ['manifest-hash', () => opening({ manifest: 'AB' })],
    ['envelope-hash', () => opening({ envelope: 'A' })],
    ['body-block', () => reading([altered(sample.body, 100)])],
    ['body-block', () => reading([altered(sample.body, sample.body.length - 1)])],
    ['body-reordered', () => reading([swappedBlocks(sample.body)])],
    ['body-reordered', () => reading([sample.body.subarray(MIB)])],
    [
      'body-repeated',
      () => reading([sample.body.subarray(0, MIB), sample.body.subarray(0, MIB), sample.body.subarray(2 * MIB)]),
    ],
    ['body-truncated', () => reading([sample.body.subarray(0, -1)])],
    ['body-truncated', () => reading([sample.body.subarray(0, MIB)])],
    ['body-truncated', () => reading([])],
    ['body-extended', () => reading([sample.body, new Uint8Array(1)])],
    ['body-extended', () => reading([sample.body, sample.body])],
  ]
  for (const [reason, work] of cases) t.equal((await refusal(work())).code, reason)
})

t.test('what an author signed wrongly is refused too', async t => {
  const compartment = newId<CompartmentId>()
  const commitment = toBase64url(randomBytes(32))
  const cases: [string, () => Promise<unknown>][] = [
    ['deposit-record', () => signed({ recordId: newId() }).then(deposit => opening({ deposit }))],
    ['deposit-record', () => signed({ deployment: newId() }).then(deposit => opening({ deposit }))],
    // The envelope is bound to compartment, epoch and commitment.
    ['envelope-open', () => signed({ compartment }).then(deposit => opening({ deposit, compartment }))],
    ['envelope-open', () => signed({ epoch: 4 }).then(deposit => opening({ deposit }))],
    ['envelope-open', () => signed({ commitment }).then(deposit => opening({ deposit }))],
    ['body-length', () => signed({ bodyLength: 1 }).then(deposit => opening({ deposit }))],
    ['manifest-open', () => resignedManifest(randomBytes(1096))],
  ]
  for (const [reason, work] of cases) t.equal((await refusal(work())).code, reason)
})

t.test('a body whose padding hides something, or that commits to another key, is refused at that point', async t => {
  // The author seals 1000 bytes that end in a secret note and says that the content has 990: Padmé of both is the same.
  const hidden = await makeSample(patient, author, randomBytes(1000).fill(7), manifestFor(1000))
  const key = await documentKey(hidden)
  const place = { recordId: patient.recordId, documentId: hidden.sealed.documentId }
  const sealing = { key: bodyKey(key, place), context: bodyContext(place) }
  const bytes = new Uint8Array(1024)
  bytes[1010] = 1
  const body = await collect(sealChunks(sealing, [bytes]))
  const withBody = async (forged: Uint8Array, commitment: Uint8Array) => {
    const info = envelopeInfo({
      ...place,
      compartmentId: hidden.target.compartment,
      epoch: hidden.target.epoch,
      epochPublicKey: hidden.secret.publicKey.bytes,
      commitment,
    })
    const envelope = seal(hidden.secret.publicKey, info, key)
    const deposit = await signed(
      {
        commitment: toBase64url(commitment),
        envelope: toBase64url(sha256(envelope)) as Hash,
        bodyRoot: rootOf(forged),
        bodyLength: forged.length,
      },
      hidden,
    )
    const stored = { ...hidden.stored, deposit, envelope: toBase64url(envelope) }
    return reading([forged], blocksOf(forged), { ...hidden, stored })
  }
  t.equal((await refusal(withBody(body, body.slice(24, 56)))).code, 'body-padding')
  t.equal((await refusal(withBody(body, randomBytes(32)))).code, 'body-commitment')
  const otherKey = await collect(sealChunks({ ...sealing, key: randomBytes(32) }, [bytes]))
  t.equal((await refusal(withBody(otherKey, otherKey.slice(24, 56)))).code, 'body-open')
})

t.test('nothing of an altered block is given out', async t => {
  const opened = await openDocument(sample.stored, sample.reader, null)
  let given = 0
  const bad = altered(sample.body, MIB + 10)
  const work = (async () => {
    for await (const piece of opened.content(sample.blocks, inPieces(bad, 10_000))) {
      t.ok(Buffer.compare(piece, sample.content.subarray(given, given + piece.length)) === 0)
      given += piece.length
    }
  })()
  const error = await refusal(work)
  t.equal(error.code, 'body-block')
  t.equal(error.evidence.block?.index, 1)
  t.ok(given <= MIB, 'only what lay in the block before')
})

t.test('a document moved by its patient', async t => {
  const to = newId<CompartmentId>()
  const masked = SealSecretKey.generate()
  const { documentId } = sample.sealed
  const key = await documentKey(sample)
  const envelope = seal(
    masked.publicKey,
    envelopeInfo({
      recordId: patient.recordId,
      documentId,
      compartmentId: to,
      epoch: 0,
      epochPublicKey: masked.publicKey.bytes,
      commitment: fromBase64url(payloadOf(sample.stored.deposit).commitment),
    }),
    key,
  )
  const from = sample.target.compartment
  const hash = toBase64url(sha256(envelope)) as Hash
  const placement = await makePlacement(patient, { documentId, from, to, epoch: 0, envelope: hash })
  const reader = { ...sample.reader, epochSecret: async (id: string) => (id === to ? masked : sample.secret) }
  const stored = { ...sample.stored, placement, envelope: toBase64url(envelope), compartment: to }
  const name = toBase64url(sha256(Buffer.from(placement))) as Hash

  t.equal((await openDocument(stored, reader, documentId)).compartment, to)
  t.equal(
    (await openDocument(stored, { ...reader, placements: new Map([[documentId, name]]) }, documentId)).compartment,
    to,
  )

  const elsewhere = await makePatient()
  const stranger = await makePlacement(
    { ...patient, signKey: elsewhere.signKey },
    { documentId, from, to, epoch: 0, envelope: hash },
  )
  const another = await makePlacement(patient, { documentId: newId(), from, to, epoch: 0, envelope: hash })
  const cases: [string, () => Promise<unknown>][] = [
    ['placement-unknown', () => openDocument(stored, { ...reader, placements: new Map() }, documentId)],
    [
      'placement-unknown',
      () => openDocument(sample.stored, { ...reader, placements: new Map([[documentId, name]]) }, documentId),
    ],
    ['placement-signature', () => openDocument({ ...stored, placement: stranger }, reader, documentId)],
    ['placement-document', () => openDocument({ ...stored, placement: another }, reader, documentId)],
    ['envelope-hash', () => openDocument({ ...stored, envelope: sample.stored.envelope }, reader, documentId)],
    ['compartment-other', () => openDocument({ ...stored, compartment: from }, reader, documentId)],
  ]
  for (const [reason, work] of cases) t.equal((await refusal(work())).code, reason)
})

t.test('what is kept as evidence is what was served, and no key', async t => {
  const error = await refusal(opening({ envelope: flipped(sample.stored.envelope) }))
  t.equal(error.documentId, sample.sealed.documentId)
  t.same(Object.keys(error.evidence), ['document'])
  t.equal((error.evidence as DocumentEvidence).document.deposit, sample.stored.deposit)
  t.notOk(JSON.stringify(error.evidence).includes(toBase64url(await documentKey(sample))))
})

t.test('a host that cannot be reached says nothing about the document; one that hides the author does', async t => {
  const failing = (error: Error) => ({
    ...sample.reader,
    authorKeys: () => Promise.reject(error),
  })
  const down = new ConnectionError('down', { code: 'host-unreachable' })
  await t.rejects(opening({}, null, failing(down)), down)
  const hidden = new HostRefusal('unknown', { code: 'key-unknown', status: 404 })
  t.equal((await refusal(opening({}, null, failing(hidden)))).code, 'deposit-author')
})

t.test('a content that is not as long as was said is not signed', async t => {
  const sealer = () => new DocumentSealer({ recordId: patient.recordId, documentId: newId() }, manifestFor(10))
  await t.rejects(collect(sealer().body([new Uint8Array(9)])), { code: 'content-size' })
  await t.rejects(collect(sealer().body([new Uint8Array(11)])), { code: 'content-size' })
  await t.rejects(sealer().finish(sample.target, author, new Date()), { code: 'content-unsealed' })
})

function altered(bytes: Uint8Array, at: number): Uint8Array {
  const changed = bytes.slice()
  changed[at] = (changed[at] ?? 0) ^ 0x80
  return changed
}

function swappedBlocks(body: Uint8Array): Uint8Array {
  return concat(body.subarray(MIB, 2 * MIB), body.subarray(0, MIB), body.subarray(2 * MIB))
}

function flippedSignature(statement: string): string {
  const [header, payload, signature] = statement.split('.') as [string, string, string]
  return `${header}.${payload}.${flipped(signature, 5)}`
}

function rootOf(body: Uint8Array): Hash {
  const leaves = fromBase64url(blocksOf(body))
  // One block: its leaf is the root.
  t.equal(leaves.length, 32)
  return toBase64url(leaves) as Hash
}

async function documentKey(from: Sample): Promise<Uint8Array> {
  const { commitment } = payloadOf(from.stored.deposit)
  const info = envelopeInfo({
    recordId: patient.recordId,
    documentId: from.sealed.documentId,
    compartmentId: from.target.compartment,
    epoch: from.target.epoch,
    epochPublicKey: from.secret.publicKey.bytes,
    commitment: fromBase64url(commitment),
  })
  return open(from.secret, info, from.sealed.envelope)
}

async function resignedManifest(manifest: Uint8Array): Promise<unknown> {
  const deposit = await signed({ manifest: toBase64url(sha256(manifest)) as Hash })
  return opening({ deposit, manifest: toBase64url(manifest) })
}
