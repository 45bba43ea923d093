import t from 'tap'
import { ChainWalk } from '../../src/log/chain-walk.ts'
import { type ChainedEntry, erasedLine, readEntry, writeEntry } from '../../src/log/entry.ts'
import type { Hash, Instant, RecordId } from '../../src/protocol/ids.ts'

const record = 'AAAAAAAAAAAAAAAAAAAAAA' as RecordId
const key = 'B'.repeat(42).concat('A') as Hash

/** Entries dated at these seconds, each behind the one before. */
function chainOf(...seconds: number[]): ChainedEntry[] {
  const chain: ChainedEntry[] = []
  for (const [n, second] of seconds.entries()) {
    const t = `2026-11-25T10:00:${String(second).padStart(2, '0')}.000Z` as Instant
    const actor = { kind: 'patient', id: record, key } as const
    const said = {
      t,
      actor,
      action: 'session.start',
      object: {},
      outcome: 'ok',
      grant: null,
      state: null,
      request: null,
    } as const
    chain.push(writeEntry({ record, n, prev: chain.at(-1)?.hash ?? null }, said))
  }
  return chain
}
const erased = ({ link, event }: ChainedEntry) => readEntry({ link, event: erasedLine(event) })
const walk = (entries: readonly ChainedEntry[], from: ChainedEntry | null = null) => {
  const along = new ChainWalk(from)
  for (const entry of entries) along.next(entry)
}

t.test('a chain is followed over what was erased', t => {
  const [a, b, c] = chainOf(1, 2, 2) as [ChainedEntry, ChainedEntry, ChainedEntry]
  t.equal(erased(b).hash, b.hash)
  t.doesNotThrow(() => walk([a, erased(b), c]))
  t.doesNotThrow(() => walk([erased(a), erased(b), c]))
  t.doesNotThrow(() => walk([c], b))
  t.throws(() => walk([a, c]), { code: 'chain-number' })
  t.throws(() => walk([erased(b)]), { code: 'chain-number' })
  const [, other] = chainOf(1, 2) as [ChainedEntry, ChainedEntry]
  t.throws(() => walk([a, erased(other)]), { code: 'chain-prev' })
  t.end()
})

t.test('time does not run back over what was erased', t => {
  const [a, b, c] = chainOf(5, 6, 4) as [ChainedEntry, ChainedEntry, ChainedEntry]
  t.throws(() => walk([a, b, c]), { code: 'chain-time' })
  t.throws(() => walk([a, erased(b), c]), { code: 'chain-time' })
  t.end()
})
