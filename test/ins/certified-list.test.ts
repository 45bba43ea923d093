import t from 'tap'
import { certifiedLine, personLine } from '../../src/ins/certified-list.ts'

const now = new Date('2026-11-24T08:00:00.000Z')
const record = (fields: Record<string, string>) => ({ line: 7, fields: new Map(Object.entries(fields)) })
const good = { nir: '255081416802538', certified_on: '2026-01-31', certified_by: 'SNGI' }

t.test('a certified line', async t => {
  const line = certifiedLine(record({ ...good, name: 'DUPONT' }), now)
  t.match(line, { line: 7, certifiedOn: '2026-01-31', certifiedBy: 'SNGI' })
  t.equal(line.nir.characters13, '2550814168025')
  t.notOk('formerNir' in line)
  t.equal(
    certifiedLine(record({ ...good, former_nir: '269054958815780' }), now).formerNir?.characters13,
    '2690549588157',
  )
})

t.test('without date and source of a certification there is no INS', async t => {
  for (const certified_on of ['', '31/01/2026', '2026-02-30', '2026-13-01', '2026-11-25', '2026-1-1', '9999-99-99']) {
    t.throws(() => certifiedLine(record({ ...good, certified_on }), now), { code: 'certification-date' }, certified_on)
  }
  for (const certified_by of ['', ' ', 'x', '=1+1', 'a'.repeat(65), 'SNGI;']) {
    t.throws(() => certifiedLine(record({ ...good, certified_by }), now), { code: 'certification-source' })
  }
  t.throws(() => certifiedLine(record({}), now), { code: 'certification-date' })
  t.throws(() => certifiedLine(record({ certified_on: good.certified_on }), now), { code: 'certification-source' })
  t.throws(() => certifiedLine(record({ ...good, nir: '' }), now), { code: 'nir-length' })
  t.throws(() => certifiedLine(record({ certified_on: '2026-01-31', certified_by: 'SNGI' }), now), {
    code: 'nir-length',
  })
  t.throws(() => certifiedLine(record({ ...good, former_nir: '784058832102523' }), now), { code: 'nir-provisional' })
})

const person = { ins: '1541187387477485562488', name: 'DUPRÉ', given_names: 'Éléonore', address_1: '1 rue Haute' }

t.test('a person of the derived list', async t => {
  t.same(personLine(record({ ...person, address_2: ' ', address_3: ' 38000 GRENOBLE ' })), {
    line: 7,
    ins: person.ins,
    recipient: { name: 'DUPRÉ', givenNames: 'Éléonore', address: ['1 rue Haute', '38000 GRENOBLE'] },
  })
})

t.test('a line from which no letter can be written is refused', async t => {
  const cases: [Record<string, string>, string][] = [
    [{ ...person, ins: '1541187387477485562489' }, 'ins-check-key'],
    [{ ...person, name: ' ' }, 'recipient-name'],
    [{ ...person, name: 'A\nB' }, 'recipient-name'],
    [{ ...person, given_names: '' }, 'recipient-name'],
    [{ ...person, given_names: 'a'.repeat(81) }, 'recipient-name'],
    [{ ...person, name: 'evil\u202egnp.exe' }, 'recipient-name'],
    [{ ...person, address_1: '' }, 'recipient-address'],
    [{ ...person, address_2: 'a'.repeat(81) }, 'recipient-address'],
    [{ ins: person.ins }, 'recipient-name'],
    [{}, 'ins-length'],
  ]
  for (const [fields, code] of cases) t.throws(() => personLine(record(fields)), { code })
})
