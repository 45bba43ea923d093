/** Every kind of entry as an AuditEvent: held against the published definition of base R4, BALP's profiles, our own page. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core'
import t from 'tap'
import { auditEvent } from '../../../src/log/events/fhir.ts'
import { Action } from '../../../src/protocol/entry.ts'
import { actCases, tableRows } from '../../fixtures/acts.ts'
import { balpProblems } from './balp.ts'

type Json = Record<string, unknown>
const definitions = join(import.meta.dirname, '../../vectors/fhir/auditevent-r4.json')
indexStructureDefinitionBundle(JSON.parse(readFileSync(definitions, 'utf8')))

/** Codes of value sets with a required binding, which the validator does not know. */
const REQUIRED = {
  action: ['C', 'R', 'U', 'D', 'E'],
  outcome: ['0', '4', '8', '12'],
  network: ['1', '2', '3', '4', '5'],
}

/** What base R4 says against it. */
function r4Problems(resource: Json): string[] {
  try {
    const issues = validateResource(resource as never) as { severity: string; details?: { text?: string } }[]
    const { action, outcome, agent } = resource as {
      action: string
      outcome: string
      agent: { network?: { type?: string } }[]
    }
    const codes = [
      ...(/^[A-Za-z0-9.-]{1,64}$/.test(resource.id as string) ? [] : ['id']),
      ...(REQUIRED.action.includes(action) ? [] : ['action']),
      ...(REQUIRED.outcome.includes(outcome) ? [] : ['outcome']),
      ...agent.flatMap(({ network }) =>
        network?.type === undefined || REQUIRED.network.includes(network.type) ? [] : ['agent.network.type'],
      ),
    ]
    return [...issues.map(({ details }) => details?.text ?? 'issue'), ...codes]
  } catch (error) {
    return [(error as Error).message]
  }
}

const cases = actCases().map(each => ({ ...each, resource: JSON.parse(JSON.stringify(auditEvent(each.act))) as Json }))

t.test('every kind of entry is a valid AuditEvent of R4, and of the profile of BALP that it claims', async t => {
  t.same(new Set(cases.map(({ action }) => action)), new Set(Action.options))
  for (const { name, resource, outcome } of cases) {
    t.same(r4Problems(resource), [], `${name}: R4`)
    if (resource.meta !== undefined) t.same(balpProblems(resource), [], `${name}: ${JSON.stringify(resource.meta)}`)
    t.equal(resource.outcome, outcome === 'ok' ? '0' : '4', `${name}: its outcome`)
    if (outcome === 'refused') {
      t.equal(resource.meta, undefined, 'BALP’s profiles are of what succeeded')
      t.ok(resource.outcomeDesc, 'why')
    }
  }
})

t.test('it leads back to its entry, to the right it relied on and to nobody’s INS', async t => {
  for (const { name, resource, entry } of cases) {
    const entity = resource.entity as { what?: { identifier?: { value: string } }; detail?: { type: string }[] }[]
    const own = entity.find(({ detail }) => detail !== undefined)
    t.equal(own?.what?.identifier?.value, entry.hash, name)
    t.equal(resource.id, Buffer.from(entry.hash, 'base64url').toString('hex'))
    const { grant, state, actor } = entry.parsed.event
    const agents = resource.agent as { policy?: string[] }[]
    // What the host does by itself relies on nobody's right.
    const policy =
      actor.kind === 'host'
        ? []
        : [...(grant ? [`urn:coffre:grant:${grant}`] : []), ...(state ? [`urn:coffre:state:${state}`] : [])]
    t.same(
      agents.flatMap(each => each.policy ?? []),
      policy,
    )
    t.notMatch(JSON.stringify(resource), /(?<!\d)\d{22}(?!\d)/)
  }
})

t.test('what is wrong is seen by the rules it is held against', async t => {
  const read = cases.find(({ name }) => name === 'document.read, professional, ok')?.resource as Json
  const list = cases.find(({ name }) => name === 'document.list, establishment, ok')?.resource as Json
  const agents = read.agent as Json[]
  const entities = read.entity as Json[]
  for (const [what, broken] of Object.entries({
    recorded: { ...read, recorded: '2026-11-24' },
    action: { ...read, action: 'X' },
    'no source': { ...read, source: undefined },
    'another member': { ...read, ins: '1' },
    'no boolean': { ...read, agent: [{ ...agents[0], requestor: 'yes' }] },
    'name and query': { ...list, entity: (list.entity as Json[]).map(each => ({ ...each, name: 'x' })) },
    'an id that is none': { ...read, id: 'a_b' },
  })) {
    t.not(r4Problems(JSON.parse(JSON.stringify(broken))).length, 0, `R4: ${what}`)
  }
  for (const [what, broken] of Object.entries({
    outcome: { ...read, outcome: '4' },
    'another action': { ...read, action: 'E' },
    'no patient': { ...read, entity: entities.slice(1) },
    'two objects': { ...read, entity: [...entities, entities[1]] },
    'no client': { ...read, agent: agents.slice(1) },
    'a user with an address': { ...read, agent: agents.map(each => ({ ...each, network: {} })) },
    'another interaction': {
      ...read,
      subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'create' }],
    },
    'a query with details': { ...list, entity: (list.entity as Json[]).map(each => ({ ...each, detail: [{}] })) },
  })) {
    t.not(balpProblems(broken).length, 0, `BALP: ${what}`)
  }
})

t.test('the page says what becomes of each action', async t => {
  const rows = tableRows('Actions').map(([action, type, letter, profile]) => ({ action, type, letter, profile }))
  const told = Action.options.map(action => {
    const { resource } = cases.find(each => each.action === action && each.outcome === 'ok') ??
      cases.find(each => each.action === action) ?? { resource: {} }
    const {
      type,
      subtype,
      action: letter,
      meta,
    } = resource as {
      type: { code: string }
      subtype: { code: string; system: string }[]
      action: string
      meta?: { profile: string[] }
    }
    const published = subtype.filter(({ system }) => !system.startsWith('urn:coffre:')).map(({ code }) => code)
    return {
      action: `\`${action}\``,
      type: [type.code, ...published].join(' '),
      letter,
      profile: meta?.profile[0]?.replace(/^.*\./, '') ?? '–',
    }
  })
  t.same(rows, told)
})
