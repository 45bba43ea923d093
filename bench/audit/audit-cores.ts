import { type Figure, perSecond } from '../harness/figure.ts'
import { auditedSample } from '../samples/audited.ts'

export default {
  what: 'Entries audited a second in two threads against one, signatures of requests verified and left out. Needs two idle cores.',
  unit: '/s',
  async *contests() {
    const sample = await auditedSample()
    for (const signatures of [false, true]) {
      yield {
        variant: signatures ? 'signatures' : 'no signatures',
        rounds: 3,
        sides: {
          'two threads': perSecond(sample.size, () => sample.audit({ threads: 2, signatures })),
          'one thread': perSecond(sample.size, () => sample.audit({ threads: 1, signatures })),
        },
        comparisons: [{ of: 'two threads', against: 'one thread', target: { least: 1.7 } }],
      }
    }
    sample.remove()
  },
} satisfies Figure
