/**
 * What a host may do to its log or its store, one row each: done to a real store's files, with every key that the host
 * and its witnesses have, and found by the audit under its name at the first bad entry. The rows are the list of
 * docs/audit.md, «Tampering that is found».
 */
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fromBase64url } from '../../src/crypto/bytes.ts'
import type { AuditOptions } from '../../src/log/audit/audit.ts'
import { FINDINGS, type FindingCode } from '../../src/log/audit/finding.ts'
import { type EntryRange, type StoredEntry, WHOLE } from '../../src/log/audit/source.ts'
import { erasedLine, writeEntry } from '../../src/log/entry.ts'
import { listHash } from '../../src/log/list.ts'
import { type DocumentId, type Hash, Instant } from '../../src/protocol/ids.ts'
import { actOf, type Holder, playStore, StoreCopy } from '../fixtures/audited-store.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const folder = testFolder(t)
const played = await playStore(join(folder, 'played'))
const { holders, documents } = played
const [masked, clinics, latest] = documents as [DocumentId, DocumentId, DocumentId]

/** What was done; where the first bad entry is, and what the auditor was given beside the store. */
interface Done {
  readonly seq?: number
  readonly record?: string
  readonly given?: Partial<AuditOptions>
  /** Entries as the auditor reads them, where the database itself would have kept the change out. */
  readonly entries?: (entries: readonly StoredEntry[]) => StoredEntry[]
}
type Tamper = (copy: StoreCopy) => Done | Promise<Done>

const sql = (copy: StoreCopy, text: string, ...values: (string | number)[]) =>
  copy.edit(database => void database.prepare(text).run(...values))
const one = <T>(copy: StoreCopy, text: string, ...values: (string | number)[]): T =>
  copy.edit(database => database.prepare(text).get(...values) as T)
const grantOf = (copy: StoreCopy, { id }: Holder) =>
  one<{ hash: Hash }>(copy, 'SELECT hash FROM grants WHERE grantee = ? ORDER BY in_force DESC', id).hash
const swap = (column: 'manifest' | 'envelope') => (copy: StoreCopy) => {
  const rows = copy.edit(
    database =>
      database.prepare(`SELECT document, position, ${column} AS part FROM documents ORDER BY position`).all() as {
        document: string
        position: number
        part: string
      }[],
  )
  const [a, b] = rows as [(typeof rows)[0], (typeof rows)[0]]
  sql(copy, `UPDATE documents SET ${column} = ? WHERE document = ?`, b.part, a.document)
  sql(copy, `UPDATE documents SET ${column} = ? WHERE document = ?`, a.part, b.document)
  return { seq: a.position }
}
const systemEntry = (copy: StoreCopy, ms: number) => {
  const last = copy.entries().findLast(({ parsed }) => parsed.link.record === 'system')
  if (last === undefined) throw new Error('no entry')
  const { link, event } = last.parsed
  const at = Instant.parse(new Date(Date.parse(event.t) + ms).toISOString())
  const seq = copy.entries().length
  copy.append(writeEntry({ record: 'system', n: link.n + 1, prev: last.hash }, { ...event, t: at }))
  return { seq }
}
/** Everything after a checkpoint of the past taken away, that checkpoint signed anew: a backup that was put back. */
const rollBack = (copy: StoreCopy) => {
  const deposit = copy.entries().findLastIndex(({ parsed }) => parsed.event.action === 'document.deposit')
  const { size, root } = one<{ size: number; root: string }>(
    copy,
    'SELECT size, root FROM checkpoints WHERE size <= ? ORDER BY size DESC',
    deposit,
  )
  sql(copy, 'DELETE FROM entries WHERE seq >= ?', size)
  sql(copy, 'DELETE FROM checkpoints WHERE size > ?', size)
  sql(copy, 'DELETE FROM documents WHERE position >= ?', size)
  copy.publish({ size, root: fromBase64url(root) })
  return size
}
const forged = async (copy: StoreCopy, act: Parameters<StoreCopy['forge']>[0]) => {
  const { parsed } = await copy.forge(act)
  return { seq: copy.entries().findIndex(entry => entry.parsed.link.salt === parsed.link.salt), record: played.record }
}

