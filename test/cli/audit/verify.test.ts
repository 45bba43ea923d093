import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { PositionFile } from '../../../src/cli/audit/position-file.ts'
import { main } from '../../../src/cli/main.ts'
import type { AuditReport } from '../../../src/log/audit/report.ts'
import { playStore, StoreCopy } from '../../fixtures/audited-store.ts'
import { insOf } from '../../fixtures/patient.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const folder = testFolder(t)
const played = await playStore(join(folder, 'played'))
const anchors = join(folder, 'anchors.json')
writeFileSync(anchors, JSON.stringify(played.anchors))
let copies = 0
const copyOf = () => new StoreCopy(played, join(folder, `copy-${++copies}`))

/** Runs the program. The clock of this store runs a minute ahead, which checkpoints allow for. */
const run = (...words: string[]) => call('verify', ...words)
async function call(...words: string[]) {
  let out = ''
  let err = ''
  const code = await main(['audit', ...words], {
    stdout: { write: text => (out += text) },
    stderr: { write: text => (err += text) },
  })
  return { code, out, err }
}
const json = async (...words: string[]) => {
  const { code, out } = await run(...words, '--json')
  return { code, report: JSON.parse(out) as AuditReport }
}

t.test('a store that holds: told in words, exit 0', async t => {
  const copy = copyOf()
  const { code, out, err } = await run(copy.folder, '--anchors', anchors)
  t.equal(code, 0)
  t.equal(err, '')
  t.match(out, /^HOLDS: /m)
  t.match(out, new RegExp(`^ +${copy.entries().length} {2}entries in 1 record and`, 'm'))
  t.match(out, /cosigned by witness-1, witness-2 \(quorum at 20/)
  t.match(out, /3 {2}stored documents hashed again/)
  const quick = await run('--store', copy.folder, '--anchors', anchors, '--no-bodies')
  t.equal(quick.code, 0)
  t.match(quick.out, /bodies were not looked at/)
})

t.test('receipts and checkpoints kept elsewhere', async t => {
  const copy = copyOf()
  const receipts = join(folder, 'receipts.jsonl')
  const lines = played.receipts.map((receipt, i) => (i % 2 === 0 ? receipt : JSON.stringify({ receipt })))
  writeFileSync(receipts, `${lines.join('\n')}\n\n{"other":1}\n`)
  const kept = join(folder, 'kept.txt')
  writeFileSync(kept, readFileSync(copy.file('log', 'checkpoint')))
  const { code, report } = await json(copy.folder, '--anchors', anchors, '--receipts', receipts, '--checkpoint', kept)
  t.equal(code, 0)
  t.match(report.counts.receipts, { honoured: lines.length, due: 0, foreign: 1 })
  writeFileSync(kept, copy.checkpoint({ size: 4, root: new Uint8Array(32) }))
  const forked = await json(copy.folder, '--anchors', anchors, '--checkpoint', kept)
  t.equal(forked.code, 11)
  t.match(forked.report.findings, [{ code: 'tree-forked' }])
})

t.test('each group of findings has its exit code; of several, the lowest', async t => {
  const codeOf = async (tamper: (copy: StoreCopy) => void) => {
    const copy = copyOf()
    tamper(copy)
    const { code, out } = await run(copy.folder, '--anchors', anchors)
    t.match(out, /^DOES NOT HOLD: \d+ kinds? of finding/m)
    t.match(out, /^ {4}meaning: {2}\w/m)
    t.match(out, /^ {4}to do: {4}\w/m)
    return code
  }
  const sql = (text: string) => (copy: StoreCopy) => copy.edit(database => void database.exec(text))
  t.equal(await codeOf(sql('DELETE FROM entries WHERE seq = 9')), 10)
  t.equal(await codeOf(copy => copy.publish({ size: copy.entries().length, root: new Uint8Array(32) })), 11)
  t.equal(await codeOf(sql('DELETE FROM crls')), 13)
  t.equal(await codeOf(sql("UPDATE documents SET manifest = 'AAAA'")), 14)
  t.equal(await codeOf(sql("DELETE FROM crls; UPDATE documents SET manifest = 'AAAA'")), 13)
  t.equal(await codeOf(copy => writeFileSync(copy.file('store.sqlite'), 'no database')), 19)
})

t.test('threads, and a state file to go on from', async t => {
  const copy = copyOf()
  const state = join(folder, 'state.json')
  const { code, out } = await run(copy.folder, '--anchors', anchors, '--threads', '2', '--state', state)
  t.equal(code, 0, out)
  t.notOk(existsSync(state), 'an audit that came to its end leaves no state')
  const quick = await run(copy.folder, '--anchors', anchors, '--no-signatures')
  t.equal(quick.code, 20)
  t.match(quick.out, /^NOTHING FOUND, and this is no proof/m)
  const wrong = async (...words: string[]) => (await run(copy.folder, '--anchors', anchors, ...words)).err
  t.match(await wrong('--threads', '0'), /from 1 to 64/)
  writeFileSync(state, '{}')
  t.match(await wrong('--state', state), /not the state of an audit/)
  new PositionFile(state, { anchors: { ...played.anchors, name: 'Other' }, signatures: true }, 0).keep({
    ...{ size: 1, root: 'r', findings: [] },
  })
  t.match(await wrong('--state', state), /other anchors or options/)
  const file = new PositionFile(state, { anchors: played.anchors, signatures: true }, 0)
  file.keep({ size: 1, root: 'r', findings: [] })
  t.same(file.read(), { size: 1, root: 'r', findings: [] })
  const other = await run(copy.folder, '--anchors', anchors, '--state', state)
  t.match(other.err, /another log, or this one has changed/)
  t.equal(other.code, 2)
})

t.test('a store that is not there is a finding, too', async t => {
  const { code, report } = await json(join(folder, 'nowhere'), '--anchors', anchors)
  t.equal(code, 19)
  t.match(report, { holds: false, findings: [{ code: 'store-unreadable', group: 'store' }] })
})

t.test('evidence: one file a finding, with what it is judged by and no patient', async t => {
  const copy = copyOf()
  const out = join(folder, 'evidence')
  copy.edit(database => database.exec("DELETE FROM crls; UPDATE documents SET manifest = 'AAAA'"))
  const { code, report } = await json(copy.folder, '--anchors', anchors, '--evidence', out)
  t.equal(code, 13)
  t.same(readdirSync(out).sort(), report.findings.map(({ code }) => `${code}.json`).sort())
  for (const { code, evidence } of report.findings) {
    const text = readFileSync(join(out, `${code}.json`), 'utf8')
    const file = JSON.parse(text) as Record<string, unknown>
    t.match(file, { coffre: 'audit-evidence/1', code, trusted: { policy: played.anchors.policy } })
    t.same(file.evidence, evidence)
    t.notOk(text.includes(insOf('42')) || text.includes('audited@example.invalid'))
  }
  writeFileSync(join(folder, 'file'), '')
  const wrong = await run(copy.folder, '--anchors', anchors, '--evidence', join(folder, 'file'))
  t.match(wrong.err, /cannot be written/)
})

t.test('one entry by hand, with the very commands of the handbook', async t => {
  const handbook = readFileSync(new URL('../../../docs/audit.md', import.meta.url), 'utf8')
  const commands = /## One entry by hand[\s\S]*?```sh\n([\s\S]*?)```/.exec(handbook)?.[1] ?? ''
  const copy = copyOf()
  for (const action of ['document.read', 'grant.give', 'key.publish'] as const) {
    const out = join(folder, `by-hand-${action}`)
    const said = await call('entry', copy.folder, String(copy.seqOf(action)), '--out', out, '--json')
    t.equal(said.code, 0, said.err)
    const { leaf, bundle } = JSON.parse(said.out) as { leaf: number; bundle: string }
    const env = { ...process.env, LEAF: String(leaf), BUNDLE: copy.file(bundle) }
    const byHand = () => execFileSync('sh', ['-eu', '-c', commands], { cwd: out, env, encoding: 'utf8', stdio: 'pipe' })
    t.match(byHand(), /^entry {5}([0-9a-f]{64})\npublished \1\nSignature Verified Successfully/)
    const event = readFileSync(join(out, 'event'), 'utf8')
    writeFileSync(join(out, 'event'), event.replace('"outcome":"ok"', '"outcome":"no"'))
    t.throws(byHand, 'another outcome is another hash')
    writeFileSync(join(out, 'event'), event)
    writeFileSync(join(out, 'request'), 'another request')
    t.throws(byHand, 'another request is not signed')
  }
  t.match((await call('entry', copy.folder, '99999', '--out', folder)).err, /no entry 99999/)
  t.match((await call('entry', copy.folder, 'x', '--out', folder)).err, /number/)
})

t.test('the report is one page that needs nothing else and names no patient', async t => {
  const copy = copyOf()
  const page = join(folder, 'audit.html')
  const whole = await call('report', copy.folder, '--anchors', anchors, '--out', page)
  t.equal(whole.code, 0, whole.err)
  const text = readFileSync(page, 'utf8')
  t.match(text, /<strong>The log holds<\/strong>/)
  for (const title of [
    'Entries per day',
    'Accesses by profession',
    'Refusals',
    'Hours of the day',
    'What stands out',
  ]) {
    t.match(text, new RegExp(`<h2>${title}</h2>`))
  }
  t.match(text, /Médecin/, 'professions come from the cards')
  t.notMatch(text, /<script|<link|<img|url\(|(src|href)=|https?:/, 'nothing is fetched')
  t.equal(
    text.match(/<svg [^>]*role="img" aria-label="/g)?.length,
    text.match(/<svg /g)?.length,
    'each chart has a name',
  )
  t.notOk(text.includes(insOf('42')) || text.includes('audited@example.invalid'))

  await t.test('and in French', async t => {
    const french = await call('report', copy.folder, '--anchors', anchors, '--out', page, '--lang', 'fr')
    t.equal(french.code, 0, french.err)
    const text = readFileSync(page, 'utf8')
    t.match(text, /^<html lang="fr">/m)
    t.match(text, /<strong>Le journal tient<\/strong>/)
    t.match(text, /<h2>Accès par profession<\/h2>[\s\S]*Établissement/)
    const words = text.replace(/<style[\s\S]*?<\/style>|<[^>]*>/g, ' ')
    t.notMatch(words, /\b(Entries|Refusals|entries|lists)\b/, 'nothing is left in English')
    t.match((await call('report', copy.folder, '--anchors', anchors, '--out', page, '--lang', 'de')).err, /en or fr/)
  })

  copy.edit(database => database.exec("UPDATE documents SET manifest = 'AAAA'"))
  const altered = await call('report', copy.folder, '--anchors', anchors, '--out', page)
  t.equal(altered.code, 14)
  t.match(readFileSync(page, 'utf8'), /does not hold<\/strong>[\s\S]*<code>manifest-altered<\/code>/)
  const none = await call('report', join(folder, 'nowhere'), '--anchors', anchors, '--out', page)
  t.equal(none.code, 19)
  t.match(readFileSync(page, 'utf8'), /store-unreadable/)
  const wrong = async (...words: string[]) => (await call('report', copy.folder, '--anchors', anchors, ...words)).err
  t.match(await wrong('--out', page, '--time-zone', 'Nowhere/Land'), /no time zone/)
  t.match(await wrong('--out', join(folder, 'none', 'page.html')), /cannot be written/)
})

t.test('what is typed wrong', async t => {
  const { folder: store } = copyOf()
  const wrong = async (...words: string[]) => {
    const { code, err } = await run(...words)
    t.equal(code, 2, err)
    return err
  }
  t.match(await wrong('--anchors', anchors), /Which store/)
  t.match(await wrong(store, '--store', store, '--anchors', anchors), /once, not twice/)
  t.match(await wrong(store), /--anchors is missing/)
  t.match(await wrong(store, '--anchors', join(folder, 'none')), /cannot be read/)
  t.match(await wrong(store, '--anchors', join(store, 'store.sqlite')), /does not hold anchors/)
  t.match(await wrong(store, '--anchors', anchors, '--receipts', join(folder, 'none')), /cannot be read/)
  const note = join(folder, 'note.txt')
  writeFileSync(note, 'not a checkpoint\n')
  t.equal((await run(store, '--anchors', anchors, '--checkpoint', note)).code, 4)
})

t.test('auditing changes nothing', async t => {
  const copy = copyOf()
  const before = readFileSync(copy.file('store.sqlite'))
  await run(copy.folder, '--anchors', anchors)
  t.ok(before.equals(readFileSync(copy.file('store.sqlite'))))
})
