import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { auditStore } from '../../../src/cli/audit/run.ts'
import { fromBase64url, toBase64url } from '../../../src/crypto/bytes.ts'
import type { AuditPosition } from '../../../src/log/audit/audit.ts'
import { type EntryRange, type StoredEntry, WHOLE } from '../../../src/log/audit/source.ts'
import { entryHash, parseEntry, writeEntry } from '../../../src/log/entry.ts'
import { formatNote, parseNote } from '../../../src/log/note.ts'
import { Instant } from '../../../src/protocol/ids.ts'
import { playStore, StoreCopy } from '../../fixtures/audited-store.ts'
import { flipped } from '../../fixtures/document.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

// One store for all, tampered with in copies.
const folder = testFolder(t)
const played = await playStore(join(folder, 'played'))
let copies = 0
const copyOf = () => new StoreCopy(played, join(folder, `copy-${++copies}`))

/** Audits what a changed list of entries would be, wherever the database would have kept it out. */
const codesOf = async (copy: StoreCopy, change: (entries: StoredEntry[]) => StoredEntry[]): Promise<string[]> => {
  const source = copy.source()
  const changed = change([...(await source.entries({ from: 0, to: await source.size(), part: WHOLE }))]).map(
    ({ chain, hash, link, event }, seq): StoredEntry => ({
      seq,
      chain,
      link,
      event,
      ...(hash !== undefined && { hash }),
    }),
  )
  const entries = ({ from, to }: EntryRange) => changed.slice(from, to)
  const report = await copy.audit({}, { ...source, size: () => changed.length, entries, close: () => source.close() })
  return report.findings.map(({ code }) => code)
}

t.test('the store as it was written holds, its receipts and every checkpoint of its past too', async t => {
  const copy = copyOf()
  const past = copy.edit(
    database => database.prepare('SELECT size, signed FROM checkpoints').all() as { size: number; signed: string }[],
  )
  const seen = past.map(({ size, signed }) => ({ name: `of ${size}`, signed }))
  const report = await copy.audit({ seen, receipts: [...played.receipts, 'not one'] })
  t.same(report.findings, [])
  t.match(report.counts.receipts, { honoured: played.receipts.length, due: 0, foreign: 1 })
  t.ok(played.receipts.length > 5)
})

t.test('without bodies, nothing is said of them', async t => {
  const copy = copyOf()
  rmSync(copy.file('bodies'), { recursive: true })
  const report = await copy.audit({}, copy.source({ bodies: false }))
  t.match(report, { holds: true, counts: { documents: null } })
  t.same(await copy.codes(), ['body-missing'])
})

t.test('entry changed', async t => {
  const copy = copyOf()
  const seq = copy.seqOf('document.read')
  copy.edit(database => {
    const { event } = database.prepare('SELECT event FROM entries WHERE seq = ?').get(seq) as { event: string }
    const salt = /"salt":"([^"]+)"\}$/.exec(event)?.[1] as string
    database.prepare('UPDATE entries SET event = ? WHERE seq = ?').run(event.replace(salt, flipped(salt)), seq)
  })
  const { findings } = await copy.audit()
  t.match(findings[0], { code: 'entry-altered', seq })
  const codes = findings.map(({ code }) => code)
  for (const code of ['chain-broken', 'tree-root', 'tile-altered']) t.ok(codes.includes(code as never), code)

  // The same with the store's own index corrected: the tree still knows.
  copy.edit(database => {
    const row = database.prepare('SELECT link, event FROM entries WHERE seq = ?').get(seq) as StoredEntry
    database.prepare('UPDATE entries SET hash = ? WHERE seq = ?').run(entryHash(row), seq)
  })
  const corrected = await copy.codes()
  t.notOk(corrected.includes('entry-altered'))
  t.ok(corrected.includes('tree-root') && corrected.includes('chain-broken'))
})

t.test('entry that says something else, in a form that cannot be read', async t => {
  const copy = copyOf()
  copy.edit(database => database.prepare("UPDATE entries SET event = '{}' WHERE seq = 3").run())
  const codes = await copy.codes()
  t.ok(codes.includes('entry-form') && codes.includes('tree-root'))
})

