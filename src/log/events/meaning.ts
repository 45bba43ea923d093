/**
 * What each action of the log is in the words of FHIR and DICOM (docs/audit-events.md has the same table, and a test
 * holds the two together). Codes are the published ones; what has none keeps our own name beside them, under `ACTIONS`.
 */
import type { Action } from '../../protocol/entry.ts'

/** Code system of the log's own actions. */
export const ACTIONS = 'urn:coffre:code:action'

/** DICOM PS3.16, annex D: the codes used here, with their published meanings. */
export const DCM = {
  110100: 'Application Activity',
  110106: 'Export',
  110107: 'Import',
  110110: 'Patient Record',
  110112: 'Query',
  110113: 'Security Alert',
  110114: 'User Authentication',
  110120: 'Application Start',
  110121: 'Application Stop',
  110122: 'Login',
  110123: 'Logout',
  110135: 'Object Security Attributes Changed',
  110136: 'Security Roles Changed',
  110137: 'User Security Attributes Changed',
  110150: 'Application',
  110152: 'Destination Role ID',
  110153: 'Source Role ID',
} as const
export type Dcm = keyof typeof DCM

/** FHIR's restful interactions (http://hl7.org/fhir/restful-interaction), or the DICOM event where there is none. */
export type Interaction = 'read' | 'search' | 'create' | 'update'

/** What the act was about: the member of the entry's object that names it, and what kind of name that is. */
export interface About {
  /** Null: the record itself, as where the entry has no such member. */
  readonly member: string | null
  readonly noun: 'record' | 'document' | 'statement' | 'compartment' | 'device' | 'request' | 'holder'
  /** The FHIR resource that it is like. */
  readonly resource?: 'DocumentReference' | 'Consent'
}

export interface Meaning {
  /** Null: no act on a resource, but one of DICOM's security events. */
  readonly interaction: Interaction | null
  /** DICOM's EventID; also the type of the FHIR event where there is no interaction. */
  readonly event: Dcm
  /** DICOM's EventTypeCode; also the subtype of the FHIR event where there is no interaction. */
  readonly detail?: Dcm
  readonly about: About
}

const record: About = { member: null, noun: 'record' }
const document: About = { member: 'document', noun: 'document', resource: 'DocumentReference' }
const grant: About = { member: 'grant', noun: 'statement', resource: 'Consent' }
const named = (member: string, noun: About['noun'] = 'statement'): About => ({ member, noun })

const create = (about: About, event: Dcm = 110110): Meaning => ({ interaction: 'create', event, about })
const update = (about: About): Meaning => ({ interaction: 'update', event: 110110, about })
const security = (event: Dcm, detail: Dcm | null, about: About): Meaning => ({
  interaction: null,
  event,
  ...(detail !== null && { detail }),
  about,
})

/** Every action. A new one is decided here, in docs/audit-events.md and nowhere else. */
export const MEANINGS: Readonly<Record<Action, Meaning>> = {
  'record.open': create(record),
  'record.close': security(110113, 110135, record),
  'record.reopen': security(110113, 110135, record),
  'record.destroy': security(110113, 110135, record),
  'account.activate': security(110113, 110137, named('activation')),
  'session.start': security(110114, 110122, named('device', 'device')),
  'session.fail': security(110114, 110122, named('device', 'device')),
  'session.end': security(110114, 110123, named('device', 'device')),
  'document.list': { interaction: 'search', event: 110112, about: record },
  'document.read': { interaction: 'read', event: 110106, about: document },
  'document.deposit': create(document, 110107),
  'document.refused': security(110113, null, document),
  'document.mask': update(document),
  'document.unmask': update(document),
  'document.move': update(document),
  'document.withdraw': update(document),
  'grant.give': create(grant),
  'grant.revoke': update(grant),
  'compartment.roll': security(110113, 110135, record),
  'compartment.add': update(named('compartment', 'compartment')),
  'device.add': security(110113, 110137, named('device', 'device')),
  'device.remove': security(110113, 110137, record),
  'delegation.give': security(110113, 110136, named('delegation')),
  'delegation.revoke': security(110113, 110136, named('delegation')),
  'access.view': { interaction: 'read', event: 110110, about: named('compartment', 'compartment') },
  'access.request': create(named('request', 'request')),
  'access.deny': update(named('request', 'request')),
  'access.block': security(110113, 110136, named('holder', 'holder')),
  'access.unblock': security(110113, 110136, named('holder', 'holder')),
  'recovery.start': security(110113, 110137, named('recovery')),
  'recovery.stop': security(110113, 110137, named('identity')),
  'contact.change': security(110113, 110137, record),
  'notices.set': update(record),
  'identity.change': security(110113, 110137, named('identity')),
  'host.start': security(110100, 110120, record),
  'host.stop': security(110100, 110121, record),
  'portal.build': security(110113, 110135, named('build')),
  'host.operate': security(110100, null, record),
  'registration.import': create(named('registration')),
  'key.publish': security(110113, 110137, named('keyStatement')),
  'key.withdraw': security(110113, 110137, named('keyStatement')),
  'strangers.refused': security(110113, null, record),
  'log.erase': security(110113, null, named('order')),
}

/** The letter that FHIR and DICOM have for it. */
export function actionCode({ interaction }: Meaning): 'C' | 'R' | 'U' | 'E' {
  switch (interaction) {
    case 'create':
      return 'C'
    case 'read':
      return 'R'
    case 'update':
      return 'U'
    default:
      return 'E'
  }
}
