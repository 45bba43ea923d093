import type { Figure } from '../harness/figure.ts'
import { CLIENTS, prepareReads, READS } from '../samples/logged-reads.ts'

const BARE = 'bare express'
const LIMIT = 'bare express, one signature verified, one durable row'

export default {
  what: `Reads a second of 4 KiB documents from a whole host, ${CLIENTS} clients over TLS 1.3 with a card, each request's signature checked, each read's entry durable (FULL) before it is answered; the body comes with that answer. Against express with helmet answering the same bytes over TLS on as many threads, with neither signature nor log; and against that with no more than one Ed25519 verification and one row in a grouped SQLite commit (FULL, a database a thread) for each. Requests are signed before the clock runs; what is left of clients (TLS, reading the answer) shares the machine with each side.`,
  unit: '/s',
  async *contests() {
    const loads = await prepareReads()
    const rate = (load: () => Promise<{ seconds: number }>) => async () => (CLIENTS * READS) / (await load()).seconds
    yield {
      sides: { coffre: rate(loads.ours), [BARE]: rate(loads.bare), [LIMIT]: rate(loads.limit) },
      comparisons: [
        { of: 'coffre', against: BARE, target: { least: 0.5 } },
        { of: 'coffre', against: LIMIT },
        { of: LIMIT, against: BARE },
      ],
    }
    await loads.stop()
  },
} satisfies Figure