t.test('entry removed', async t => {
  const copy = copyOf()
  const seq = copy.seqOf('document.deposit')
  copy.edit(database => database.prepare('DELETE FROM entries WHERE seq = ?').run(seq))
  const { findings } = await copy.audit()
  t.match(findings[0], { code: 'entry-removed', seq })
  t.ok(findings.some(({ code }) => code === 'chain-gap'))
  t.ok(findings.some(({ code }) => code === 'tree-root'))
  // and so that no number is missing
  const codes = await codesOf(copyOf(), entries => entries.filter(entry => entry.seq !== seq))
  t.notOk(codes.includes('entry-removed'))
  t.ok(codes.includes('chain-gap') && codes.includes('tree-root'))
})

t.test('entries reordered', async t => {
  const swap = (a: number, b: number) => (entries: StoredEntry[]) => {
    const changed = [...entries]
    ;[changed[a], changed[b]] = [entries[b] as StoredEntry, entries[a] as StoredEntry]
    return changed
  }
  const copy = copyOf()
  const list = copy.seqOf('document.list')
  const within = await codesOf(copy, swap(list, list + 1))
  t.ok(within.includes('chain-gap') && within.includes('tree-root'), 'within a chain')
  const system = copy.entries().findIndex(({ parsed }, i) => i > 5 && parsed.link.record === 'system')
  const across = await codesOf(copyOf(), swap(system - 1, system))
  t.ok(across.includes('tree-root'), 'across chains')
})

t.test('entry duplicated, entry inserted', async t => {
  const seq = copyOf().seqOf('document.read')
  const twice = await codesOf(copyOf(), entries => entries.toSpliced(seq, 0, entries[seq] as StoredEntry))
  t.ok(twice.includes('entry-duplicated') && twice.includes('tree-root'))

  const inserted = await codesOf(copyOf(), entries => {
    const before = parseEntry(entries[seq] as StoredEntry)
    const { link, event } = before.parsed
    const made = writeEntry({ record: link.record, n: link.n + 1, prev: before.hash }, { ...event, request: null })
    return entries.toSpliced(seq + 1, 0, { ...made, seq, chain: link.record })
  })
  for (const code of ['chain-forked', 'tree-root']) t.ok(inserted.includes(code), code)
})

t.test('tail cut', async t => {
  const copy = copyOf()
  const whole = copy.entries().length
  const kept = copy.edit(database => database.prepare('SELECT signed FROM checkpoints ORDER BY size DESC').get()) as {
    signed: string
  }
  copy.edit(database => database.prepare('DELETE FROM entries WHERE seq >= ?').run(whole - 2))
  t.ok((await copy.codes()).includes('tail-cut'))

  // With every later checkpoint gone too, the store alone holds; what others kept tells.
  const cut = copyOf()
  const deposit = cut.entries().findLastIndex(({ parsed }) => parsed.event.action === 'document.deposit')
  const older = cut.edit(
    database =>
      database.prepare('SELECT size, signed FROM checkpoints WHERE size <= ? ORDER BY size DESC').get(deposit) as {
        size: number
        signed: string
      },
  )
  cut.edit(database => {
    database.prepare('DELETE FROM entries WHERE seq >= ?').run(older.size)
    database.prepare('DELETE FROM checkpoints WHERE size > ?').run(older.size)
    database.prepare('DELETE FROM documents WHERE position >= ?').run(older.size)
  })
  cut.publish({ size: older.size, root: fromBase64url(cut.edit(rootOf(older.size))) })
  const alone = await cut.codes()
  t.notOk(alone.includes('tail-cut'))
  t.ok((await cut.codes({ seen: [{ name: 'kept', signed: kept.signed }] })).includes('tail-cut'))
  t.ok((await cut.codes({ receipts: played.receipts })).includes('receipt-not-honoured'))
})

const rootOf = (size: number) => (database: import('better-sqlite3').Database) =>
  (database.prepare('SELECT root FROM checkpoints WHERE size = ?').get(size) as { root: string }).root

t.test('forked chain of one record, inside one tree that all have signed', async t => {
  const copy = copyOf()
  copy.loosen()
  const last = copy.entries().findLast(({ parsed }) => parsed.link.record === played.record)
  if (last === undefined) throw new Error('no entry')
  const { link, event } = last.parsed
  copy.append(writeEntry({ record: link.record, n: link.n, prev: link.prev }, event))
  t.same(await copy.codes(), ['chain-forked', 'nonce-replayed'])
})

