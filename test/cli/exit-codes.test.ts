import t from 'tap'
import { UsageError } from '../../src/cli/command.ts'
import { EXIT, exitCodeOf } from '../../src/cli/exit-codes.ts'
import { ConnectionError, HostRefusal, InputError, StepError, VerificationError } from '../../src/client/errors.ts'
import { CoffreError, CryptoError } from '../../src/crypto/errors.ts'
import { LogError } from '../../src/log/errors.ts'

t.test('an exit code says what kind of error it was', t => {
  const cases: [unknown, number][] = [
    [new Error('x'), EXIT.unexpected],
    ['x', EXIT.unexpected],
    [new UsageError('x'), EXIT.usage],
    [new InputError('x', { code: 'card-pin' }), EXIT.usage],
    [new HostRefusal('x', { code: 'no-grant', status: 403 }), EXIT.refused],
    [new VerificationError('x', { code: 'tree-forked' }), EXIT.verification],
    [new LogError('x', { code: 'state-seq' }), EXIT.verification],
    [new CryptoError('x', { code: 'seal-open' }), EXIT.verification],
    [new StepError('x', { code: 'not-enrolled' }), EXIT.missing],
    [new ConnectionError('x', { code: 'host-unreachable' }), EXIT.unreachable],
    [new CoffreError('x', { code: 'port-taken' }), EXIT.unreachable],
    [new CoffreError('x', { code: 'audit-finding' }), EXIT.finding],
  ]
  for (const [error, code] of cases) t.equal(exitCodeOf(error), code, String(error))
  t.end()
})
