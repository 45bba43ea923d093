/** An act as a FHIR R4 AuditEvent, in the patterns of IHE BALP (Basic Audit Log Patterns) where one fits. */
import { fromBase64url, toBase64, toHex, utf8 } from '../../crypto/bytes.ts'
import type { Act, Named, User } from './act.ts'
import { ACTIONS, actionCode, DCM, type Dcm, type Interaction } from './meaning.ts'

const EVENT_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-event-type'
const INTERACTION = 'http://hl7.org/fhir/restful-interaction'
const DICOM = 'http://dicom.nema.org/resources/ontology/DCM'
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'
const ROLE_CLASS = 'http://terminology.hl7.org/CodeSystem/v3-RoleClass'
const SOURCE_TYPE = 'http://terminology.hl7.org/CodeSystem/security-source-type'
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type'
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role'
const BALP = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit'
/** The log keeps no network address of anybody: an element that must be there says so. */
const NOT_KEPT = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
}
const OUTCOME = { ok: '0', refused: '4' } as const

const PROFILES: Readonly<Record<Interaction, string>> = {
  read: 'Read',
  search: 'Query',
  create: 'Create',
  update: 'Update',
}

type Json = { readonly [name: string]: unknown }
const coding = (system: string, code: string, display?: string): Json => ({
  system,
  code,
  ...(display !== undefined && { display }),
})
const dicom = (code: Dcm): Json => coding(DICOM, String(code), DCM[code])
const concept = (code: Json): Json => ({ coding: [code] })

/** The profile of BALP that the event is an instance of; null when there is none (refusals, security events). */
function profileOf({ meaning: { interaction }, patient, entry }: Act): string | null {
  if (interaction === null || entry.parsed.event.outcome === 'refused') return null
  return `${BALP}.${patient === null ? '' : 'Patient'}${PROFILES[interaction]}`
}

/** The resource, ready to be serialised. Its id is the entry's hash, so that the same entry is the same resource. */
export function auditEvent(act: Act): Json {
  const { entry, meaning } = act
  const { event } = entry.parsed
  const { interaction, event: type, detail } = meaning
  const profile = profileOf(act)
  const own = coding(ACTIONS, event.action)
  return {
    resourceType: 'AuditEvent',
    id: toHex(fromBase64url(entry.hash)),
    ...(profile !== null && { meta: { profile: [profile] } }),
    type: interaction === null ? dicom(type) : coding(EVENT_TYPE, 'rest', 'Restful Operation'),
    subtype: [
      ...(interaction === null ? [] : [coding(INTERACTION, interaction, interaction)]),
      ...(interaction === null && detail !== undefined ? [dicom(detail)] : []),
      own,
    ],
    action: actionCode(meaning),
    recorded: event.t,
    outcome: OUTCOME[event.outcome],
    ...(act.reason !== null && { outcomeDesc: act.reason }),
    agent: agents(act),
    source: {
      site: act.deployment.name,
      observer: host(act),
      type: [coding(SOURCE_TYPE, '4', 'Application Server')],
    },
    entity: entities(act),
  }
}

const identifier = ({ system, value }: Named): Json =>
  // A system is a URI; what an establishment wrote instead of one still names the register.
  /^\S+$/.test(system) ? { system, value } : { value, ...(system !== '' && { assigner: { display: system } }) }

const host = ({ deployment }: Act): Json => ({
  type: 'Device',
  identifier: { system: 'urn:coffre:log', value: deployment.origin },
  display: deployment.origin,
})

function agents(act: Act): Json[] {
  const { user, organisation, client, server, meaning, entry } = act
  const { grant, state } = entry.parsed.event
  const listener = (code: Dcm): Json => ({
    type: concept(dicom(code)),
    who: host(act),
    requestor: false,
    network: { address: server, type: '1' },
  })
  if (user === null) return [listener(110150)]
  const policy = [
    ...(grant === null ? [] : [`urn:coffre:grant:${grant}`]),
    ...(state === null ? [] : [`urn:coffre:state:${state}`]),
  ]
  // As BALP has it: data that is read flows to the client, whatever else goes to the server.
  const [clientRole, serverRole]: [Dcm, Dcm] = meaning.interaction === 'read' ? [110152, 110153] : [110153, 110152]
  return [
    {
      type: concept(dicom(clientRole)),
      who: { display: client ?? user.value },
      requestor: false,
      network: NOT_KEPT,
    },
    listener(serverRole),
    {
      type: concept(
        meaning.interaction === 'read' || meaning.interaction === 'search'
          ? coding(PARTICIPATION, 'IRCP', 'information recipient')
          : coding(PARTICIPATION, 'AUT', 'author (originator)'),
      ),
      ...(user.role !== null && { role: [{ text: user.role }] }),
      who: { type: WHO[user.kind], identifier: identifier(user) },
      ...(user.name !== null && { name: user.name }),
      requestor: true,
      ...(policy.length > 0 && { policy }),
    },
    ...(organisation === null
      ? []
      : [
          {
            type: concept(coding(ROLE_CLASS, 'PROV', 'healthcare provider')),
            who: { type: 'Organization', identifier: identifier(organisation) },
            ...(organisation.name !== null && { name: organisation.name }),
            requestor: false,
          },
        ]),
  ]
}

const WHO: Readonly<Record<User['kind'], string>> = {
  patient: 'Patient',
  person: 'Practitioner',
  organisation: 'Organization',
}

function entities(act: Act): Json[] {
  const { patient, object, meaning, details, asked, entry } = act
  const { interaction, about } = meaning
  const isQuery = interaction === 'search'
  const isReport = about.resource === 'DocumentReference'
  return [
    ...(patient === null
      ? []
      : [
          {
            what: { type: 'Patient', identifier: identifier(patient) },
            type: coding(ENTITY_TYPE, '1', 'Person'),
            role: coding(OBJECT_ROLE, '1', 'Patient'),
          },
        ]),
    ...(isQuery
      ? [
          {
            type: coding(ENTITY_TYPE, '2', 'System Object'),
            role: coding(OBJECT_ROLE, '24', 'Query'),
            query: toBase64(utf8(asked)),
          },
        ]
      : []),
    ...(!isQuery && object !== null
      ? [
          {
            what: { ...(about.resource !== undefined && { type: about.resource }), identifier: identifier(object) },
            type: coding(ENTITY_TYPE, '2', 'System Object'),
            role: isReport ? coding(OBJECT_ROLE, '3', 'Report') : coding(OBJECT_ROLE, '4', 'Domain Resource'),
          },
        ]
      : []),
    {
      // The entry itself: what leads from the event back to the log, and to its proof.
      what: { identifier: { system: `urn:coffre:${act.deployment.deployment}:entry`, value: entry.hash } },
      type: coding(ENTITY_TYPE, '4', 'Other'),
      role: coding(OBJECT_ROLE, '13', 'Security Resource'),
      detail: details.map(([type, valueString]) => ({ type, valueString })),
    },
  ]
}
