import { join } from 'node:path'
import t from 'tap'
import { shownPath } from '../../src/dev/shown-path.ts'

t.test('short below the present folder, whole elsewhere', async t => {
  t.equal(shownPath(process.cwd()), '.')
  t.equal(shownPath(join(process.cwd(), 'data', 'mail')), join('data', 'mail'))
  t.equal(shownPath('/nowhere/else'), '/nowhere/else')
})
