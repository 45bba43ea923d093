/** A patient's export of the trace: verified from the anchors alone, by the program and by hand; altered, it is refused. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { main } from '../../../src/cli/main.ts'
import { trustOf } from '../../../src/client/anchors.ts'
import type { TraceRecord } from '../../../src/client/patient/trace-files.ts'
import { verifyTraceExport } from '../../../src/client/patient/trace-verify.ts'
import { writeEntry } from '../../../src/log/entry.ts'
import { formatProof, parseProof } from '../../../src/log/proof.ts'
import type { PublishedKey } from '../../../src/protocol/directory.ts'
import { playStore } from '../../fixtures/audited-store.ts'
import { insOf } from '../../fixtures/patient.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const folder = testFolder(t)
const played = await playStore(join(folder, 'played'))
const trust = trustOf(played.anchors)
const place = { trust, clock: () => played.now }

type Files = Map<string, string | Uint8Array>
const textOf = (files: Files, path: string) => {
  const content = files.get(path)
  return content === undefined ? null : typeof content === 'string' ? content : Buffer.from(content).toString()
}
const verify = (files: Files, at = place) => verifyTraceExport({ read: async path => textOf(files, path) }, at)
const altered = (change: (files: Files) => void): Files => {
  const files = new Map(played.trace)
  change(files)
  return files
}
const record = JSON.parse(textOf(new Map(played.trace), 'record.json') ?? '') as TraceRecord
const withRecord = (change: Partial<TraceRecord>) =>
  altered(files => files.set('record.json', JSON.stringify({ ...record, ...change })))
const path = (n: number, name: string) => `entries/${String(n).padStart(8, '0')}/${name}`
const events = Array.from({ length: record.entries }, (_, n) =>
  JSON.parse(textOf(new Map(played.trace), path(n, 'event')) ?? ''),
) as { action: string; outcome: string; actor: { kind: string; key: string } }[]
const first = (action: string) => events.findIndex(event => event.action === action)

t.test('an export holds for whoever has the anchors, and names no INS', async t => {
  const { lines, problems, recordId, witnessedAt } = await verify(new Map(played.trace))
  t.same(problems, [])
  t.equal(recordId, played.record)
  t.equal(lines.length, record.entries)
  t.match(lines.find(({ action }) => action === 'document.read')?.who, /\(.+\)/, 'name and profession from the card')
  t.ok(witnessedAt)
  for (const content of played.trace.values()) {
    t.notOk(Buffer.from(content).toString('latin1').includes(insOf('42')), 'no INS')
  }
})

t.test('what was told by mail has a proof to keep', async t => {
  t.ok(played.told.some(({ kind, action }) => kind === 'access' && action === 'document.read'))
  t.ok(played.told.some(({ kind, action }) => kind === 'change' && action === 'grant.give'))
  const [told] = played.told
  const kept = join(folder, 'kept')
  mkdirSync(kept)
  writeFileSync(join(kept, 'link'), told?.link ?? '')
  writeFileSync(join(kept, 'event'), told?.event ?? '')
  writeFileSync(join(kept, 'proof.tlog-proof'), told?.kept ?? '')
  writeFileSync(join(folder, 'anchors.json'), JSON.stringify(played.anchors))
  const words = ['audit', 'proof', join(kept, 'proof.tlog-proof'), '--lines', kept]
  const proved = await call(...words, '--anchors', join(folder, 'anchors.json'))
  t.equal(proved.code, 0, proved.err)
  t.match(proved.out, new RegExp(`The entry says that ${told?.action} `))
  writeFileSync(join(kept, 'event'), (told?.event ?? '').replace('"outcome":"ok"', '"outcome":"refused"'))
  t.equal((await call(...words, '--anchors', join(folder, 'anchors.json'))).code, 4)
})

t.test('what somebody altered on the way is refused', async t => {
  const read = first('document.read')
  const last = record.entries - 1
  const rows: Record<string, readonly [Files, string]> = {
    'an entry changed': [
      altered(files =>
        files.set(path(read, 'event'), (textOf(files, path(read, 'event')) ?? '').replace('"ok"', '"refused"')),
      ),
      'inclusion-proof',
    ],
    'an entry left out': [
      altered(files => {
        for (const name of ['link', 'event', 'proof.tlog-proof']) {
          for (let n = read; n < last; n++) files.set(path(n, name), files.get(path(n + 1, name)) ?? '')
        }
        files.set('record.json', JSON.stringify({ ...record, entries: last }))
      }),
      'chain-number',
    ],
    'the end left out, back to before the last change': [
      withRecord({ entries: events.findLastIndex(({ action }) => action === 'grant.revoke') }),
      'state-not-last',
    ],
    'more entries said than there are': [withRecord({ entries: record.entries + 1 }), 'trace-incomplete'],
    'an entry of the exporter’s own': [
      altered(files => {
        const { link, event } = JSON.parse(
          `{"link":${textOf(files, path(last, 'link'))},"event":${textOf(files, path(last, 'event'))}}`,
        )
        const { salt: _, v: __, ...own } = link
        const { salt: ___, ...act } = event
        const made = writeEntry(own, { ...act, outcome: 'refused', object: { reason: 'no-grant' } })
        files.set(path(last, 'link'), made.link)
        files.set(path(last, 'event'), made.event)
      }),
      'inclusion-proof',
    ],
    'a proof of another checkpoint': [
      altered(files => {
        const proof = parseProof(textOf(files, path(0, 'proof.tlog-proof')) ?? '')
        const checkpoint = `${proof.checkpoint.split('\n').slice(0, -2).join('\n')}\n`
        files.set(path(0, 'proof.tlog-proof'), formatProof({ ...proof, checkpoint }))
      }),
      'trace-proof',
    ],
    'a checkpoint without its witnesses': [
      altered(files => {
        const lines = (textOf(files, 'checkpoint') ?? '').split('\n')
        const ofLog = lines.filter(line => !line.startsWith('— ') || line.startsWith(`— ${played.anchors.origin} `))
        files.set('checkpoint', ofLog.join('\n'))
      }),
      'checkpoint-quorum',
    ],
    'another record’s id': [
      withRecord({ recordId: 'AAAAAAAAAAAAAAAAAAAAAA' as TraceRecord['recordId'] }),
      'record-identity',
    ],
    'another deployment': [
      withRecord({ deployment: 'AAAAAAAAAAAAAAAAAAAAAA' as TraceRecord['deployment'] }),
      'record-identity',
    ],
    'sets of another state': [withRecord({ sets: { ...record.sets, grants: [] } }), 'record-state'],
    'a member more': [
      altered(files => files.set('record.json', JSON.stringify({ ...record, ins: '1' }))),
      'trace-incomplete',
    ],
    'no checkpoint': [altered(files => files.delete('checkpoint')), 'trace-incomplete'],
  }
  for (const [what, [files, code]] of Object.entries(rows)) await t.rejects(verify(files), { code }, what)
  const other = trustOf({ ...played.anchors, insurerKey: played.anchors.hostKey })
  await t.rejects(verify(new Map(played.trace), { ...place, trust: other }), { code: 'statement-signature' })
})

t.test('what does not hold of one entry stands beside it', async t => {
  const { key } = events[first('document.read')]?.actor ?? { key: '' }
  const others = [...played.trace.keys()].filter(name => name.startsWith('keys/') && !name.includes(key))
  const published = (files: Files, name: string) => JSON.parse(textOf(files, name) ?? '') as PublishedKey
  const swapped = altered(files => {
    const { statement } = published(files, others[0] ?? '')
    files.set(`keys/${key}.json`, JSON.stringify({ ...published(files, `keys/${key}.json`), statement }))
  })
  const { problems } = await verify(swapped)
  t.ok(
    problems.some(problem => /\(document\.read\): the key that asked does not hold \(key-substituted\)/.test(problem)),
  )
  const noGrant = altered(files => {
    for (const name of files.keys()) if (name.startsWith('grants/')) files.delete(name)
  })
  t.ok((await verify(noGrant)).problems.some(problem => /never saw the one it names/.test(problem)))
})

t.test('as commands: written by one, verified by another, and by hand with the commands of the handbook', async t => {
  const exported = join(folder, 'trace')
  for (const [name, content] of played.trace) {
    mkdirSync(dirname(join(exported, name)), { recursive: true })
    writeFileSync(join(exported, name), content)
  }
  const good = await call('patient', 'verify-trace', exported, '--anchors', join(folder, 'anchors.json'))
  t.equal(good.code, 0, good.err)
  t.match(good.out, new RegExp(`All ${record.entries} entries hold`))
  const handbook = readFileSync(new URL('../../../docs/audit.md', import.meta.url), 'utf8')
  const commands = /## A patient's trace[\s\S]*?```sh\n([\s\S]*?)```/.exec(handbook)?.[1] ?? ''
  const LOG = played.anchors.policy.split('\n').find(line => line.startsWith('log ')) ?? ''
  for (const n of [0, first('document.read'), record.entries - 1]) {
    const cwd = join(exported, dirname(path(n, 'link')))
    const said = execFileSync('sh', ['-eu', '-c', commands], { cwd, env: { ...process.env, LOG }, encoding: 'utf8' })
    t.match(said, /^root {7}(\S+)\ncheckpoint \1\nSignature Verified Successfully/)
  }
  const cwd = join(exported, dirname(path(0, 'link')))
  writeFileSync(join(cwd, 'event'), 'another')
  t.throws(() => execFileSync('sh', ['-eu', '-c', commands], { cwd, env: { ...process.env, LOG }, stdio: 'pipe' }))
  const bad = await call('patient', 'verify-trace', exported, '--anchors', join(folder, 'anchors.json'))
  t.equal(bad.code, 4)
})

async function call(...words: string[]) {
  let out = ''
  let err = ''
  const code = await main(words, {
    stdout: { write: text => (out += text) },
    stderr: { write: text => (err += text) },
  })
  return { code, out, err }
}
