import t from 'tap'
import { EntryFiles } from '../../../src/cli/audit/entry-files.ts'
import { type StoredEntry, takes, WHOLE } from '../../../src/log/audit/source.ts'
import { ENTRIES_IN_FILE, entryFilePath, formatEntryFile } from '../../../src/log/entry-files.ts'

const chains = ['system', 'AAAAAAAAAAAAAAAAAAAAAA', 'BBBBBBBBBBBBBBBBBBBBBA', 'CCCCCqCCCCCCCCCCCCCCCQ']
const entry = (seq: number) => ({
  seq,
  chain: chains[seq % chains.length] as string,
  hash: `hash-${seq}`,
  link: `{"v":1,"record":"${chains[seq % chains.length]}","n":${seq}}`,
  event: seq % 7 === 0 ? `{"of":"Zoé ${seq}"}` : `{"of":"${seq}"}`,
})
const missing = new Set([3, ENTRIES_IN_FILE + 4])
const all = Array.from({ length: 2 * ENTRIES_IN_FILE + 10 }, (_, seq) => entry(seq)).filter(
  ({ seq }) => !missing.has(seq),
)
const written = new Map<string, Buffer>()
for (const first of [0, ENTRIES_IN_FILE, 2 * ENTRIES_IN_FILE]) {
  const own = all.filter(({ seq }) => seq >= first && seq < first + ENTRIES_IN_FILE)
  written.set(entryFilePath(first), Buffer.from(formatEntryFile(first, own)))
}
/** What an entry of a file says: its lines are made when they are asked for. */
const said = (entries: readonly StoredEntry[]) =>
  entries.map(({ seq, chain, hash, link, event }) => ({ seq, chain, hash, link, event }))
const read: string[] = []
const opened = () =>
  new EntryFiles(path => {
    read.push(path)
    return written.get(path) ?? null
  })
const files = opened()

t.test('what was written is read, whatever the range, missing numbers left out', t => {
  for (const [from, to] of [
    [0, all.length + 10],
    [250, 260],
    [3, 4],
    [ENTRIES_IN_FILE, ENTRIES_IN_FILE + 1],
  ] as const) {
    t.same(
      said(files.entries({ from, to, part: WHOLE })),
      all.filter(({ seq }) => seq >= from && seq < to),
    )
  }
  t.end()
})

t.test('parts share the chains, the system’s is in each; what names no chain is in the first', t => {
  for (const index of [0, 1]) {
    const part = { index, of: 2 }
    t.same(
      said(files.entries({ from: 0, to: 600, part })),
      all.filter(({ chain }) => chain === 'system' || takes(part, chain)),
    )
  }
  const broken = new EntryFiles(() => Buffer.from('h\n{}\ne\n'))
  t.equal(broken.entries({ from: 0, to: 1, part: { index: 0, of: 2 } }).length, 1)
  t.equal(broken.entries({ from: 0, to: 1, part: { index: 1, of: 2 } }).length, 0)
  t.end()
})

t.test('one entry; its file stays at hand; of a file that is not there nothing is', t => {
  const files = opened()
  read.length = 0
  for (const seq of [300, 301]) t.same(said([files.at(seq) as StoredEntry]), [all.find(each => each.seq === seq)])
  t.equal(read.length, 1)
  t.equal(files.at(3), null)
  t.equal(files.at(10_000), null)
  t.end()
})
