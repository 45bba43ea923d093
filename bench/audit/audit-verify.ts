import { hash } from 'node:crypto'
import { type Figure, perSecond } from '../harness/figure.ts'
import { auditedSample } from '../samples/audited.ts'

const LINES = 'SHA-256 of each line'
const LIMIT = 'the five hashes of an entry'

export default {
  what: 'Entries audited a second on one core (export, chains, tree, states, authority; all but the signatures of requests), against one-shot SHA-256 once per stored line, and against the hashing alone that no audit can leave out: both lines, the entry of their hashes, its leaf and its node of the tree.',
  unit: '/s',
  cores: 1,
  async *contests() {
    const sample = await auditedSample({ entries: 200_000, records: 40 })
    const lines = sample.lines()
    const bytes = lines.map(line => new Uint8Array(Buffer.from(line)))
    yield {
      sides: {
        coffre: perSecond(sample.size, () => sample.audit({ threads: 1, signatures: false })),
        [LINES]: perSecond(lines.length / 2, () => {
          for (const line of lines) hash('sha256', line, 'hex')
        }),
        [LIMIT]: perSecond(lines.length / 2, () => fiveHashes(bytes)),
      },
      comparisons: [
        { of: 'coffre', against: LINES, target: { least: 0.5 } },
        { of: 'coffre', against: LIMIT },
        { of: LIMIT, against: LINES },
      ],
    }
    sample.remove()
  },
} satisfies Figure

const ENTRY = new Uint8Array(4 + 'coffre/v1/entry'.length + 2 * (4 + 32))
const LEAF = new Uint8Array(1 + 32)
const NODE = new Uint8Array(1 + 2 * 32)

/** Nothing is read or put together: whatever an audit does, it takes at least this. */
function fiveHashes(lines: readonly Uint8Array[]): void {
  for (let i = 0; i + 1 < lines.length; i += 2) {
    hash('sha256', lines[i] as Uint8Array, 'latin1')
    hash('sha256', lines[i + 1] as Uint8Array, 'latin1')
    for (const input of [ENTRY, LEAF, NODE]) hash('sha256', input, 'latin1')
  }
}
