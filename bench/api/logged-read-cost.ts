import type { Figure } from '../harness/figure.ts'
import { CLIENTS, prepareReads, READS } from '../samples/logged-reads.ts'
import { processTime } from '../samples/process-time.ts'

export default {
  what: `Milliseconds of processor that a read of the figure logged-read takes: of the host, in all its threads, and of its clients, which share the machine with it.`,
  unit: 'ms',
  async *contests() {
    const loads = await prepareReads()
    yield {
      rounds: 5,
      sides: {
        host: async () => {
          const before = processTime(loads.pid)
          await loads.ours()
          return (processTime(loads.pid) - before) / (CLIENTS * READS)
        },
        'its clients': async () => (await loads.ours()).ownMs / (CLIENTS * READS),
      },
      comparisons: [{ of: 'host' }, { of: 'its clients' }],
    }
    await loads.stop()
  },
} satisfies Figure
