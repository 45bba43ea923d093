import t from 'tap'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import type { Ins } from '../../src/protocol/ids.ts'
import { Refusal } from '../../src/vault/errors.ts'
import { Journal } from '../../src/vault/journal.ts'
import { Mail } from '../../src/vault/mail.ts'
import { OneTimePasswords } from '../../src/vault/one-time-passwords.ts'
import { Outbox } from '../../src/vault/outbox.ts'
import { SignIns } from '../../src/vault/sign-ins.ts'
import type { Store, Tx } from '../../src/vault/store/store.ts'
import { insOf } from '../fixtures/patient.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { openRecord, openVaultWorld } from '../fixtures/vault-world.ts'

// What a host asks of its store while somebody tries to sign in, statement by statement, for an INS that has an account
// and for one that nobody has: a machine beside the host that counts them learns nothing.

t.teardown(async () => {
  // The vault's own journal does not know what the one of this test wrote: after a unit that is undone it looks again.
  const undone = world.vault.store.write(tx => {
    tx.run('UPDATE accounts SET contact = contact')
    throw new Error('undone')
  })
  await undone.catch(() => undefined)
  await world.vault.close()
})
const world = await openVaultWorld(testFolder(t))
const patient = await openRecord(world, insOf('1'))
const { store } = world.vault
await store.write(tx =>
  tx.run(
    `INSERT INTO accounts (record, opaque, contact_kind, contact, contact_salt, activated)
     VALUES (@record, 'x', 'mail', 'p@test.invalid', 'x', 0)`,
    { record: patient.caller.recordId },
  ),
)

const asked: string[] = []
const heard = (tx: Tx): Tx => {
  const noting =
    <A extends unknown[], R>(ask: (sql: string, ...rest: A) => R) =>
    (sql: string, ...rest: A): R => {
      asked.push(sql)
      return ask(sql, ...rest)
    }
  return {
    get: noting((sql, params) => tx.get(sql, params)) as Tx['get'],
    all: noting((sql, params) => tx.all(sql, params)) as Tx['all'],
    run: noting((sql, params) => tx.run(sql, params)) as Tx['run'],
    undone: tx.undone,
  }
}
const listening: Store = {
  read: heard(store.read),
  write: work => store.write(tx => work(heard(tx))),
  maintain: () => store.maintain(),
  distrust: () => store.distrust(),
  close: () => store.close(),
}
const clock = world.now
const mail = new Mail({ host: '127.0.0.1', port: 1, from: 'a@test.invalid' })
const outbox = new Outbox({ store, mail, telephone: null, clock })
t.teardown(() => outbox.close())
const journal = new Journal({ deployment: world.anchors.deployment, hostKey: world.hostKey, clock })
const signIns = new SignIns({ store: listening, journal, passwords: new OneTimePasswords({ outbox }) })

/** One failed try; every statement that it made, in order, and how it ended. */
async function failedTry(ins: Ins): Promise<{ statements: string[]; code: string }> {
  asked.length = 0
  const ended = async () => {
    const candidate = signIns.lookUp({ ins, device: null, at: clock() })
    const { handle } = await signIns.begin(candidate, toBase64url(randomBytes(32)), clock())
    return signIns.fail(await signIns.take(handle, clock()))
  }
  const code = await ended().catch((error: unknown) => (Refusal.is(error) ? error.code : String(error)))
  return { statements: asked.map(sql => sql.replaceAll(/\s+/g, ' ')), code: String(code) }
}

t.test('the same statements in the same order for an INS that has an account and one that has not', async t => {
  const [known, unknown] = [await failedTry(insOf('1')), await failedTry(insOf('999'))]
  t.equal(known.code, 'sign-in-refused')
  t.ok(known.statements.length > 8)
  t.strictSame(unknown, known)
})

t.test('unknown devices wait longer each time, up to fifteen minutes', async t => {
  const ins = insOf('27182')
  const waits: number[] = []
  for (let lock = 0; lock < 6; lock++) {
    let locked: number | null = null
    for (let attempt = 0; attempt < 5; attempt++) {
      const candidate = signIns.lookUp({ ins, device: null, at: clock() })
      const { handle } = await signIns.begin(candidate, 'state', clock())
      locked = (await signIns.take(handle, clock())).standing.lockedUntil
    }
    t.throws(() => signIns.lookUp({ ins, device: null, at: clock() }), { code: 'sign-in-locked' })
    const wait = (locked ?? 0) - clock().getTime()
    waits.push(Math.round(wait / 60_000))
    world.advance(wait + 1)
  }
  t.strictSame(waits, [1, 2, 4, 8, 15, 15])
})
