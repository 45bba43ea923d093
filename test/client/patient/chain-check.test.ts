import t from 'tap'
import { NOTHING_SEEN } from '../../../src/client/http.ts'
import { ChainCheck } from '../../../src/client/patient/chain-check.ts'
import type { RecordFile } from '../../../src/client/patient/store.ts'
import { randomBytes, toBase64url, utf8 } from '../../../src/crypto/bytes.ts'
import { newNonce, parseRequestSignature, signRequest } from '../../../src/crypto/httpsig.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { type ParsedEntry, writeEntry } from '../../../src/log/entry.ts'
import type { Event } from '../../../src/protocol/entry.ts'
import type { Hash, Instant } from '../../../src/protocol/ids.ts'
import { AT, type Grantee, makeGrantee, makeRecord, type TestRecord } from '../../fixtures/record.ts'

const hash = () => toBase64url(randomBytes(32)) as Hash
const DOCUMENT = toBase64url(randomBytes(16))

function signed(key: SigningKey, keyId: string, [method, path]: readonly [string, string]) {
  const request = { method, authority: '127.0.0.1:8443', path, query: '', headers: { 'coffre-seen': NOTHING_SEEN } }
  const created = Math.floor(AT.getTime() / 1000)
  const headers = signRequest({ ...request, body: utf8('{}') }, { keyId, key, created, nonce: newNonce() })
  const { base, signature } = parseRequestSignature({ ...request, headers: { ...request.headers, ...headers } })
  return { base, signature: toBase64url(signature) }
}

interface Scene {
  readonly record: TestRecord
  readonly doctor: Grantee
  readonly state: Hash
  check(): ChainCheck
  entry(event: Partial<Event>): ParsedEntry
  mine(asked: readonly [string, string], key?: SigningKey): Event['request']
  theirs(asked: readonly [string, string], key?: SigningKey): Event['request']
}

async function scene(): Promise<Scene> {
  const record = await makeRecord()
  const { patient, sign } = record.view
  const doctor = await makeGrantee(record.trust.anchors.deployment, 'doctor')
  const state = hash()
  return {
    record,
    doctor,
    state,
    check: () =>
      new ChainCheck(
        {
          patient,
          record: { activation: null } as RecordFile,
          authors: async asked => {
            if (asked !== doctor.key.hash) throw new Error('another key was asked for')
            return doctor.key
          },
        },
        { state },
      ),
    entry: event =>
      writeEntry(
        { record: patient.recordId, n: 5, prev: hash() },
        {
          t: AT.toISOString() as Instant,
          actor: { kind: 'patient', id: patient.recordId, key: patient.identity.hash },
          action: 'document.list',
          object: {},
          outcome: 'ok',
          grant: null,
          state,
          request: null,
          ...event,
        },
      ),
    mine: (asked, key = sign) => signed(key, `identity:${patient.identity.hash}`, asked),
    theirs: (asked, key = doctor.sign) => signed(key, `key:${doctor.key.hash}`, asked),
  }
}

t.test('acts of the patient', async t => {
  const { record, check, entry, mine } = await scene()
  const { recordId } = record.view.patient
  const list = ['GET', `/v1/records/${recordId}/documents`] as const
  t.same((await check().next(entry({ request: mine(list) }))).problems, [])

  const attempts: Record<string, Partial<Event>> = {
    'nobody signed it': { request: null },
    'another key signed it': { request: mine(list, SigningKey.generate()) },
    'something else was signed': { request: mine(['GET', `/v1/records/${recordId}/documents/${DOCUMENT}`]) },
    'of another record': { request: mine(['GET', `/v1/records/${DOCUMENT}/documents`]) },
    'under another identity': {
      request: mine(list),
      actor: { kind: 'patient', id: recordId, key: hash() },
    },
    'by the host': { request: null, actor: { kind: 'host', id: 'host' } },
  }
  for (const [name, event] of Object.entries(attempts)) {
    t.not((await check().next(entry(event))).problems.length, 0, name)
  }
})

t.test('one signed request is one act', async t => {
  const { record, check, entry, mine } = await scene()
  const request = mine(['GET', `/v1/records/${record.view.patient.recordId}/documents`])
  const checking = check()
  t.same((await checking.next(entry({ request }))).problems, [])
  t.same((await checking.next(entry({ request }))).problems, ['its signed request stands behind an earlier entry'])
})

t.test('states', async t => {
  const { record, check, entry, mine, theirs, doctor } = await scene()
  const { recordId } = record.view.patient
  const states = ['POST', `/v1/records/${recordId}/states`] as const
  const next = hash()
  const checking = check()
  await checking.next(entry({ action: 'grant.give', state: next, request: mine(states) }))
  t.equal(checking.state, next, 'the patient’s own are followed')
  await t.rejects(
    check().next(entry({ action: 'grant.give', state: next, request: mine(states, SigningKey.generate()) })),
    { code: 'state-not-mine' },
    'a grant that the host gave by itself',
  )
  await t.rejects(
    check().next(
      entry({
        action: 'document.unmask',
        state: next,
        actor: { kind: 'professional', id: doctor.key.payload.nationalId, key: doctor.key.hash },
        request: theirs(states),
      }),
    ),
    { code: 'state-not-mine' },
    'a change that a doctor ordered',
  )
  const read = mine(['GET', `/v1/records/${recordId}/documents`])
  await t.rejects(check().next(entry({ state: next, request: read })), { code: 'state-broken' }, 'a stale state')
})

t.test('acts of others', async t => {
  const { record, check, entry, theirs, doctor } = await scene()
  const { recordId } = record.view.patient
  const path = `/v1/records/${recordId}/documents/${DOCUMENT}`
  const actor = { kind: 'professional', id: doctor.key.payload.nationalId, key: doctor.key.hash } as const
  const read = { action: 'document.read', object: { document: DOCUMENT }, actor } as const
  const checked = await check().next(entry({ ...read, request: theirs(['GET', path]) }))
  t.same(checked.problems, [])
  t.equal(checked.who, 'Claire LEROY (Médecin)', 'named as the card names')

  const attempts: Record<string, Partial<Event>> = {
    'a forged signature': { ...read, request: theirs(['GET', path], SigningKey.generate()) },
    'another document': { ...read, request: theirs(['GET', `/v1/records/${recordId}/documents/${recordId}`]) },
    'somebody else’s name': {
      ...read,
      actor: { ...actor, id: '899999999999' as never },
      request: theirs(['GET', path]),
    },
    'no request': { ...read, request: null },
  }
  for (const [name, event] of Object.entries(attempts)) {
    t.not((await check().next(entry(event))).problems.length, 0, name)
  }
})
