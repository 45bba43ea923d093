import t from 'tap'
import { problemCodeOf, problemOf } from '../../src/api/problems.ts'
import { STATUSES } from '../../src/api/statuses.ts'
import { CoffreError } from '../../src/crypto/errors.ts'
import { PROBLEM_CODES, Problem } from '../../src/protocol/problems.ts'
import { Refusal } from '../../src/vault/errors.ts'

const incident = '0011223344556677'

t.test('every code has a status and words in both languages', async t => {
  t.strictSame(Object.keys(STATUSES).sort(), [...PROBLEM_CODES].sort())
  for (const code of PROBLEM_CODES) {
    for (const language of ['fr', 'en'] as const) {
      const problem = Problem.parse(problemOf(new Refusal(code, ''), { language, incident }))
      t.ok(problem.title.length > 3 && problem.detail.length > 10, `${code} ${language}`)
      t.ok(problem.status >= 400 && problem.status < 600)
    }
  }
})

t.test('what was not thrown as a refusal tells nothing but its incident', async t => {
  const secret = 'SELECT secret FROM table'
  for (const error of [new Error(secret), new CoffreError(secret, { code: 'store-open' }), secret, null]) {
    const problem = problemOf(error, { language: 'en', incident })
    t.match(problem, { code: 'internal', status: 500, incident })
    t.notMatch(JSON.stringify(problem), /SELECT/)
  }
  t.equal(problemCodeOf(new CoffreError('x', { code: 'constructor' })), 'internal')
})

t.test('what helps the one refused stands beside', async t => {
  const retryAt = '2026-11-24T08:00:00.000Z'
  const error = new Refusal('sign-in-locked', '', { extra: { retryAt } })
  t.match(problemOf(error, { language: 'fr', incident }), { retryAt, title: 'Connexion suspendue' })
})
