import t from 'tap'
import { toBase64url } from '../../src/crypto/bytes.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { NOTHING_SEEN } from '../../src/log/seen.ts'
import type { NationalId, RecordId } from '../../src/protocol/ids.ts'
import { type Act, Acts, type RecordRequest, requireOwner, requireState, stateHash } from '../../src/vault/acts.ts'
import { Refusal } from '../../src/vault/errors.ts'
import { Journal } from '../../src/vault/journal.ts'
import { openSqlite } from '../../src/vault/store/sqlite.ts'
import type { Tx } from '../../src/vault/store/store.ts'
import { Strangers } from '../../src/vault/strangers.ts'
import { newId } from '../fixtures/document.ts'
import { anyHash } from '../fixtures/states.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const record = newId<RecordId>()
const state = anyHash()
t.teardown(() => store.close())
const store = openSqlite(`${testFolder(t)}/store.sqlite`)
const journal = new Journal({ deployment: newId(), hostKey: SigningKey.generate(), clock: () => new Date() })
const strangers = new Strangers(store, journal)
const acts = new Acts(store, journal, strangers)
await store.write(tx =>
  tx.run(`INSERT INTO states (hash, record, seq, statement, sets, entry) VALUES (@state, @record, 0, '', '{}', '')`, {
    state,
    record,
  }),
)

let count = 0
const request = (nonce = `n${count++}`): RecordRequest => ({
  caller: { kind: 'professional', id: '810000000017' as NationalId, key: anyHash(), acting: null },
  keyId: 'key:doctor',
  nonce,
  base: 'base',
  signature: toBase64url(new Uint8Array(64)),
  seen: NOTHING_SEEN,
  session: null,
  at: new Date(),
})
const act: Act = { record, action: 'document.read', object: { document: newId<string>() } }
const done = <T>(result: T) => ({ object: act.object, grant: anyHash(), state, result })
const entries = () =>
  store.read
    .all<{ event: string }>('SELECT event FROM entries WHERE chain = @record ORDER BY n', { record })
    .map(({ event }) => JSON.parse(event))
/** An effect that can be seen: a row. */
const mark = (tx: Tx, upload: string) =>
  tx.run(`INSERT INTO uploads (upload, record, key, length, expires) VALUES (@upload, '', '', 1, 1)`, { upload })
const isMarked = (upload: string) =>
  store.read.get('SELECT 1 FROM uploads WHERE upload = @upload', { upload }) !== undefined

t.test('an act and its entry are one', async t => {
  const { entry, result } = await acts.perform(request(), act, tx => {
    mark(tx, 'one')
    return done('answer')
  })
  t.equal(result, 'answer')
  t.ok(isMarked('one'))
  t.equal(entries().length, 1, 'durable before the answer')
  t.match(entry.parsed.event, { action: 'document.read', outcome: 'ok', state, object: act.object })
  t.ok(await acts.receipt(entry))
})

t.test('when the log cannot be written, nothing is done, nothing is answered', async t => {
  await store.write(tx =>
    tx.run(`CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'no room'); END`),
  )
  let answered = false
  await t.rejects(
    acts
      .perform(request(), act, tx => {
        mark(tx, 'unlogged')
        return done('secret')
      })
      .then(() => {
        answered = true
      }),
  )
  t.notOk(answered)
  t.notOk(isMarked('unlogged'))
  await store.write(tx => tx.run('DROP TRIGGER full'))
})

t.test('a refusal undoes what was begun, and stands in the record’s chain', async t => {
  const before = entries().length
  const refusing = (code: ConstructorParameters<typeof Refusal>[0]) => (tx: Tx) => {
    mark(tx, 'refused')
    throw new Refusal(code, 'no')
  }
  await t.rejects(acts.perform(request(), act, refusing('no-grant')), { code: 'no-grant' })
  t.notOk(isMarked('refused'))
  t.equal(entries().length, before + 1)
  t.match(entries().at(-1), {
    outcome: 'refused',
    grant: null,
    state,
    object: { ...act.object, reason: 'no-grant' },
    request: { base: 'base' },
  })

  const prepare = async () => {
    throw new Refusal('statement-invalid', 'no')
  }
  await t.rejects(acts.performPrepared(request(), act, { prepare, work: () => done(1) }), { code: 'statement-invalid' })
  t.match(entries().at(-1), { object: { reason: 'statement-invalid' } })
  await t.rejects(acts.attempt(request(), act, refusing('no-grant')), { code: 'no-grant' })
  t.equal(entries().length, before + 3)
})

t.test('what is nobody’s act, or cannot be written, leaves no entry', async t => {
  const taken = request()
  await acts.look(taken, () => 1)
  const before = entries().length
  await t.rejects(
    acts.perform(request(taken.nonce), act, () => done(1)),
    { code: 'nonce-replayed' },
  )
  await t.rejects(
    acts.look(request(taken.nonce), () => 1),
    { code: 'nonce-replayed' },
  )
  await t.rejects(
    acts.perform(request(), act, () => {
      throw new Refusal('busy', 'later')
    }),
    { code: 'busy' },
  )
  const elsewhere = { ...act, record: newId<RecordId>() }
  await t.rejects(
    acts.perform(request(), elsewhere, tx => {
      requireState(tx, elsewhere.record)
      return done(1)
    }),
    { code: 'record-unknown' },
  )
  t.equal(entries().length, before)
  await strangers.flush()
  const system = store.read
    .all<{ event: string }>(`SELECT event FROM entries WHERE chain = 'system'`)
    .map(({ event }) => JSON.parse(event).object)
  t.same(
    system.map(({ reason, count }) => `${reason} ${count}`).sort(),
    ['nonce-replayed 1', 'record-unknown 1'],
    'but is counted',
  )
})

t.test('a defect of ours is no refusal: nothing done, nothing said', async t => {
  const before = entries().length
  await t.rejects(
    acts.perform(request(), act, tx => {
      mark(tx, 'defect')
      throw new RangeError('ours')
    }),
    RangeError,
  )
  t.notOk(isMarked('defect'))
  t.equal(entries().length, before)
})

t.test('an allowed step that makes no entry uses its nonce up', async t => {
  const once = request()
  t.equal(await acts.attempt(once, act, () => 'seen'), 'seen')
  await t.rejects(
    acts.attempt(once, act, () => 'seen'),
    { code: 'nonce-replayed' },
  )
})

t.test('whose record it is', async t => {
  t.equal(stateHash(store.read, record), state)
  t.equal(stateHash(store.read, newId<RecordId>()), null)
  t.throws(() => requireState(store.read, newId<RecordId>()), { code: 'record-unknown' })
  const patient = { ...request(), caller: { kind: 'patient', recordId: record, identity: anyHash() } } as RecordRequest
  t.doesNotThrow(() => requireOwner(patient, record))
  t.throws(() => requireOwner(patient, newId<RecordId>()), { code: 'no-grant' })
  t.throws(() => requireOwner(request(), record), { code: 'no-grant' })
})
