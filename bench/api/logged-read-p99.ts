import type { Figure } from '../harness/figure.ts'
import { p50, p99 } from '../samples/connections.ts'
import { CLIENTS, prepareReads } from '../samples/logged-reads.ts'

const BARE = 'bare express'

export default {
  what: `Milliseconds within which 99 of 100 requests of the figure logged-read are answered, ${CLIENTS} clients at once, beside the same for the bare server; and the middle one.`,
  unit: 'ms',
  async *contests() {
    const loads = await prepareReads()
    yield {
      sides: {
        coffre: async () => p99((await loads.ours()).latencies),
        [BARE]: async () => p99((await loads.bare()).latencies),
      },
      comparisons: [{ of: 'coffre', against: BARE, target: { most: 5 } }],
    }
    yield {
      variant: 'p50',
      sides: {
        coffre: async () => p50((await loads.ours()).latencies),
        [BARE]: async () => p50((await loads.bare()).latencies),
      },
      comparisons: [{ of: 'coffre', against: BARE }],
    }
    await loads.stop()
  },
} satisfies Figure
