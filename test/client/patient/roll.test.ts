import t from 'tap'
import { walkBack } from '../../../src/client/epochs.ts'
import { openGrant } from '../../../src/client/grant-seal.ts'
import { makeGrant } from '../../../src/client/grants.ts'
import { nextBundle } from '../../../src/client/patient/change.ts'
import { dueRolls, planRoll } from '../../../src/client/patient/roll.ts'
import { compartmentOf } from '../../../src/client/patient/view.ts'
import { fromBase64url } from '../../../src/crypto/bytes.ts'
import { SealSecretKey } from '../../../src/crypto/keys.ts'
import type { Hash, Instant } from '../../../src/protocol/ids.ts'
import type { Right } from '../../../src/protocol/statements.ts'
import { AT, type Grantee, makeGrantee, makeRecord, type TestRecord } from '../../fixtures/record.ts'

const at = AT.toISOString() as Instant
const until = '2027-11-24T08:00:00.000Z' as Instant

async function give(record: TestRecord, to: Grantee, rights: Record<string, Right[]>) {
  const { view } = record
  const giver = { deployment: record.trust.anchors.deployment, patient: view.patient, sign: view.sign }
  const compartments = Object.entries(rights).map(([kind, list]) => ({
    compartment: compartmentOf(view, kind),
    rights: list,
  }))
  const { grantId, sealed } = await makeGrant(giver, { to: to.key, compartments, until, t: at })
  const exposed = view.bundle.compartments.map(each =>
    rights[each.kind]?.includes('read') ? { ...each, exposed: [...each.exposed, grantId] } : each,
  )
  await record.apply({
    action: 'grant.give',
    grants: [sealed],
    bundle: nextBundle(record.seen, view, exposed),
  })
  return grantId
}

t.test('revoking, then rolling', async t => {
  const record = await makeRecord()
  const { deployment } = record.trust.anchors
  const [doctor, hospital] = [await makeGrantee(deployment, 'doctor'), await makeGrantee(deployment, 'hospital')]
  await give(record, doctor, { reports: ['read', 'deposit'], laboratory: ['deposit'] })
  await give(record, hospital, { reports: ['read'], imaging: ['read', 'deposit'] })
  t.same(dueRolls(record.view), [], 'nothing is due while every reader has a grant')

  const before = record.view
  const doctors = [...before.grants.values()].find(each => each.payload.grantee.id === doctor.key.payload.nationalId)
  await record.apply({ action: 'grant.revoke', dropGrants: [doctors?.hash as Hash] })
  t.same(
    dueRolls(record.view).map(({ kind }) => kind),
    ['reports'],
    'due: what the grant could read, not what it could only deposit into',
  )

  const { view } = record
  const asked: Hash[] = []
  const plan = await planRoll(view, {
    giver: { deployment, patient: view.patient, sign: view.sign },
    seen: record.seen,
    now: AT,
    keyOf: async hash => {
      asked.push(hash)
      return hospital.key
    },
  })
  t.same(asked, [hospital.key.hash], 'the key of each remaining grantee is looked up, and nobody else’s')
  const { object: _, ...change } = plan
  await t.rejects(record.apply({ ...change, grants: [] }), { code: 'state-sets' }, 'a roll that forgets a grant')
  await t.rejects(
    record.apply({ ...change, grants: [], dropGrants: [] }),
    { code: 'state-epoch' },
    'or leaves it behind',
  )
  const after = await record.apply(change)

  const reports = compartmentOf(after, 'reports')
  const old = compartmentOf(before, 'reports')
  t.equal(reports.epoch, 1)
  t.not(reports.secret, old.secret)
  t.equal(compartmentOf(after, 'imaging').epoch, 0, 'only what was due is rolled')
  t.same(dueRolls(after), [])

  await t.test('the remaining grantee reads on, back to the beginning; the revoked one does not', async t => {
    const [grant] = [...after.grants.values()]
    if (grant === undefined) throw new Error('the grant is gone')
    const seals = after.sealedGrants.get(grant.hash)?.seals ?? []
    const opened = openGrant({ grant, seals, state: after.state.payload, key: hospital.seal })
    const current = after.state.payload.compartments.find(({ id }) => id === reports.id) as never
    const secret = opened.find(({ name }) => name === 'reports')?.secret as SealSecretKey
    const previous = before.state.payload.compartments.find(({ id }) => id === reports.id)
    const links = [{ epoch: 0, publicKey: previous?.publicKey as string, link: null }]
    const walked = walkBack({ recordId: after.patient.recordId, current, secret, links })
    t.same(walked.get(0)?.bytes, fromBase64url(old.secret))
    const revoked = SealSecretKey.parse(fromBase64url(old.secret))
    t.throws(() => walkBack({ recordId: after.patient.recordId, current, secret: revoked, links }), {
      code: 'epoch-key',
    })
  })
})
