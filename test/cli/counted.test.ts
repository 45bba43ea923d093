import t from 'tap'
import { counted } from '../../src/cli/counted.ts'

t.test('one is one, and all else is many', t => {
  t.equal(counted(1, 'read'), '1 read')
  t.equal(counted(0, 'read'), '0 reads')
  t.equal(counted(2, 'entry', 'entries'), '2 entries')
  t.end()
})
