import t from 'tap'
import { actionCode, DCM, MEANINGS } from '../../../src/log/events/meaning.ts'
import { tableRows } from '../../fixtures/acts.ts'

t.test('the page lists every code of DICOM that is used, with its published meaning', async t => {
  t.same(
    tableRows('Codes of DICOM'),
    Object.entries(DCM).map(([code, meaning]) => [code, meaning]),
  )
})

t.test('an act on a resource has its letter, a security event is executed', async t => {
  for (const [action, meaning] of Object.entries(MEANINGS)) {
    const letters = { create: 'C', read: 'R', update: 'U', search: 'E' }
    t.equal(actionCode(meaning), meaning.interaction === null ? 'E' : letters[meaning.interaction], action)
  }
})
