import t from 'tap'
import { defaultRights, PROFESSION_BY_TITLE } from '../../src/protocol/rights.ts'

const short = (title: string) =>
  Object.fromEntries(
    [...defaultRights(PROFESSION_BY_TITLE.get(title) ?? '')].map(([kind, rights]) => [
      kind,
      rights.map(right => right[0]?.toUpperCase()).join(''),
    ]),
  )

t.test('the table by profession', async t => {
  const all = ['synthesis', 'reports', 'laboratory', 'imaging', 'treatments', 'care', 'vaccination', 'certificates']
  t.same(short('Médecin'), Object.fromEntries(all.map(kind => [kind, 'RD'])))
  t.same(short('Sage-Femme'), short('Médecin'))
  t.same(short('Infirmier'), {
    synthesis: 'R',
    reports: 'R',
    laboratory: 'R',
    treatments: 'RD',
    care: 'RD',
    vaccination: 'RD',
  })
  t.same(short('Pharmacien'), { synthesis: 'R', laboratory: 'R', treatments: 'RD', care: 'R', vaccination: 'RD' })
  t.same(short('Technicien de laboratoire'), { laboratory: 'RD' })
})

t.test('nobody gets the masked compartment by default, an unknown profession nothing at all', async t => {
  for (const code of PROFESSION_BY_TITLE.values()) t.notOk(defaultRights(code).has('masked'), code)
  for (const code of ['', '28', '00', 'constructor', '__proto__']) t.equal(defaultRights(code).size, 0, code)
})
