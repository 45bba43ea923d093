import { type Figure, perSecond } from '../harness/figure.ts'
import { auditedSample } from '../samples/audited.ts'

/** Threads start cold, and each verifies the directory's cards: of a short log that is half of the work. */
const VARIANTS = [
  { variant: 'no signatures', signatures: false, made: { entries: 2_000_000, records: 400 } },
  { variant: 'signatures', signatures: true, made: { entries: 60_000, records: 100 } },
] as const

export default {
  what: 'Entries audited a second in two threads against one, signatures of requests verified and left out; 60,000 entries and 2 million, threads started anew each time. Needs two idle cores.',
  unit: '/s',
  async *contests() {
    for (const { variant, signatures, made } of VARIANTS) {
      const sample = await auditedSample(made)
      yield {
        variant,
        rounds: 3,
        sides: {
          'two threads': perSecond(sample.size, () => sample.audit({ threads: 2, signatures })),
          'one thread': perSecond(sample.size, () => sample.audit({ threads: 1, signatures })),
        },
        comparisons: [{ of: 'two threads', against: 'one thread', target: { least: 1.7 } }],
      }
      sample.remove()
    }
  },
} satisfies Figure