t.test('checkpoint re-signed with another root', async t => {
  const copy = copyOf()
  const size = copy.entries().length
  copy.publish({ size, root: new Uint8Array(32).fill(7) })
  t.same(await copy.codes(), ['tree-root'])
  // one of the past
  const past = copyOf()
  past.edit(database => {
    const { size } = database.prepare('SELECT size FROM checkpoints ORDER BY size LIMIT 1 OFFSET 3').get() as {
      size: number
    }
    const root = new Uint8Array(32).fill(7)
    database
      .prepare('UPDATE checkpoints SET root = ?, signed = ? WHERE size = ?')
      .run(toBase64url(root), past.checkpoint({ size, root }), size)
  })
  t.ok((await past.codes()).includes('tree-root'))
  // shown to somebody else
  const forked = { name: 'shown to another', signed: copy.checkpoint({ size: 5, root: new Uint8Array(32) }) }
  t.same(await copyOf().codes({ seen: [forked] }), ['tree-forked'])
})

t.test('checkpoint with a signature altered, or without its witnesses', async t => {
  const rewrite = async (change: (signed: string) => string) => {
    const copy = copyOf()
    const signed = change(readFileSync(copy.file('log', 'checkpoint'), 'utf8'))
    writeFileSync(copy.file('log', 'checkpoint'), signed)
    return copy.codes()
  }
  const without = (fits: (name: string, i: number) => boolean) => (signed: string) => {
    const { text, signatures } = parseNote(signed)
    return formatNote({ text, signatures: signatures.filter(({ name }, i) => fits(name, i)) })
  }
  t.same(await rewrite(without(name => !name.includes('witness'))), ['checkpoint-quorum'])
  t.same(await rewrite(without(name => !name.includes('witness-2'))), ['checkpoint-quorum'])
  t.same(await rewrite(without((_, i) => i !== 1)), ['checkpoint-signature'], 'the log’s second signature is asked for')
  const altered = (signed: string) => {
    const { text, signatures } = parseNote(signed)
    const [first, ...rest] = signatures
    if (first === undefined) throw new Error('unsigned')
    return formatNote({
      text,
      signatures: [{ ...first, signature: first.signature.map((b, i) => (i === 9 ? b ^ 1 : b)) }, ...rest],
    })
  }
  t.same(await rewrite(altered), ['checkpoint-signature'])
  const none = copyOf()
  rmSync(none.file('log', 'checkpoint'))
  t.same(await none.codes(), ['checkpoint-missing'])
})

t.test('clock set back, clock ahead', async t => {
  const move = async (ms: number) => {
    const copy = copyOf()
    const last = copy.entries().findLast(({ parsed }) => parsed.link.record === 'system')
    if (last === undefined) throw new Error('no entry')
    const at = Instant.parse(new Date(Date.parse(last.parsed.event.t) + ms).toISOString())
    const { link, event } = last.parsed
    copy.append(writeEntry({ record: 'system', n: link.n + 1, prev: last.hash }, { ...event, t: at }))
    return copy.codes()
  }
  t.same(await move(-3_600_000), ['clock-set-back'])
  t.same(await move(3_600_000), ['clock-ahead'])
  t.same(await move(100), [])
})

t.test('body, manifest, envelope swapped', async t => {
  const swap = (column: 'manifest' | 'envelope') => {
    const copy = copyOf()
    copy.edit(database => {
      const [a, b] = database.prepare('SELECT document, manifest, envelope FROM documents ORDER BY position').all() as {
        document: string
        manifest: string
        envelope: string
      }[]
      const set = database.prepare(`UPDATE documents SET ${column} = ? WHERE document = ?`)
      set.run(b?.[column], a?.document)
      set.run(a?.[column], b?.document)
    })
    return copy.codes()
  }
  t.same(await swap('manifest'), ['manifest-altered'])
  t.same(await swap('envelope'), ['envelope-altered'])
  const copy = copyOf()
  const bodies = readdirSync(copy.file('bodies'), { recursive: true, withFileTypes: true }).filter(each =>
    each.isFile(),
  )
  const [a, b] = bodies.map(({ parentPath, name }) => join(parentPath, name))
  cpSync(a as string, b as string)
  t.same(await copy.codes(), ['body-altered'])
  rmSync(b as string)
  t.same(await copy.codes(), ['body-missing'])
  const small = copyOf()
  small.edit(database => database.prepare('UPDATE small_bodies SET bytes = zeroblob(length(bytes))').run())
  t.same(await small.codes(), ['body-altered'], 'in the database')
  small.edit(database => database.prepare('DELETE FROM small_bodies').run())
  t.same(await small.codes(), ['body-missing'])
  const moved = copyOf()
  moved.edit(database => database.prepare('UPDATE documents SET compartment = ?').run('AAAAAAAAAAAAAAAAAAAAAA'))
  t.same(await moved.codes(), ['document-misplaced'])
})

