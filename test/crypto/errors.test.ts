import t from 'tap'
import { CoffreError, CryptoError } from '../../src/crypto/errors.ts'

t.test('class, code and cause tell errors apart', async t => {
  const cause = new Error('below')
  const error: unknown = new CryptoError('Do this', { code: 'some-code', cause })
  t.ok(CryptoError.is(error))
  t.ok(CoffreError.is(error, 'some-code'))
  t.notOk(CryptoError.is(error, 'other-code'))
  t.notOk(CryptoError.is(new CoffreError('x', { code: 'some-code' })), 'the base is not the subclass')
  t.notOk(CoffreError.is(new Error('x')))
  t.notOk(CoffreError.is(null))
  if (CryptoError.is(error)) {
    t.equal(error.name, 'CryptoError')
    t.equal(error.code, 'some-code')
    t.equal(error.cause, cause)
  }
  t.notOk('cause' in new CoffreError('x', { code: 'c' }))
})