const rows: readonly (readonly [line: string, code: FindingCode, tamper: Tamper])[] = [
  [
    'entry changed',
    'entry-altered',
    copy => {
      const seq = copy.seqOf('document.read')
      const { event } = one<{ event: string }>(copy, 'SELECT event FROM entries WHERE seq = ?', seq)
      sql(copy, 'UPDATE entries SET event = ? WHERE seq = ?', event.replace(/"document":"."?/, '"document":"B'), seq)
      return { seq, record: played.record }
    },
  ],
  [
    'entry removed',
    'entry-removed',
    copy => {
      const seq = copy.seqOf('document.deposit')
      sql(copy, 'DELETE FROM entries WHERE seq = ?', seq)
      return { seq }
    },
  ],
  [
    'entries reordered',
    'chain-gap',
    copy => {
      const seq = copy.seqOf('document.list')
      const both = (entries: readonly StoredEntry[]) =>
        entries.toSpliced(seq, 2, entries[seq + 1] as StoredEntry, entries[seq] as StoredEntry)
      return { seq, record: played.record, entries: both }
    },
  ],
  [
    'entry duplicated',
    'entry-duplicated',
    copy => {
      const seq = copy.seqOf('document.read')
      return { seq: seq + 1, entries: entries => entries.toSpliced(seq, 0, entries[seq] as StoredEntry) }
    },
  ],
  [
    'entry inserted',
    'no-grant',
    copy =>
      forged(copy, place =>
        actOf(played, holders.doctor, {
          ...place,
          action: 'document.read',
          object: { document: latest },
          path: `/documents/${latest}`,
          grant: null,
        }),
      ),
  ],
  [
    'tail cut',
    'tail-cut',
    copy => {
      const seq = copy.entries().length - 2
      sql(copy, 'DELETE FROM entries WHERE seq >= ?', seq)
      return { seq }
    },
  ],
  [
    'store rolled back',
    'tail-cut',
    copy => {
      const signed = readFileSync(copy.file('log', 'checkpoint'), 'utf8')
      return { seq: rollBack(copy), given: { seen: [{ name: 'kept by a witness', signed }] } }
    },
  ],
  [
    'forked log shown to two parties',
    'tree-forked',
    copy => {
      const signed = copy.checkpoint({ size: 5, root: new Uint8Array(32) })
      return { seq: 4, given: { seen: [{ name: 'shown to another', signed }] } }
    },
  ],
  [
    'forked chain of one record inside one tree',
    'chain-forked',
    copy => {
      copy.loosen()
      const last = copy.entries().findLast(({ parsed }) => parsed.link.record === played.record)
      if (last === undefined) throw new Error('no entry')
      const { link, event } = last.parsed
      const seq = copy.entries().length
      copy.append(writeEntry({ record: link.record, n: link.n, prev: link.prev }, event))
      return { seq, record: played.record }
    },
  ],
  [
    'checkpoint re-signed',
    'tree-root',
    copy => {
      const size = copy.entries().length
      copy.publish({ size, root: new Uint8Array(32).fill(7) })
      return { seq: size - 1 }
    },
  ],
  ['clock set back', 'clock-set-back', copy => systemEntry(copy, -3_600_000)],
  [
    'body swapped',
    'body-altered',
    copy => {
      const files = readdirSync(copy.file('bodies'), { recursive: true, withFileTypes: true }).filter(each =>
        each.isFile(),
      )
      const [a, b] = files.map(({ parentPath, name }) => ({ path: join(parentPath, name), name })) as [
        { path: string; name: string },
        { path: string; name: string },
      ]
      cpSync(a.path, b.path)
      return { seq: one<{ position: number }>(copy, 'SELECT position FROM documents WHERE body = ?', b.name).position }
    },
  ],
  ['manifest swapped', 'manifest-altered', swap('manifest')],
  ['envelope swapped', 'envelope-altered', swap('envelope')],
  [
    'key swapped in the directory',
    'statement-altered',
    copy => {
      const [a, b] = copy.edit(
        database =>
          database.prepare('SELECT hash, statement FROM keys ORDER BY hash').all() as Record<string, string>[],
      ) as [Record<string, string>, Record<string, string>]
      sql(copy, 'UPDATE keys SET statement = ? WHERE hash = ?', b.statement as string, a.hash as string)
      return { seq: copy.seqOf('key.publish', ({ object }) => object.keyStatement === a.hash), record: 'system' }
    },
  ],
  [
    'stale state served',
    'state-stale',
    copy => {
      const older = one<{ hash: Hash }>(copy, 'SELECT hash FROM states ORDER BY seq DESC LIMIT 1 OFFSET 2').hash
      const act = { action: 'document.read' as const, object: { document: latest }, path: `/documents/${latest}` }
      return forged(copy, place => ({
        ...actOf(played, holders.doctor, { ...place, ...act, grant: grantOf(copy, holders.doctor) }),
        state: older,
      }))
    },
  ],
  [
    'stale keyring served',
    'epoch-stale',
    copy => {
      const object = one<{ deposit: Hash; compartment: string }>(
        copy,
        'SELECT deposit_hash AS deposit, compartment FROM documents WHERE document = ?',
        clinics,
      )
      const grant = grantOf(copy, holders.clinic)
      const act = { action: 'document.deposit' as const, method: 'POST', path: '/documents', grant }
      return forged(copy, place =>
        actOf(played, holders.clinic, { ...place, ...act, object: { document: clinics, ...object } }),
      )
    },
  ],
  [
    'document withheld from a list',
    'list-withheld',
    copy => {
      const object = { ids: listHash([clinics]), count: 1 }
      const act = { action: 'document.list' as const, object, path: '/documents' }
      return forged(copy, place =>
        actOf(played, holders.doctor, { ...place, ...act, grant: grantOf(copy, holders.doctor) }),
      )
    },
  ],
  [
    'read served without a grant',
    'no-grant',
    copy => {
      const act = { action: 'document.read' as const, object: { document: latest }, path: `/documents/${latest}` }
      return forged(copy, place =>
        actOf(played, holders.otherDoctor, { ...place, ...act, grant: grantOf(copy, holders.otherDoctor) }),
      )
    },
  ],
  [
    'read served after masking',
    'served-after-mask',
    copy => {
      const act = { action: 'document.read' as const, object: { document: masked }, path: `/documents/${masked}` }
      return forged(copy, place =>
        actOf(played, holders.doctor, { ...place, ...act, grant: grantOf(copy, holders.doctor) }),
      )
    },
  ],
  [
    'erasure without right',
    'erased-unlawfully',
    copy => {
      const seq = copy.seqOf('document.read')
      const { event } = one<{ event: string }>(copy, 'SELECT event FROM entries WHERE seq = ?', seq)
      sql(copy, 'UPDATE entries SET event = ? WHERE seq = ?', erasedLine(event), seq)
      return { seq }
    },
  ],
  [
    'receipt not honoured',
    'receipt-not-honoured',
    copy => {
      rollBack(copy)
      return { given: { receipts: played.receipts } }
    },
  ],
]