t.test('the envelope before a masking is the wrong one afterwards', async t => {
  const copy = copyOf()
  const { findings } = await copy.audit()
  t.same(findings, [])
  copy.edit(database => database.prepare("UPDATE documents SET envelope = 'AAAA' WHERE placement IS NOT NULL").run())
  t.same(await copy.codes(), ['envelope-altered'])
})

t.test('key swapped in the directory, key slipped in', async t => {
  const copy = copyOf()
  copy.edit(database => {
    const [a, b] = database.prepare('SELECT hash, statement FROM keys').all() as { hash: string; statement: string }[]
    database.prepare('UPDATE keys SET statement = ? WHERE hash = ?').run(b?.statement, a?.hash)
  })
  t.ok((await copy.codes()).includes('statement-altered'))
  const slipped = copyOf()
  slipped.edit(database =>
    database
      .prepare(
        "INSERT INTO keys SELECT 'slipped-in', kind, national_id, seq + 1, statement, sign_key, not_after, entry FROM keys LIMIT 1",
      )
      .run(),
  )
  t.same(await slipped.codes(), ['statement-unlogged'])
})

t.test('statements missing from the store', async t => {
  for (const [table, code] of [
    ['grants', 'statement-missing'],
    ['placements', 'statement-missing'],
    ['documents', 'statement-missing'],
    ['registrations', 'statement-missing'],
    ['identities', 'statement-missing'],
    ['activations', 'statement-missing'],
    ['states', 'state-missing'],
  ] as const) {
    const copy = copyOf()
    copy.edit(database => database.prepare(`DELETE FROM ${table}`).run())
    t.ok((await copy.codes()).includes(code), table)
  }
})

t.test('states altered, slipped in, taken away', async t => {
  const slipped = copyOf()
  slipped.edit(database =>
    database
      .prepare(
        "INSERT INTO states SELECT 'slipped-in', record, seq + 1, statement, sets, entry FROM states ORDER BY seq DESC LIMIT 1",
      )
      .run(),
  )
  t.same(await slipped.codes(), ['state-unlogged'])
  const sets = copyOf()
  sets.edit(database => {
    const row = database.prepare('SELECT hash, sets FROM states ORDER BY seq DESC').get() as {
      hash: string
      sets: string
    }
    const changed = JSON.parse(row.sets)
    changed.placements = []
    database.prepare('UPDATE states SET sets = ? WHERE hash = ?').run(JSON.stringify(changed), row.hash)
  })
  t.ok((await sets.codes()).includes('state-broken'), 'the sets are held against the roots')
})

t.test('tiles altered, missing; a bundle too', async t => {
  const copy = copyOf()
  const size = copy.entries().length
  const tile = copy.file('log', 'tile', '0', '000.p', String(size))
  const bytes = readFileSync(tile)
  bytes[5] = (bytes[5] ?? 0) ^ 1
  writeFileSync(tile, bytes)
  t.same(await copy.codes(), ['tile-altered'])
  rmSync(tile)
  t.same(await copy.codes(), ['tile-missing'])
  const bundle = copyOf()
  const path = bundle.file('log', 'tile', 'entries', '000.p', String(size))
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from([0])]))
  t.same(await bundle.codes(), ['tile-altered'])
})

t.test('entries that wait too long outside the tree', async t => {
  const copy = copyOf()
  const last = copy.entries().findLast(({ parsed }) => parsed.link.record === 'system')
  if (last === undefined) throw new Error('no entry')
  const { link, event } = last.parsed
  const insert = (ms: number) => {
    const t = Instant.parse(new Date(Date.parse(event.t) + ms).toISOString())
    const made = writeEntry({ record: 'system', n: link.n + 1, prev: last.hash }, { ...event, t })
    copy.edit(database => {
      database.prepare('DELETE FROM entries WHERE seq = ?').run(copy.entries().length)
      database
        .prepare('INSERT INTO entries SELECT MAX(seq) + 1, ?, ?, ?, ?, ?, ? FROM entries')
        .run('system', made.parsed.link.n, t, made.hash, made.link, made.event)
    })
  }
  insert(50)
  const waiting = await copy.audit()
  t.same(waiting.findings, [])
  t.equal(waiting.tree?.waiting, 1)
  // The host goes on showing its log to the witnesses, without the entry.
  const time = new Date(Date.parse(event.t) + 10 * 60_000)
  const { size } = waiting.tree ?? { size: 0 }
  const later = new StoreCopy({ ...played, now: time }, join(folder, `copy-${++copies}`))
  cpSync(copy.folder, later.folder, { recursive: true })
  later.publish({ size, root: fromBase64url(waiting.tree?.root ?? '') })
  t.same(await later.codes(), ['not-integrated'])
})

