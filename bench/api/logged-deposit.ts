import type { Figure } from '../harness/figure.ts'
import { p99 } from '../samples/connections.ts'
import { DEPOSITS, prepareDeposits } from '../samples/logged-deposits.ts'
import { CLIENTS } from '../samples/logged-reads.ts'

const BARE = 'bare express'

export default {
  what: `Deposits a second of 4 KiB documents into a whole host, ${CLIENTS} clients over TLS 1.3 with a card, each request's signature checked, each answer durable (FULL), the last with its entry; a deposit is three requests (start, part, statement). Against express with helmet that makes a row of each of the same three requests in grouped SQLite commits (FULL) on as many threads, each with a database of its own, with neither signature nor log. Clients sign for either and share the machine with it.`,
  unit: '/s',
  async *contests() {
    const loads = await prepareDeposits()
    const rate = (load: () => Promise<{ seconds: number }>) => async () => (CLIENTS * DEPOSITS) / (await load()).seconds
    yield {
      sides: { coffre: rate(loads.ours), [BARE]: rate(loads.bare) },
      comparisons: [{ of: 'coffre', against: BARE, target: { least: 0.5 } }],
    }
    yield {
      variant: 'p99 ms',
      sides: {
        coffre: async () => p99((await loads.ours()).latencies),
        [BARE]: async () => p99((await loads.bare()).latencies),
      },
      comparisons: [{ of: 'coffre', against: BARE }],
    }
    await loads.stop()
  },
} satisfies Figure
