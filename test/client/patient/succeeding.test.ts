import t from 'tap'
import { Succeeding } from '../../../src/client/patient/succeeding.ts'
import { writeEntry } from '../../../src/log/entry.ts'
import { RECOVERY_WAIT_MS } from '../../../src/log/recovery.ts'
import type { Event } from '../../../src/protocol/entry.ts'
import type { DeploymentId, Instant } from '../../../src/protocol/ids.ts'
import { AT, newId } from '../../fixtures/document.ts'
import { makeIssuer } from '../../fixtures/identities.ts'
import { anyHash } from '../../fixtures/states.ts'

const issuer = makeIssuer(newId<DeploymentId>(), AT)
const first = await issuer.identity(null)
const second = await issuer.identity(first)
const other = await issuer.identity(first)
const { recordId } = first
const patient = { recordId, identity: second.identity, earlier: [first.identity] }
const recovery = anyHash()

const entry = (action: Event['action'], object: Event['object'], t = 0, outcome: Event['outcome'] = 'ok') =>
  writeEntry(
    { record: recordId, n: 0, prev: null },
    {
      ...{ t: new Date(AT.getTime() + t).toISOString() as Instant, action, object, outcome },
      actor: { kind: 'patient', id: recordId, key: second.identity.hash },
      ...{ grant: null, state: anyHash(), request: null },
    },
  )
const start = entry('recovery.start', { recovery, identity: second.identity.hash })
const change = (t = RECOVERY_WAIT_MS, by: Event['object'] = { recovery }, identity = second.identity.hash) =>
  entry('identity.change', { identity, ...by }, t)
const read = (...entries: ReturnType<typeof entry>[]) => {
  const succeeding = new Succeeding(patient)
  for (const each of entries) succeeding.next(each)
  return succeeding.inForce.hash
}

t.test('one identity after the other, as the chain brings them in', async t => {
  t.equal(read(), first.identity.hash)
  t.equal(read(start), first.identity.hash)
  t.equal(read(start, change()), second.identity.hash)
  t.equal(read(change(0, { handover: anyHash() })), second.identity.hash, 'a handover counts at once')
  const refused = entry('identity.change', { identity: other.identity.hash, recovery }, 0, 'refused')
  t.equal(read(refused), first.identity.hash, 'what was refused brings nobody in')
  t.equal(new Succeeding(patient, second.identity.hash).inForce.hash, second.identity.hash)
})

t.test('what the chain does not let in', async t => {
  const stopped = entry('recovery.stop', { identity: second.identity.hash })
  t.throws(() => read(start, change(RECOVERY_WAIT_MS - 1)), { code: 'recovery-early' })
  t.throws(() => read(start, stopped, change()), { code: 'recovery-stopped' })
  t.throws(() => read(change()), { code: 'identity-unwarranted' }, 'never entered')
  t.throws(() => read(start, change(RECOVERY_WAIT_MS, { recovery: anyHash() })), { code: 'identity-unwarranted' })
  t.throws(() => read(start, change(RECOVERY_WAIT_MS, { recovery }, other.identity.hash)), { code: 'identity-changed' })
  t.throws(() => read(start, change(), change()), { code: 'identity-changed' }, 'one more than there are')
  t.throws(() => new Succeeding(patient, other.identity.hash), { code: 'identity-changed' }, 'a fork')
})
