import { verify } from 'node:crypto'
import { type Figure, perSecond } from '../harness/figure.ts'
import { auditedSample } from '../samples/audited.ts'

export default {
  what: 'Entries audited a second with every signed request verified, on one core, against raw Ed25519 verification of the same requests with keys at hand.',
  unit: '/s',
  cores: 1,
  async *contests() {
    const sample = await auditedSample({ entries: 60_000, records: 24 })
    const requests = sample.requests()
    yield {
      rounds: 3,
      sides: {
        coffre: perSecond(sample.size, () => sample.audit({ threads: 1, signatures: true })),
        'raw Ed25519': perSecond(requests.length, () => {
          for (const { message, signature, key } of requests) verify(null, message, key, signature)
        }),
      },
      comparisons: [{ of: 'coffre', against: 'raw Ed25519', target: { least: 0.8 } }],
    }
    sample.remove()
  },
} satisfies Figure
