import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BlockWork } from '../../src/client/document/block-work.ts'
import { startCrew } from '../../src/client/document/crew-node.ts'
import { filePieces } from '../../src/client/document/file-pieces.ts'
import { openDocument } from '../../src/client/document/open.ts'
import { inParts, type Upload, uploadBody } from '../../src/client/document/upload.ts'
import { Host } from '../../src/client/http.ts'
import { concat, toBase64url } from '../../src/crypto/bytes.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { BlockTree } from '../../src/log/block-tree.ts'
import type { Anchors } from '../../src/protocol/anchors.ts'
import { PART_SIZE } from '../../src/protocol/messages.ts'
import { AT, newId } from '../../test/fixtures/document.ts'
import type { Contest, Figure } from '../harness/figure.ts'
import { contentOf, household, MIB } from '../samples/bodies.ts'

const SIZE = 2048 * MIB
const LIMIT = 64
/** Milliseconds between two looks at resident memory. */
const LOOK = 5

export default {
  what: 'Most resident memory above that of the idle process while 2 GiB are sealed into the parts of an upload, sealed and sent over TLS to a process that keeps nothing, and opened from a file; pieces lent, as a deposit and a saved reading take them; on this thread and by a crew of two, whose own memory counts; looked at with each piece, and every few milliseconds between.',
  unit: 'MiB',
  nodeArguments: ['--expose-gc'],
  async *contests(): AsyncGenerator<Contest> {
    const folder = await mkdtemp(join(tmpdir(), 'coffre-bench-memory-'))
    const sink = fork(new URL('../samples/sink.ts', import.meta.url))
    try {
      const [anchors] = (await once(sink, 'message')) as [Anchors]
      const host = new Host({ anchors, listener: 'professionals' })
      const file = join(folder, 'body')
      const small = await sealTo(file, MIB)
      await drained(small(filePieces(file)))
      await send(host, MIB)
      globalThis.gc?.()
      const idle = process.memoryUsage.rss() // everything loaded, nothing big done yet
      const content = await sealTo(file, SIZE)
      const acts: Record<string, (look: () => void, work: Work) => Promise<unknown>> = {
        seal: async (look, work) => {
          const { sealer } = await household(SIZE)
          return drained(inParts(sealer.body(contentOf(SIZE), { areLent: true, ...work }), PART_SIZE), look)
        },
        send: (look, work) => send(host, SIZE, { look, work }),
        open: (look, work) => drained(content(filePieces(file), work), look),
      }
      for (const [name, act] of Object.entries(acts)) {
        for (const threads of [1, 2]) {
          yield {
            variant: threads === 1 ? name : `${name}, a crew of ${threads}`,
            rounds: 2,
            comparisons: [{ of: 'coffre', target: { most: LIMIT } }],
            sides: {
              coffre: async () => {
                using crew = startCrew(SIZE, threads)
                return await peakOf(idle, look => act(look, crew === undefined ? {} : { work: crew }))
              },
            },
          }
        }
      }
      await host.close()
    } finally {
      sink.disconnect()
      await rm(folder, { recursive: true, force: true })
    }
  },
} satisfies Figure

type Work = { readonly work?: BlockWork }

async function drained(stream: AsyncIterable<Uint8Array>, look = () => {}): Promise<void> {
  for await (const _ of stream) look()
}

/** Seals and sends, as a deposit does. */
async function send(
  host: Host,
  size: number,
  { look = () => {}, work = {} }: { look?(): void; work?: Work } = {},
): Promise<void> {
  const { sealer, target } = await household(size)
  const upload: Upload = {
    recordId: sealer.place.recordId,
    compartment: target.compartment,
    length: sealer.bodyLength,
    body: sealer.body(contentOf(size), { areLent: true, ...work }),
    progress: look,
  }
  await uploadBody(host, { signer: { keyId: newId<string>(), key: SigningKey.generate() } }, upload)
}

/** Seals that many bytes into a file; gives what opens it. */
async function sealTo(file: string, size: number) {
  const { sealer, reader, target, author } = await household(size)
  const tree = new BlockTree()
  const written = await open(file, 'w')
  for await (const part of inParts(sealer.body(contentOf(size), { areLent: true }), PART_SIZE)) {
    tree.update(part)
    await written.writeFile(part)
  }
  await written.close()
  const { deposit, manifest, envelope, documentId } = await sealer.finish(target, author, AT)
  const stored = {
    deposit,
    manifest: toBase64url(manifest),
    envelope: toBase64url(envelope),
    placement: null,
    compartment: target.compartment,
  }
  const document = await openDocument(stored, reader, documentId)
  const blocks = toBase64url(concat(...tree.digest().leaves))
  return (body: AsyncIterable<Uint8Array>, work: Work = {}) =>
    document.content(blocks, body, { areLent: true, ...work })
}

/** How far resident memory rose above that of the idle process during an act, in MiB. */
async function peakOf(idle: number, act: (look: () => void) => Promise<unknown>): Promise<number> {
  globalThis.gc?.()
  let peak = 0
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  const looking = setInterval(look, LOOK)
  await act(look)
  clearInterval(looking)
  look()
  return (peak - idle) / MIB
}
