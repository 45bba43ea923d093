/** An act as a DICOM audit message (PS3.15 A.5.1), which IHE ATNA carries over syslog. */
import { toBase64, utf8 } from '../../crypto/bytes.ts'
import type { Act, Named } from './act.ts'
import { ACTIONS, actionCode, DCM, type Dcm } from './meaning.ts'

/** Our own words for what is neither a patient, a report nor a query. */
const OBJECTS = 'urn:coffre:code:object'
const OUTCOME = { ok: '0', refused: '4' } as const

type Attributes = Readonly<Record<string, string | null>>

/** The message: one element, no line break, UTF-8. */
export function auditMessage(act: Act): string {
  const { entry, meaning } = act
  const { event } = entry.parsed
  return `<?xml version="1.0" encoding="UTF-8"?>${element('AuditMessage', {}, [
    element(
      'EventIdentification',
      {
        EventActionCode: actionCode(meaning),
        EventDateTime: event.t,
        EventOutcomeIndicator: OUTCOME[event.outcome],
      },
      [
        dicom('EventID', meaning.event),
        ...(meaning.detail === undefined ? [] : [dicom('EventTypeCode', meaning.detail)]),
        coded('EventTypeCode', { code: event.action, system: ACTIONS, meaning: event.action }),
        ...(act.reason === null ? [] : [`<EventOutcomeDescription>${escaped(act.reason)}</EventOutcomeDescription>`]),
      ],
    ),
    ...participants(act),
    element(
      'AuditSourceIdentification',
      { AuditEnterpriseSiteID: act.deployment.deployment, AuditSourceID: act.deployment.origin },
      [element('AuditSourceTypeCode', { 'csd-code': '4' }, [])],
    ),
    ...objects(act),
  ])}`
}

function participants(act: Act): string[] {
  const { user, organisation, client, server, meaning, deployment } = act
  const host = (role: Dcm) =>
    element(
      'ActiveParticipant',
      {
        UserID: deployment.origin,
        UserIsRequestor: 'false',
        NetworkAccessPointID: server,
        NetworkAccessPointTypeCode: '1',
      },
      [dicom('RoleIDCode', role)],
    )
  if (user === null) return [host(110150)]
  const [clientRole, serverRole]: [Dcm, Dcm] = meaning.interaction === 'read' ? [110152, 110153] : [110153, 110152]
  const role = user.role === null ? [] : [coded('RoleIDCode', { code: user.role, system: 'local', meaning: user.role })]
  return [
    element(
      'ActiveParticipant',
      {
        UserID: user.value,
        AlternativeUserID: user.system === '' ? null : user.system,
        UserName: user.name,
        UserIsRequestor: 'true',
      },
      role,
    ),
    ...(organisation === null
      ? []
      : [
          element(
            'ActiveParticipant',
            {
              UserID: organisation.value,
              AlternativeUserID: organisation.system,
              UserName: organisation.name,
              UserIsRequestor: 'false',
            },
            [],
          ),
        ]),
    element('ActiveParticipant', { UserID: client ?? user.value, UserIsRequestor: 'false' }, [
      dicom('RoleIDCode', clientRole),
    ]),
    host(serverRole),
  ]
}

function objects(act: Act): string[] {
  const { patient, object, meaning, details, asked, entry } = act
  const { interaction, about } = meaning
  const isQuery = interaction === 'search'
  const isReport = about.resource === 'DocumentReference'
  const found = (name: Named, attributes: Attributes, contents: readonly string[]) =>
    element('ParticipantObjectIdentification', { ParticipantObjectID: name.value, ...attributes }, contents)
  return [
    ...(patient === null
      ? []
      : [
          found(patient, { ParticipantObjectTypeCode: '1', ParticipantObjectTypeCodeRole: '1' }, [
            coded('ParticipantObjectIDTypeCode', { code: '2', system: 'RFC-3881', meaning: 'Patient Number' }),
            objectName(patient.system),
          ]),
        ]),
    ...(isQuery
      ? [
          found({ system: '', value: asked }, { ParticipantObjectTypeCode: '2', ParticipantObjectTypeCodeRole: '24' }, [
            coded('ParticipantObjectIDTypeCode', { code: '10', system: 'RFC-3881', meaning: 'Search Criteria' }),
            `<ParticipantObjectQuery>${toBase64(utf8(asked))}</ParticipantObjectQuery>`,
          ]),
        ]
      : []),
    ...(!isQuery && object !== null
      ? [
          found(object, { ParticipantObjectTypeCode: '2', ParticipantObjectTypeCodeRole: isReport ? '3' : '13' }, [
            isReport
              ? coded('ParticipantObjectIDTypeCode', { code: '9', system: 'RFC-3881', meaning: 'Report Number' })
              : coded('ParticipantObjectIDTypeCode', { code: about.noun, system: OBJECTS, meaning: about.noun }),
            objectName(object.system),
          ]),
        ]
      : []),
    found({ system: '', value: entry.hash }, { ParticipantObjectTypeCode: '2', ParticipantObjectTypeCodeRole: '13' }, [
      coded('ParticipantObjectIDTypeCode', { code: 'entry', system: OBJECTS, meaning: 'log entry' }),
      objectName(`urn:coffre:${act.deployment.deployment}:entry`),
      ...details.map(([type, value]) => element('ParticipantObjectDetail', { type, value: toBase64(utf8(value)) }, [])),
    ]),
  ]
}

const objectName = (text: string) => `<ParticipantObjectName>${escaped(text)}</ParticipantObjectName>`
const dicom = (name: string, code: Dcm) => coded(name, { code: String(code), system: 'DCM', meaning: DCM[code] })

/** A CodedValueType; `originalText` is what the standard calls the code's meaning. */
function coded(name: string, { code, system, meaning }: { code: string; system: string; meaning: string }): string {
  return element(name, { 'csd-code': code, codeSystemName: system, originalText: meaning }, [])
}

function element(name: string, attributes: Attributes, contents: readonly string[]): string {
  const written = Object.entries(attributes)
    .map(([attribute, value]) => (value === null ? '' : ` ${attribute}="${escaped(value)}"`))
    .join('')
  return contents.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${contents.join('')}</${name}>`
}

// Line feeds and tabs as well: a parser would turn them into spaces in an attribute.
const escaped = (text: string) => text.replace(/[&<>"'\n\r\t]/g, character => `&#${character.charCodeAt(0)};`)
