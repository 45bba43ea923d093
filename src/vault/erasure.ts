/** Carries out an order to have events forgotten (docs/protocol/erasure.md), on a store that no host serves from. */
import { verifyCheckpoint } from '../log/checkpoint.ts'
import { erasedLine, parseErased, parseEvent } from '../log/entry.ts'
import { isTermOver, verifyErasure } from '../log/erasure.ts'
import { parsePolicy } from '../log/policy.ts'
import type { Verified } from '../log/verified.ts'
import type { Anchors } from '../protocol/anchors.ts'
import { type EntryLines, isPassing } from '../protocol/entry.ts'
import type { Erasure } from '../protocol/statements.ts'
import { VaultError } from './errors.ts'
import type { Journal } from './journal.ts'
import type { Store } from './store/store.ts'

/** Entries looked at in one unit of work. */
const STRIDE = 2048

export interface ErasureOptions {
  readonly store: Store
  readonly journal: Journal
  readonly anchors: Anchors
  readonly clock: () => Date
  readonly onProgress: (done: number, total: number) => void
}

/**
 * Enters the order into the log, then erases the events of the passing acts in its range: what later acts rest on stays.
 * Interrupted, it is carried out to its end when it is given again. Returns how many events it took. Throws as
 * `verifyErasure`, `VaultError` `erasure-early` while the term of the last of them is not over by what witnesses saw.
 */
export async function carryOut(text: string, options: ErasureOptions): Promise<number> {
  const { store, journal, anchors, onProgress } = options
  const order = await verifyErasure(text, anchors)
  const { from, to } = order.payload
  requireAge(order, options)
  await store.write(tx => {
    const { hash } = order
    if (tx.get('SELECT 1 FROM erasures WHERE hash = @hash', { hash }) !== undefined) return
    const entry = journal.append(tx, {
      chain: 'system',
      actor: { kind: 'host', id: 'host' },
      action: 'log.erase',
      object: { order: hash, from, to },
      outcome: 'ok',
      grant: null,
      state: null,
      request: null,
    })
    tx.run('INSERT INTO erasures (hash, statement, entry) VALUES (@hash, @text, @entry)', {
      hash,
      text,
      entry: entry.hash,
    })
  })
  let erased = 0
  for (let seq = from; seq < to; seq += STRIDE) {
    const until = Math.min(seq + STRIDE, to)
    erased += await store.write(tx => {
      const rows = tx.all<EntryLines & { seq: number }>(
        'SELECT seq, link, event FROM entries WHERE seq >= @seq AND seq < @until',
        { seq, until },
      )
      const gone = rows.filter(lines => parseErased(lines) === null && isPassing(parseEvent(lines.event)))
      for (const { seq, event } of gone) {
        tx.run(`UPDATE entries SET event = @event, t = '' WHERE seq = @seq`, { seq, event: erasedLine(event) })
      }
      return gone.length
    })
    onProgress(until - from, to - from)
  }
  // What was overwritten lies in the write-ahead log until it is emptied.
  store.maintain()
  return erased
}

function requireAge({ payload }: Verified<Erasure>, { store, anchors, clock }: ErasureOptions): void {
  const policy = parsePolicy(anchors.policy)
  let after = payload.to - 1
  for (;;) {
    const row = store.read.get<{ size: number; signed: string }>(
      'SELECT size, signed FROM checkpoints WHERE size > @after ORDER BY size LIMIT 1',
      { after },
    )
    if (row === undefined) throw early('no witnessed checkpoint holds them yet')
    const { witnessedAt } = verifyCheckpoint(row.signed, policy)
    if (witnessedAt !== null) {
      const times = { witnessedAt: witnessedAt * 1000, erasedAt: clock().getTime() }
      if (isTermOver(anchors, times)) return
      throw early(`witnesses saw the last of them on ${new Date(times.witnessedAt).toISOString()}`)
    }
    after = row.size
  }
}

function early(why: string): VaultError {
  return new VaultError(`These entries are too young to be erased: ${why}`, { code: 'erasure-early' })
}
