import type { Figure } from '../harness/figure.ts'
import { CLIENTS, prepareReads, READS } from '../samples/logged-reads.ts'

const BARE = 'bare express'

export default {
  what: `Reads a second of 4 KiB documents from a whole host, ${CLIENTS} clients over TLS 1.3 with a card, each request's signature checked, each opening's entry durable (FULL) before it is answered; a read is two requests (opening, body). Against express with helmet answering the same bytes to the same two requests over TLS on as many threads, with neither signature nor log. Clients share the machine with either.`,
  unit: '/s',
  async *contests() {
    const loads = await prepareReads()
    const rate = (load: () => Promise<{ seconds: number }>) => async () => (CLIENTS * READS) / (await load()).seconds
    yield {
      sides: { coffre: rate(loads.ours), [BARE]: rate(loads.bare) },
      comparisons: [{ of: 'coffre', against: BARE, target: { least: 0.5 } }],
    }
    await loads.stop()
  },
} satisfies Figure
