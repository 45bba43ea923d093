import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { Crew } from '../../../src/client/document/crew.ts'
import { startCrew } from '../../../src/client/document/crew-node.ts'
import { crewThread } from '../../../src/client/document/crew-thread.ts'
import { openDocument } from '../../../src/client/document/open.ts'
import { DocumentSealer } from '../../../src/client/document/seal.ts'
import { equal, randomBytes } from '../../../src/crypto/bytes.ts'
import { BLOCK_LENGTH } from '../../../src/log/block-tree.ts'
import { codeOf } from '../../crypto/vectors.ts'
import { collect, inPieces, makeAuthor, makePatient, makeSample, manifestFor, newId } from '../../fixtures/document.ts'

const patient = await makePatient()
const author = await makeAuthor(patient.deployment)
const LARGE = 16 * 2 ** 20

/** A crew whose threads are this one's turns: what is said to them can be looked at. The last one is its own. */
function crewHere(count: number) {
  const plaintexts: ArrayBuffer[] = []
  const told = Array.from({ length: count }, () => 0)
  const threads = told.map((_, at) => {
    let answered: (answer: Parameters<Parameters<typeof crewThread>[0]>[0]) => void = () => {}
    const work = crewThread((answer, buffers) => {
      const moved = structuredClone(answer, { transfer: buffers })
      if ('plaintext' in moved) plaintexts.push(moved.plaintext)
      answered(moved)
    })
    return {
      tell(one: Parameters<typeof work>[0], buffers: ArrayBuffer[]) {
        if ('plaintext' in one) told[at] = (told[at] ?? 0) + 1
        void work(structuredClone(one, { transfer: buffers }))
      },
      listen(given: typeof answered) {
        answered = given
      },
      end: () => {},
    }
  })
  return { crew: new Crew(threads.slice(0, -1), threads.at(-1)), plaintexts, told }
}

t.test('what a crew seals opens on one thread, and the other way round, at every size where it turns', async t => {
  using crew = startCrew(LARGE, 2) as Crew
  for (const size of [0, 1, BLOCK_LENGTH, 3 * BLOCK_LENGTH - 5000]) {
    const content = randomBytes(size)
    const sample = await makeSample(patient, author, content, manifestFor(size), inPieces(content, 70_000), crew)
    const opened = await openDocument(sample.stored, sample.reader, null)
    const body = () => inPieces(sample.body, 65_536)
    t.ok(equal(await collect(opened.content(sample.blocks, body())), content), `${size}: by the crew`)
    t.ok(equal(await collect(opened.content(sample.blocks, body(), { work: crew })), content), `${size}: with it`)
    const lent = opened.content(sample.blocks, body(), { work: crew, areLent: true })
    const copies: Uint8Array[] = []
    for await (const piece of lent) copies.push(piece.slice())
    t.ok(equal(new Uint8Array(Buffer.concat(copies)), content), `${size}: lent`)
  }
})

t.test('an altered block is refused as on one thread, after what was good before it', async t => {
  const content = randomBytes(4 * BLOCK_LENGTH)
  const sample = await makeSample(patient, author, content)
  const opened = await openDocument(sample.stored, sample.reader, null)
  using crew = startCrew(LARGE, 2) as Crew
  for (const block of [0, 2]) {
    const body = sample.body.slice()
    body[block * BLOCK_LENGTH + 99] = (body[block * BLOCK_LENGTH + 99] as number) ^ 1
    for (const work of [{}, { work: crew }]) {
      const pieces: Uint8Array[] = []
      const code = await codeOf(async () => {
        for await (const piece of opened.content(sample.blocks, [body], work)) pieces.push(piece)
      })
      t.equal(code, 'body-block')
      const before = new Uint8Array(Buffer.concat(pieces))
      t.ok(before.length <= block * BLOCK_LENGTH && before.length >= (block - 1) * BLOCK_LENGTH)
      t.ok(equal(before, content.subarray(0, before.length)))
    }
  }
})

t.test('several bodies at once, one of them left early: plaintexts that nobody waits for are overwritten', async t => {
  const { crew, plaintexts, told } = crewHere(3)
  const content = randomBytes(6 * BLOCK_LENGTH)
  const sample = await makeSample(patient, author, content)
  const opened = await openDocument(sample.stored, sample.reader, null)
  const whole = collect(opened.content(sample.blocks, [sample.body], { work: crew }))
  for await (const _ of opened.content(sample.blocks, [sample.body], { work: crew, areLent: true })) break
  t.ok(equal(await whole, content))
  t.ok(
    told.every(blocks => blocks > 0),
    'each has its share, the thread that shares out too',
  )
  plaintexts.length = 0
  const leaving = new DocumentSealer(
    { recordId: patient.recordId, documentId: newId<never>() },
    manifestFor(content.length),
  )
  for await (const _ of leaving.body([content], { work: crew })) break
  for await (const _ of opened.content(sample.blocks, [sample.body], { work: crew, areLent: true })) break
  await new Promise(resolve => setTimeout(resolve, 50))
  t.ok(plaintexts.length > 1 && plaintexts.every(memory => new Uint8Array(memory).every(byte => byte === 0)))
})

t.test(
  'a thread that is gone ends what is under way, by a code of its own and not as the document’s fault',
  async t => {
    const crew = startCrew(LARGE, 2) as Crew
    const sample = await makeSample(patient, author, randomBytes(5 * BLOCK_LENGTH))
    const opened = await openDocument(sample.stored, sample.reader, null)
    const content = opened.content(sample.blocks, inPieces(sample.body, BLOCK_LENGTH), { work: crew })
    await content.next()
    crew.close()
    t.equal(await codeOf(() => collect(content)), 'thread-ended')
    const place = { recordId: patient.recordId, documentId: newId<never>() }
    const sealer = new DocumentSealer(place, manifestFor(10))
    t.equal(await codeOf(() => collect(sealer.body([new Uint8Array(10)], { work: crew }))), 'thread-ended')
  },
)

t.test('small contents and single cores are left to this thread', async t => {
  t.equal(startCrew(LARGE - 1, 2), undefined)
  t.equal(startCrew(LARGE, 1), undefined)
  const path = new URL('../../../src/client/document/crew-node-thread.ts', import.meta.url)
  const worker = new Worker(path)
  worker.postMessage({ what: 'end', body: 1 })
  const job = { body: 7, index: 0, plaintext: new ArrayBuffer(1), block: new ArrayBuffer(80) }
  worker.postMessage({ what: 'seal block', plaintextLength: 1, ...job })
  const [{ failed }] = await once(worker, 'message')
  t.equal(failed.code, 'key-wiped', 'a body that was not begun')
  await worker.terminate()
})
