import t from 'tap'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { grantCovers, grantedTo, readable, verifyDeposit, verifyGrant, verifyPlacement } from '../../src/log/grant.ts'
import type { CompartmentId, DeploymentId, Instant, NationalId, RecordId } from '../../src/protocol/ids.ts'
import { type Grant, StatementTyp } from '../../src/protocol/statements.ts'
import { AT, makeAuthor, makePatient, makePlacement, makeSample, newId } from '../fixtures/document.ts'
import { anyHash, grantPayload, NEXT_YEAR, signGrant } from '../fixtures/states.ts'

const patient = await makePatient()
const other = await makePatient(patient.deployment)
const [reports, imaging] = [newId<CompartmentId>(), newId<CompartmentId>()]
const grant: Grant = grantPayload(patient, {
  compartments: [
    { id: reports, rights: ['read', 'deposit'], epoch: 0, seal: anyHash() },
    { id: imaging, rights: ['deposit'], epoch: 0, seal: anyHash() },
  ],
})

const withRights = (from: Grant, rights: ('read' | 'deposit')[]): Grant => ({
  ...from,
  compartments: from.compartments.map(each => ({ ...each, rights })),
})

t.test('a grant is the patient’s own, for this record here', async t => {
  const text = await signGrant(patient, grant)
  t.same((await verifyGrant(text, patient)).payload, grant)
  const attacks: [string, Promise<unknown>, string][] = [
    ['another patient’s signature', verifyGrant(await signGrant(other, grant), patient), 'statement-signature'],
    ['shown to another patient’s record', verifyGrant(text, other), 'statement-signature'],
    [
      'with a right said twice',
      verifyGrant(await signGrant(patient, withRights(grant, ['read', 'read'])), patient),
      'statement-form',
    ],
    [
      'with a compartment named twice',
      verifyGrant(
        await signGrant(patient, {
          ...grant,
          compartments: [...grant.compartments, ...grant.compartments.slice(0, 1)],
        }),
        patient,
      ),
      'statement-form',
    ],
    [
      'signed for another record',
      verifyGrant(await signGrant(patient, { ...grant, recordId: other.recordId }), patient),
      'statement-record',
    ],
    [
      'signed for another installation',
      verifyGrant(await signGrant(patient, { ...grant, deployment: newId<DeploymentId>() }), patient),
      'statement-record',
    ],
    [
      'under another key’s name',
      verifyGrant(
        await signStatement(StatementTyp.grant, grant, ed25519Signer(patient.signKey, other.identity.hash)),
        patient,
      ),
      'statement-record',
    ],
    [
      'a placement in a grant’s place',
      verifyGrant(
        await makePlacement(patient, {
          documentId: newId(),
          from: reports,
          to: imaging,
          epoch: 0,
          envelope: anyHash(),
        }),
        patient,
      ),
      'statement-type',
    ],
    ['a grant in a placement’s place', verifyPlacement(text, patient), 'statement-type'],
  ]
  for (const [what, verifying, code] of attacks) await t.rejects(verifying, { code }, what)
})

t.test('what a grant covers, and nothing else', async t => {
  const act = { kind: 'professional', id: grant.grantee.id, right: 'read', compartment: reports, at: AT } as const
  t.ok(grantCovers(grant, act))
  t.ok(grantCovers(grant, { ...act, right: 'deposit' }))
  t.ok(grantCovers(grant, { ...act, right: 'deposit', compartment: imaging }))
  t.notOk(grantCovers(grant, { ...act, compartment: imaging }), 'deposit alone does not read')
  t.notOk(grantCovers(grant, { ...act, compartment: newId<CompartmentId>() }))
  t.notOk(grantCovers(grant, { ...act, id: '810000000018' as NationalId }))
  t.notOk(grantCovers(grant, { ...act, kind: 'establishment' }), 'an establishment with the same number')
  t.notOk(grantCovers(grant, { ...act, at: new Date(NEXT_YEAR) }), 'the term itself is too late')
  t.ok(grantCovers(grant, { ...act, at: new Date(Date.parse(NEXT_YEAR) - 1) }))
  t.notOk(grantedTo({ ...grant, until: AT.toISOString() as Instant }, act))
  t.same(readable(grant), [reports])
})

t.test('a deposit is its author’s, for this record here', async t => {
  const [author, second] = await Promise.all([makeAuthor(patient.deployment), makeAuthor(patient.deployment)])
  const { stored } = await makeSample(patient, author, new Uint8Array(10))
  const { deployment, recordId } = patient
  t.equal((await verifyDeposit(stored.deposit, { deployment, recordId, key: author.key })).payload.recordId, recordId)
  await t.rejects(verifyDeposit(stored.deposit, { deployment, recordId, key: second.key }), {
    code: 'statement-signature',
  })
  const renamed = { ...author.key, hash: second.key.hash }
  await t.rejects(verifyDeposit(stored.deposit, { deployment, recordId, key: renamed }), { code: 'statement-record' })
  await t.rejects(verifyDeposit(stored.deposit, { deployment, recordId: newId<RecordId>(), key: author.key }), {
    code: 'statement-record',
  })
})
