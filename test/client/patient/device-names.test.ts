import t from 'tap'
import { checkedName, withName, withNamesOf } from '../../../src/client/patient/device-names.ts'
import { Bundle } from '../../../src/protocol/bundle.ts'
import type { SlotId } from '../../../src/protocol/ids.ts'
import { newId } from '../../fixtures/document.ts'
import { story } from '../../formats/story.ts'

const { states } = await story()
const { bundle } = states.masked
const [salon, telephone] = [newId<SlotId>(), newId<SlotId>()]

t.test('a name is one as people type it', async t => {
  t.equal(checkedName(undefined), null)
  t.equal(checkedName('  Te\u0301le\u0301phone '), 'T\u00e9l\u00e9phone')
  for (const bad of ['', ' ', 'x'.repeat(64), 'a\nb']) t.throws(() => checkedName(bad), { code: 'device-name' }, bad)
})

t.test('a new name leaves those that another device gave meanwhile', async t => {
  const both = withName(withName(bundle, { slotId: salon, name: 'Salon' }), { slotId: telephone, name: 'Poche' })
  t.same(
    Bundle.parse(both).devices?.map(({ name }) => name),
    ['Salon', 'Poche'],
  )
  t.same(withNamesOf(both, new Set([telephone])).devices, [{ slotId: telephone, name: 'Poche' }])
  t.same(withNamesOf(both, new Set()), bundle, 'without names the bundle is as before there were any')
})
