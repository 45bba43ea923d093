/** DICOM PS3.15 A.5.1.1, the schema of audit messages (RELAX NG there), as a table; and a reader that holds a text to it. */

interface Element {
  /** Attributes: a pattern, and whether it must be there. */
  readonly attributes: Readonly<Record<string, readonly [pattern: RegExp, required: boolean]>>
  /** Children in their order: name, at least, at most. */
  readonly children: readonly (readonly [name: string, least: number, most: number])[]
  readonly text?: RegExp
}

const TOKEN = /^\S+(?: \S+)*$/
const ANY = /^[\s\S]*$/
const BOOLEAN = /^(?:true|false|0|1)$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const upTo = (most: number) => new RegExp(`^(?:${Array.from({ length: most }, (_, i) => i + 1).join('|')})$`)
const MANY = Number.POSITIVE_INFINITY

const coded: Element = {
  attributes: {
    'csd-code': [TOKEN, true],
    codeSystemName: [TOKEN, true],
    displayName: [TOKEN, false],
    originalText: [TOKEN, true],
  },
  children: [],
}

const SCHEMA: Readonly<Record<string, Element>> = {
  AuditMessage: {
    attributes: {},
    children: [
      ['EventIdentification', 1, 1],
      ['ActiveParticipant', 1, MANY],
      ['AuditSourceIdentification', 1, 1],
      ['ParticipantObjectIdentification', 0, MANY],
    ],
  },
  EventIdentification: {
    attributes: {
      EventActionCode: [/^[CRUDE]$/, false],
      EventDateTime: [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/, true],
      EventOutcomeIndicator: [/^(?:0|4|8|12)$/, true],
    },
    children: [
      ['EventID', 1, 1],
      ['EventTypeCode', 0, MANY],
      ['EventOutcomeDescription', 0, 1],
    ],
  },
  EventID: coded,
  EventTypeCode: coded,
  EventOutcomeDescription: { attributes: {}, children: [], text: ANY },
  ActiveParticipant: {
    attributes: {
      UserID: [ANY, true],
      AlternativeUserID: [ANY, false],
      UserName: [ANY, false],
      UserIsRequestor: [BOOLEAN, true],
      NetworkAccessPointID: [TOKEN, false],
      NetworkAccessPointTypeCode: [upTo(5), false],
    },
    children: [['RoleIDCode', 0, MANY]],
  },
  RoleIDCode: coded,
  AuditSourceIdentification: {
    attributes: { AuditEnterpriseSiteID: [TOKEN, false], AuditSourceID: [TOKEN, true] },
    children: [['AuditSourceTypeCode', 0, MANY]],
  },
  AuditSourceTypeCode: { attributes: { 'csd-code': [upTo(9), true] }, children: [] },
  ParticipantObjectIdentification: {
    attributes: {
      ParticipantObjectID: [TOKEN, true],
      ParticipantObjectTypeCode: [upTo(4), false],
      ParticipantObjectTypeCodeRole: [upTo(26), false],
      ParticipantObjectDataLifeCycle: [upTo(15), false],
      ParticipantObjectSensitivity: [TOKEN, false],
    },
    children: [
      ['ParticipantObjectIDTypeCode', 1, 1],
      ['ParticipantObjectName', 0, 1],
      ['ParticipantObjectQuery', 0, 1],
      ['ParticipantObjectDetail', 0, MANY],
    ],
  },
  ParticipantObjectIDTypeCode: coded,
  ParticipantObjectName: { attributes: {}, children: [], text: TOKEN },
  ParticipantObjectQuery: { attributes: {}, children: [], text: BASE64 },
  ParticipantObjectDetail: { attributes: { type: [TOKEN, true], value: [BASE64, true] }, children: [] },
}

export interface Node {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Node[]
  readonly text: string
}

/** Reads XML of elements, attributes and text alone; throws for anything else. */
export function readXml(xml: string): Node {
  let at = 0
  const take = (pattern: RegExp) => {
    const sticky = new RegExp(pattern.source, 'y')
    sticky.lastIndex = at
    const match = sticky.exec(xml)
    if (match !== null) at = sticky.lastIndex
    return match
  }
  const need = (pattern: RegExp) => {
    const match = take(pattern)
    if (match === null) throw new Error(`not XML at ${at}: ${xml.slice(at, at + 40)}`)
    return match
  }
  const plain = (text: string) => text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
  const element = (): Node => {
    const name = need(/<([A-Za-z]+)/)[1] as string
    const attributes: Record<string, string> = {}
    for (let found = take(/ ([A-Za-z-]+)="([^"<&]*(?:&#\d+;[^"<&]*)*)"/); found !== null; ) {
      if (found[1] === undefined || found[1] in attributes) throw new Error(`${found[1]} twice`)
      attributes[found[1]] = plain(found[2] ?? '')
      found = take(/ ([A-Za-z-]+)="([^"<&]*(?:&#\d+;[^"<&]*)*)"/)
    }
    if (take(/\/>/) !== null) return { name, attributes, children: [], text: '' }
    need(/>/)
    const children: Node[] = []
    const text = plain(take(/([^<&]*(?:&#\d+;[^<&]*)*)/)?.[1] ?? '')
    while (xml.startsWith('<', at) && !xml.startsWith('</', at)) children.push(element())
    need(new RegExp(`</${name}>`))
    return { name, attributes, children, text }
  }
  need(/<\?xml version="1\.0" encoding="UTF-8"\?>/)
  const root = element()
  if (at !== xml.length) throw new Error('more after the root')
  return root
}

/** What a message breaks of the schema. */
export function dicomProblems(xml: string): string[] {
  const problems: string[] = []
  const check = ({ name, attributes, children, text }: Node): void => {
    const rule = SCHEMA[name]
    if (rule === undefined) return void problems.push(`${name} is not of the schema`)
    for (const [attribute, [pattern, required]] of Object.entries(rule.attributes)) {
      const value = attributes[attribute]
      if (value === undefined ? required : !pattern.test(value)) problems.push(`${name}/@${attribute}`)
    }
    for (const attribute of Object.keys(attributes)) {
      if (!(attribute in rule.attributes)) problems.push(`${name}/@${attribute} is not of the schema`)
    }
    const order = rule.children.map(([child]) => child)
    const places = children.map(child => order.indexOf(child.name))
    if (places.some((place, i) => place < (places[i - 1] ?? 0))) problems.push(`${name}: order`)
    for (const [child, least, most] of rule.children) {
      const count = children.filter(each => each.name === child).length
      if (count < least || count > most) problems.push(`${name}/${child}: ${count}`)
    }
    if (rule.text === undefined ? text !== '' : !rule.text.test(text)) problems.push(`${name}: text`)
    const both = children.filter(child => /^ParticipantObject(Name|Query)$/.test(child.name))
    if (name === 'ParticipantObjectIdentification' && both.length !== 1) problems.push('a name or a query')
    children.forEach(check)
  }
  const root = readXml(xml)
  if (root.name !== 'AuditMessage') problems.push('root')
  check(root)
  return problems
}
