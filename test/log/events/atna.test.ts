/** Every kind of entry as a DICOM audit message, held against the standard's schema and our own page. */
import t from 'tap'
import { auditMessage } from '../../../src/log/events/atna.ts'
import { Action } from '../../../src/protocol/entry.ts'
import { actCases, tableRows } from '../../fixtures/acts.ts'
import { dicomProblems, type Node, readXml } from './dicom.ts'

const cases = actCases().map(each => ({ ...each, xml: auditMessage(each.act) }))
const find = (node: Node, name: string): Node[] => node.children.filter(child => child.name === name)

t.test('every kind of entry is a message of the schema', async t => {
  for (const { name, xml, outcome, entry } of cases) {
    t.same(dicomProblems(xml), [], name)
    t.notMatch(xml, /[\n\0]/, 'one line')
    const root = readXml(xml)
    const [event] = root.children as [Node]
    t.equal(event.attributes.EventOutcomeIndicator, outcome === 'ok' ? '0' : '4', name)
    t.equal(event.attributes.EventDateTime, entry.parsed.event.t)
    const own = find(root, 'ParticipantObjectIdentification').at(-1)
    t.equal(own?.attributes.ParticipantObjectID, entry.hash, 'it leads back to its entry')
    t.notMatch(xml, /(?<!\d)\d{22}(?!\d)/, 'no INS')
  }
})

t.test('what an establishment wrote comes through whole, and as text', async t => {
  const { xml } = cases.find(({ name }) => name === 'document.read, establishment, ok') ?? { xml: '' }
  const [person] = find(readXml(xml), 'ActiveParticipant')
  t.match(person?.attributes, { UserID: 'u-17', UserName: 'Anne <L’Étoile> & \ufffdfils', UserIsRequestor: 'true' })
})

t.test('what is wrong is seen by the rules it is held against', async t => {
  const { xml } = cases.find(({ name }) => name === 'document.list, professional, ok') ?? { xml: '' }
  for (const [from, to] of [
    ['EventOutcomeIndicator="0"', 'EventOutcomeIndicator="1"'],
    [' UserIsRequestor="true"', ''],
    ['<AuditSourceTypeCode csd-code="4"/>', '<AuditSourceTypeCode csd-code="12"/>'],
    ['<ParticipantObjectQuery>', '<ParticipantObjectQuery>%'],
    ['</ActiveParticipant>', '</ActiveParticipant><EventID/>'],
  ] as const) {
    t.ok(xml.includes(from), from)
    t.not(dicomProblems(xml.replace(from, to)).length, 0, from)
  }
  t.throws(() => readXml(xml.replace('</AuditMessage>', '')))
})

t.test('the page says what becomes of each action', async t => {
  const rows = tableRows('Actions').map(([action, , letter, , dicom]) => [action, letter, dicom])
  const told = Action.options.map(action => {
    const { xml } = cases.find(each => each.action === action) ?? { xml: '' }
    const [event] = readXml(xml).children as [Node]
    const codes = event.children.filter(({ attributes }) => attributes.codeSystemName === 'DCM')
    return [
      `\`${action}\``,
      event.attributes.EventActionCode,
      codes.map(({ attributes }) => attributes['csd-code']).join(' '),
    ]
  })
  t.same(rows, told)
})
