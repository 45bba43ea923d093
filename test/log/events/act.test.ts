import t from 'tap'
import { writeEntry } from '../../../src/log/entry.ts'
import { actOf } from '../../../src/log/events/act.ts'
import { actCases, deployment } from '../../fixtures/acts.ts'

const named = (name: string) => actCases().find(each => each.name === name)?.act

t.test('who acted, for whom, through what, about what', async t => {
  const system = (noun: string) => `urn:coffre:${deployment.deployment}:${noun}`
  t.match(named('document.read, professional, ok'), {
    user: { system: 'urn:oid:1.2.250.1.71.4.2.1', value: '810000000017', name: 'Claire LEROY', role: 'Médecin' },
    organisation: null,
    patient: { system: system('record'), value: 'SnwiRt35k_df-5G5vShI0g' },
    object: { system: system('document') },
    server: 'host.example:8443',
  })
  t.match(named('document.list, establishment, ok'), {
    user: { system: 'annuaire de la clinique', value: 'u-17', role: 'infirmière' },
    organisation: { system: 'urn:oid:1.2.250.1.71.4.2.2', value: '1999999999' },
    asked: 'GET /v1/records/SnwiRt35k_df-5G5vShI0g/documents?after=12',
  })
  t.match(named('access.block, patient, ok')?.object, { system: 'urn:oid:1.2.250.1.71.4.2.1' })
  t.match(named('access.unblock, patient, ok')?.object, { system: 'urn:oid:1.2.250.1.71.4.2.2' })
  t.match(named('strangers.refused, host, refused'), { user: null, patient: null, object: null, client: null })
  t.equal(named('session.fail, patient, refused')?.object, null, 'an unknown device')
})

t.test('a request that cannot be read is told without its parts', async t => {
  const { entry } = actCases().find(({ name }) => name === 'document.list, professional, ok') ?? {}
  if (entry === undefined) throw new Error('no case')
  const { salt: _, ...event } = entry.parsed.event
  const { record, n, prev } = entry.parsed.link
  const broken = writeEntry(
    { record, n, prev },
    { ...event, request: { base: 'no base', signature: event.request?.signature ?? '' } },
  )
  const act = actOf({ entry: broken, seq: 0 }, { deployment, holderOf: () => null })
  t.match(act, { client: null, server: 'pro.host.example', asked: 'document.list' })
})
