import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Anchors } from '../../src/protocol/anchors.ts'
import type { Contest, Figure } from '../harness/figure.ts'
import { MIB } from '../samples/bodies.ts'
import type { Streaming } from '../samples/streaming.ts'

const SIZE = 2048 * MIB
const LIMIT = 64

export default {
  what: 'Most resident memory above that of the idle process while 2 GiB are sealed into the parts of an upload, sealed and sent over TLS to a process that keeps nothing, and opened from a file; pieces lent, as a deposit and a saved reading take them; each in a process of its own, by one thread and by two, whose runtimes count; looked at with each piece, and every few milliseconds between. Beside it what a thread takes that does nothing.',
  unit: 'MiB',
  async *contests(): AsyncGenerator<Contest> {
    const folder = await mkdtemp(join(tmpdir(), 'coffre-bench-memory-'))
    const sink = fork(new URL('../samples/sink.ts', import.meta.url))
    try {
      const [anchors] = (await once(sink, 'message')) as [Anchors]
      const act = (act: Streaming['act'], threads: number) => () =>
        stream({ act, threads, folder, size: SIZE, anchors: act === 'send' ? anchors : null })
      await act('prepare', 1)()
      for (const threads of [1, 2]) {
        for (const name of ['seal', 'send', 'open'] as const) {
          yield {
            variant: threads === 1 ? name : `${name}, ${threads} threads`,
            rounds: 2,
            sides: { coffre: act(name, threads) },
            comparisons: [{ of: 'coffre', target: { most: LIMIT } }],
          }
        }
      }
      yield {
        variant: 'an idle thread',
        rounds: 3,
        sides: { 'an empty program': act('threads', 1) },
        comparisons: [{ of: 'an empty program' }],
      }
    } finally {
      sink.disconnect()
      await rm(folder, { recursive: true, force: true })
    }
  },
} satisfies Figure

/** Plays one act and gives what it took, in MiB. */
async function stream(told: Streaming): Promise<number> {
  const child = fork(new URL('../samples/streaming.ts', import.meta.url), [JSON.stringify(told)], {
    execArgv: ['--expose-gc'],
  })
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`The process that ${told.act}s ended early`)
    }),
  ])
  if (child.connected) await once(child, 'exit')
  return answer as number
}
