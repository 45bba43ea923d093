import t from 'tap'
import { noticeOf } from '../../src/log/notices.ts'
import { actCases } from '../fixtures/acts.ts'

t.test('changes of who can get in are told when they are done, accesses of others in any case', async t => {
  const told = (name: string) => {
    const found = actCases().find(each => each.name === name)
    if (found === undefined) throw new Error(name)
    return noticeOf(found.entry.parsed.event)
  }
  t.equal(told('grant.give, patient, ok'), 'change')
  t.equal(told('grant.give, patient, refused'), null)
  t.equal(told('recovery.start, professional, ok'), 'change')
  t.equal(told('document.read, professional, ok'), 'access')
  t.equal(told('document.read, establishment, refused'), 'access')
  t.equal(told('session.start, patient, ok'), null)
})