let copies = 0
const copyOf = () => new StoreCopy(played, join(folder, `copy-${++copies}`))

t.test('what a truthful host wrote holds, with its receipts and its own checkpoint', async t => {
  const copy = copyOf()
  const seen = [{ name: 'kept', signed: readFileSync(copy.file('log', 'checkpoint'), 'utf8') }]
  t.match(await copy.audit({ receipts: played.receipts, seen }), { holds: true, findings: [] })
})

for (const [line, code, tamper] of rows) {
  t.test(line, async t => {
    const copy = copyOf()
    const { seq, record, given = {}, entries } = await tamper(copy)
    const source = copy.source()
    const changed = entries?.([...(await source.entries({ from: 0, to: await source.size(), part: WHOLE }))]).map(
      ({ chain, link, event, hash }, i): StoredEntry => ({
        seq: i,
        chain,
        link,
        event,
        ...(hash !== undefined && { hash }),
      }),
    )
    const reading =
      changed === undefined
        ? source
        : { ...source, size: () => changed.length, entries: ({ from, to }: EntryRange) => changed.slice(from, to) }
    const { findings, holds } = await copy.audit(given, { ...reading, close: () => source.close() })
    const found = findings.find(finding => finding.code === code)
    t.notOk(holds)
    t.ok(found, `${code}, among ${findings.map(each => each.code)}`)
    if (seq !== undefined) t.equal(found?.seq, seq, 'the first bad entry')
    if (record !== undefined) t.equal(found?.record, record)
    t.notOk(JSON.stringify(findings).includes('"ins"'), 'evidence names no patient')
  })
}

t.test('the handbook names each row and its finding, and no other', async t => {
  const handbook = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8')
  const table = /## Tampering that is found\n[^|]*((?:\|.*\n)+)/.exec(handbook)?.[1] ?? ''
  const cells = table
    .split('\n')
    .slice(2, -1)
    .map(line => line.split('|').map(cell => cell.trim()))
  t.same(
    cells.map(([, line, code]) => [line, code]),
    rows.map(([line, code]) => [line, `\`${code}\``]),
  )
  for (const [, code] of rows) t.ok(code in FINDINGS)
})
