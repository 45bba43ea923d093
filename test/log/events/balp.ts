/**
 * IHE BALP 1.1's profiles of AuditEvent as one table: what each constrains beyond base R4, from the published
 * definitions (github.com/IHE/ITI.BasicAudit, input/fsh/Patient{Read,Query,Create,Update}.fsh). Elements that a profile
 * neither restricts nor requires (`MS`) are not in it.
 */
type Json = Record<string, unknown>
interface Coding {
  readonly system?: string
  readonly code?: string
  readonly display?: string
}

const DCM = 'http://dicom.nema.org/resources/ontology/DCM'
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'
const BASE = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.'

interface Profile {
  readonly subtypes: readonly string[]
  /** Whether the subtype must be just so, its display included (`exactly`). */
  readonly exactly: boolean
  readonly action: string
  readonly client: string
  readonly server: string
  readonly users: readonly string[]
  readonly entity: 'data' | 'query'
}

const SOURCES = ['AUT', 'INF', 'CST']
const PROFILES: Readonly<Record<string, Profile>> = {
  Read: {
    ...{ subtypes: ['read', 'vread'], exactly: true, action: 'R' },
    ...{ client: '110152', server: '110153', users: ['IRCP'], entity: 'data' },
  },
  Query: {
    ...{ subtypes: ['search', 'search-type', 'search-system'], exactly: false, action: 'E' },
    ...{ client: '110153', server: '110152', users: ['IRCP'], entity: 'query' },
  },
  Create: {
    ...{ subtypes: ['create'], exactly: true, action: 'C' },
    ...{ client: '110153', server: '110152', users: SOURCES, entity: 'data' },
  },
  Update: {
    ...{ subtypes: ['update', 'patch'], exactly: true, action: 'U' },
    ...{ client: '110153', server: '110152', users: SOURCES, entity: 'data' },
  },
}

interface Agent {
  readonly type?: { readonly coding?: readonly Coding[] }
  readonly who?: Json
  readonly network?: Json
  readonly media?: Json
  readonly requestor?: boolean
}
interface Entity {
  readonly what?: { readonly type?: string; readonly reference?: string }
  readonly type?: Coding
  readonly role?: Coding
  readonly query?: string
  readonly lifecycle?: Json
  readonly detail?: readonly Json[]
}

/** What an AuditEvent breaks of the profile that it claims; empty when it breaks nothing. */
export function balpProblems(resource: Json): string[] {
  const [claimed = ''] = ((resource.meta as { profile?: string[] } | undefined)?.profile ?? []) as string[]
  const [, patient, name] = new RegExp(`^${BASE.replaceAll('.', '\\.')}(Patient)?(\\w+)$`).exec(claimed) ?? []
  const profile = PROFILES[name ?? '']
  if (profile === undefined) return [`no profile of BALP: ${claimed}`]
  const problems: string[] = []
  const demand = (holds: boolean, what: string) => void (holds || problems.push(what))
  const type = resource.type as Coding
  demand(type.system === 'http://terminology.hl7.org/CodeSystem/audit-event-type' && type.code === 'rest', 'type')
  const subtypes = (resource.subtype ?? []) as Coding[]
  const ofRest = subtypes.filter(({ system }) => system === 'http://hl7.org/fhir/restful-interaction')
  demand(
    ofRest.length === 1 && profile.subtypes.includes(ofRest[0]?.code ?? '') && ofRest[0]?.display === ofRest[0]?.code,
    'subtype',
  )
  demand(
    !profile.exactly ||
      Object.keys(ofRest[0] ?? {})
        .sort()
        .join() === 'code,display,system',
    'subtype, exactly',
  )
  demand(resource.action === profile.action, 'action')
  demand(resource.recorded !== undefined, 'recorded')
  demand(resource.outcome === '0', 'outcome')

  const agents = resource.agent as Agent[]
  const typed = (system: string, codes: readonly string[]) =>
    agents.filter(agent => agent.type?.coding?.some(each => each.system === system && codes.includes(each.code ?? '')))
  for (const [slice, code] of [
    ['client', profile.client],
    ['server', profile.server],
  ] as const) {
    const found = typed(DCM, [code])
    demand(found.length === 1, `agent:${slice} 1..1`)
    demand(found[0]?.who !== undefined, `agent:${slice}.who`)
    demand(found[0]?.network !== undefined, `agent:${slice}.network`)
    demand(found[0]?.media === undefined, `agent:${slice}.media`)
  }
  const users = typed(PARTICIPATION, profile.users)
  demand(users.length <= 1, 'agent:user 0..1')
  for (const { who, requestor, media, network } of users) {
    demand(who !== undefined && requestor === true && media === undefined && network === undefined, 'agent:user')
  }

  const entities = (resource.entity ?? []) as Entity[]
  const ofType = (code: string) =>
    entities.filter(
      ({ type: each }) =>
        each?.system === 'http://terminology.hl7.org/CodeSystem/audit-entity-type' && each.code === code,
    )
  const objects = ofType('2')
  demand(objects.length === 1, `entity:${profile.entity} 1..1`)
  const [object] = objects
  if (profile.entity === 'data') {
    demand(object?.what !== undefined && ['3', '4', '20'].includes(object.role?.code ?? ''), 'entity:data')
  } else {
    demand(object?.role?.code === '24' && object.query !== undefined, 'entity:query')
    demand(
      object?.what === undefined && object?.lifecycle === undefined && object?.detail === undefined,
      'entity:query 0..0',
    )
  }
  if (patient === undefined) return problems
  const patients = ofType('1')
  demand(patients.length === 1, 'entity:patient 1..1')
  demand(patients[0]?.role?.code === '1', 'entity:patient.role')
  const { type: kind, reference } = patients[0]?.what ?? {}
  demand(kind === 'Patient' || reference?.startsWith('Patient/') === true, 'entity:patient.what')
  return problems
}
