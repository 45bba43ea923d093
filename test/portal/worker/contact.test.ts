import t from 'tap'
import { typedContact } from '../../../src/portal/worker/contact.ts'

t.test('a telephone number as it is typed in France, at home and overseas', t => {
  const numbers = {
    '06 12 34 56 78': '+33612345678',
    '07.12.34.56.78': '+33712345678',
    '0690 12 34 56': '+590690123456',
    '0694 12 34 56': '+594694123456',
    '0696 12 34 56': '+596696123456',
    '0692 12 34 56': '+262692123456',
    '0639 12 34 56': '+262639123456',
    '+32 (470) 12-34-56': '+32470123456',
    '0032 470 12 34 56': '+32470123456',
    '12': '12',
  }
  for (const [address, wanted] of Object.entries(numbers)) {
    t.same(typedContact({ kind: 'telephone', address }), { kind: 'telephone', address: wanted }, address)
  }
  t.same(typedContact({ kind: 'mail', address: '06@exemple.fr' }), { kind: 'mail', address: '06@exemple.fr' })
  t.end()
})
