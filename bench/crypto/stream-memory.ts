import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDocument } from '../../src/client/document/open.ts'
import { inParts } from '../../src/client/document/upload.ts'
import { concat, toBase64url } from '../../src/crypto/bytes.ts'
import { BlockTree } from '../../src/log/block-tree.ts'
import { PART_SIZE } from '../../src/protocol/messages.ts'
import { AT } from '../../test/fixtures/document.ts'
import type { Contest, Figure } from '../harness/figure.ts'
import { contentOf, drain, household, MIB } from '../samples/bodies.ts'

const SIZE = 2048 * MIB
const LIMIT = 64

export default {
  what: 'Most resident memory above that of the idle process while 2 GiB are sealed into the parts of an upload, and while they are opened from a file; pieces lent, as a deposit and a saved reading take them; sampled at each piece.',
  unit: 'MiB',
  nodeArguments: ['--expose-gc'],
  async *contests(): AsyncGenerator<Contest> {
    const folder = await mkdtemp(join(tmpdir(), 'coffre-bench-memory-'))
    try {
      const file = join(folder, 'body')
      const small = await sealTo(file, MIB)
      await drain(small(createReadStream(file)))
      globalThis.gc?.()
      const idle = process.memoryUsage.rss() // everything loaded, nothing big done yet
      const content = await sealTo(file, SIZE)
      const judged = [{ of: 'coffre', target: { most: LIMIT } }]
      yield {
        variant: 'seal',
        rounds: 2,
        comparisons: judged,
        sides: {
          coffre: async () => {
            const { sealer } = await household(SIZE)
            return peakOf(idle, inParts(sealer.body(contentOf(SIZE), { areLent: true }), PART_SIZE))
          },
        },
      }
      yield {
        variant: 'open',
        rounds: 2,
        comparisons: judged,
        sides: { coffre: () => peakOf(idle, content(createReadStream(file, { highWaterMark: 64 * 1024 }))) },
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
} satisfies Figure

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
  return (body: AsyncIterable<Uint8Array>) => document.content(blocks, body, { areLent: true })
}

/** Reads a stream to its end; gives how far resident memory rose above that of the idle process, in MiB. */
async function peakOf(idle: number, stream: AsyncIterable<Uint8Array>): Promise<number> {
  let peak = 0
  for await (const _ of stream) peak = Math.max(peak, process.memoryUsage.rss())
  return (peak - idle) / MIB
}