t.test('a published checkpoint that is kept in the past', async t => {
  const copy = copyOf()
  const { signed } = copy.edit(
    database => database.prepare('SELECT signed FROM checkpoints WHERE size >= 6').get() as { signed: string },
  )
  const { size, root } = (await copy.audit()).tree ?? { size: 0, root: '' }
  const later = new StoreCopy({ ...played, now: new Date(played.now.getTime() + 20 * 60_000) }, join(folder, 'past'))
  later.publish({ size, root: fromBase64url(root) })
  t.same(await later.codes(), [])
  writeFileSync(later.file('log', 'checkpoint'), signed)
  t.ok((await later.codes()).includes('checkpoint-stale'))
})

t.test('a store that breaks off is a finding, not a crash', async t => {
  const copy = copyOf()
  const file = copy.file('store.sqlite')
  const bytes = readFileSync(file)
  const middle = copy.entries().at(20)?.link ?? ''
  // Where its row stands, in a page whose first bytes say what page it is.
  bytes.fill(0xff, Math.floor(bytes.indexOf(middle) / 4096) * 4096, Math.floor(bytes.indexOf(middle) / 4096) * 4096 + 8)
  writeFileSync(file, bytes)
  const { findings } = await copy.audit()
  t.match(findings.at(-1), { code: 'store-unreadable', group: 'store' })
})

t.test('an interrupted audit goes on where it stopped, with what it had found', async t => {
  const copy = copyOf()
  copy.edit(database => database.prepare("UPDATE entries SET hash = 'x' WHERE seq = 9").run())
  const positions: AuditPosition[] = []
  const whole = await copy.audit({ range: 8, onPosition: position => positions.push(position) })
  const middle = positions.find(({ size }) => size === 16) as AuditPosition
  t.match(middle.findings, [{ code: 'entry-altered', seq: 9, count: 1 }])
  const later: AuditPosition[] = []
  const rest = await copy.audit({ range: 7, resume: middle, onPosition: position => later.push(position) })
  t.same(rest, whole, 'nothing is found twice, nothing is forgotten')
  t.equal(later[0]?.size, 16, 'a position before that one is never given again')

  await t.rejects(copyOf().audit({ resume: { ...middle, root: positions[0]?.root ?? '' } }), { code: 'audit-resume' })
  await t.rejects(copyOf().audit({ resume: { ...middle, size: 10_000 } }), { code: 'audit-resume' })
  const changed = copyOf()
  changed.edit(database => database.prepare("UPDATE entries SET event = '{}' WHERE seq = 3").run())
  await t.rejects(changed.audit({ range: 8, resume: middle }), { code: 'audit-resume' }, 'what was audited has changed')
})

t.test('without the signatures of requests nothing is said to hold', async t => {
  t.match(await copyOf().audit({ signatures: false }), { holds: false, signatures: false, findings: [] })
})

t.test('several threads find what one finds', async t => {
  const copy = copyOf()
  const inThreads = async (threads: number) => {
    const { anchors, now } = played
    const asked = { anchors, now, threads, bodies: true, signatures: true }
    return auditStore(copy.folder, asked, () => {})
  }
  const whole = await inThreads(3)
  t.same(whole, await inThreads(1))
  t.ok(whole.holds)
  const swapped = copy.seqOf('document.read')
  copy.edit(database => {
    database.prepare("UPDATE entries SET chain = 'AAAAAAAAAAAAAAAAAAAAAA' WHERE seq = ?").run(swapped)
    database.exec("UPDATE documents SET manifest = 'AAAA'; DELETE FROM crls; DELETE FROM entries WHERE seq = 4")
  })
  const [three, one] = [await inThreads(3), await inThreads(1)]
  for (const code of ['entry-removed', 'entry-altered', 'manifest-altered', 'key-refused']) {
    const of = (report: typeof one) => report.findings.find(finding => finding.code === code)
    t.match(of(three), { code, seq: of(one)?.seq }, code)
  }
})
