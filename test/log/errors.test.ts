import t from 'tap'
import { CoffreError } from '../../src/crypto/errors.ts'
import { LogError } from '../../src/log/errors.ts'

t.test('a LogError is told by its code and shows its evidence', async t => {
  const cause = new Error('below')
  const error = new LogError('Refused: ask again', { code: 'checkpoint-quorum', evidence: { size: 3 }, cause })
  t.ok(LogError.is(error, 'checkpoint-quorum'))
  t.notOk(LogError.is(error, 'checkpoint-origin'))
  t.ok(CoffreError.is(error))
  t.same(error.evidence, { size: 3 })
  t.equal(error.cause, cause)
  t.equal(error.name, 'LogError')
  t.equal(new LogError('x', { code: 'tree-range' }).evidence, undefined)
})
