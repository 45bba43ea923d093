import { join } from 'node:path'
import t from 'tap'
import { toBase64url } from '../../../src/crypto/bytes.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { ed25519Signer, signStatement, statementHash } from '../../../src/crypto/statement.ts'
import type { Event } from '../../../src/protocol/entry.ts'
import type { Hash } from '../../../src/protocol/ids.ts'
import { type State, StatementTyp } from '../../../src/protocol/statements.ts'
import { playStore, StoreCopy } from '../../fixtures/audited-store.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const folder = testFolder(t)
const played = await playStore(join(folder, 'played'))
let copies = 0
const copyOf = () => new StoreCopy(played, join(folder, `copy-${++copies}`))

interface Row {
  readonly hash: Hash
  readonly seq: number
  readonly statement: string
  readonly sets: string
}
const statesOf = (copy: StoreCopy) =>
  copy.edit(database => database.prepare('SELECT hash, seq, statement, sets FROM states ORDER BY seq').all() as Row[])
const payloadOf = (statement: string) =>
  JSON.parse(Buffer.from(statement.split('.')[1] as string, 'base64url').toString()) as State

/** Enters a grant.give that brings this state into force, the host signing all that hosts sign. */
const bring = (copy: StoreCopy, state: Row, act: Partial<Event> = {}) => {
  copy.edit(database =>
    database
      .prepare("INSERT OR REPLACE INTO states (hash, record, seq, statement, sets, entry) VALUES (?, ?, ?, ?, ?, '')")
      .run(state.hash, played.record, state.seq, state.statement, state.sets),
  )
  return copy.forge(({ previous }) => {
    const { salt: _, ...event } = previous.parsed.event
    return { ...event, action: 'grant.give', object: {}, request: null, state: state.hash, ...act }
  })
}

t.test('a state that the host made up', async t => {
  const copy = copyOf()
  const last = statesOf(copy).at(-1) as Row
  const payload = payloadOf(last.statement)
  const next = { ...payload, seq: payload.seq + 1, prev: last.hash }
  const kid = payload.identity
  const statement = await signStatement(StatementTyp.state, next, ed25519Signer(SigningKey.generate(), kid))
  const hash = toBase64url(statementHash(statement)) as Hash
  await bring(copy, { hash, seq: next.seq, statement, sets: last.sets })
  const codes = await copy.codes()
  t.ok(codes.includes('state-broken') && codes.includes('request-missing'))
})

t.test('an older state of the patient’s, brought back', async t => {
  const copy = copyOf()
  const older = statesOf(copy).at(-3) as Row
  await bring(copy, older)
  const { findings } = await copy.audit()
  const found = findings.find(({ code }) => code === 'state-broken')
  t.match(found?.message, /state-seq/)
  t.match(found?.evidence, { proof: { action: 'grant.give' } }, 'both states are the evidence')
})

t.test('what an entry says of a change is what the states show', async t => {
  const copy = copyOf()
  const seq = copy.seqOf('grant.give')
  copy.edit(database => {
    const { event } = database.prepare('SELECT event FROM entries WHERE seq = ?').get(seq) as { event: string }
    const changed = event.replace(/"grantee":"[^"]+"/, '"grantee":"800000000000"')
    database.prepare('UPDATE entries SET event = ? WHERE seq = ?').run(changed, seq)
  })
  t.ok((await copy.codes()).includes('entry-object'))
})

t.test('anchors decide whose word counts', async t => {
  const other = toBase64url(SigningKey.generate().verifyKey.bytes)
  const copy = copyOf()
  const byOther = await copy.codes({ anchors: { ...played.anchors, insurerKey: other } })
  t.ok(byOther.includes('registration-broken'), 'another insurer')
  t.same(await copy.codes({ anchors: { ...played.anchors, origin: 'log.example/another' } }), ['checkpoint-signature'])
  await t.rejects(copy.codes({ anchors: { ...played.anchors, policy: 'none' } }), { code: 'audit-anchors' })
})

t.test('an identity or activation in another’s place', async t => {
  for (const [table, code] of [
    ['identities', 'statement-altered'],
    ['activations', 'statement-altered'],
    ['registrations', 'statement-altered'],
    ['grants', 'statement-altered'],
    ['placements', 'statement-altered'],
  ] as const) {
    const copy = copyOf()
    copy.edit(database => database.prepare(`UPDATE ${table} SET statement = (SELECT statement FROM keys)`).run())
    t.ok((await copy.codes()).includes(code), table)
  }
})
