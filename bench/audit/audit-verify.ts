import { hash } from 'node:crypto'
import { type Figure, perSecond } from '../harness/figure.ts'
import { auditedSample } from '../samples/audited.ts'

export default {
  what: 'Entries audited a second on one core (export, chains, tree, states, authority; all but the signatures of requests), against one-shot SHA-256 once per stored line.',
  unit: '/s',
  cores: 1,
  async *contests() {
    const sample = await auditedSample()
    const lines = sample.lines()
    yield {
      sides: {
        coffre: perSecond(sample.size, () => sample.audit({ threads: 1, signatures: false })),
        'SHA-256': perSecond(lines.length / 2, () => {
          for (const line of lines) hash('sha256', line, 'hex')
        }),
      },
      comparisons: [{ of: 'coffre', against: 'SHA-256', target: { least: 0.5 } }],
    }
    sample.remove()
  },
} satisfies Figure
