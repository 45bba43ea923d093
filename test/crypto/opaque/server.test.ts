import t from 'tap'
import { concat, fromBase64url, toBase64url } from '../../../src/crypto/bytes.ts'
import * as client from '../../../src/crypto/opaque/client.ts'
import {
  createSetup,
  finishLogin,
  publicKeyOf,
  registrationResponse,
  startLogin,
} from '../../../src/crypto/opaque/server.ts'

const identifiers = { client: 'ins', server: 'deployment' }
const setup = createSetup()
const secretCode = 'secret-1'
const input = { setup, userIdentifier: 'ins', identifiers }

const begun = client.startRegistration(secretCode)
const { record } = client.finishRegistration({
  secretCode,
  state: begun.state,
  response: registrationResponse({ ...input, request: begun.request }),
  identifiers,
})

t.test('what the host keeps and says does not hold the code', async t => {
  const { request } = client.startLogin(secretCode)
  const { state, response } = startLogin({ ...input, record, request })
  for (const text of [record, state, response, setup]) {
    const bytes = Buffer.from(text, 'base64url')
    t.notOk(bytes.includes(secretCode))
  }
})

t.test('an unknown user is answered alike', async t => {
  const { request, state } = client.startLogin(secretCode)
  const known = startLogin({ ...input, record, request })
  const unknown = startLogin({ ...input, userIdentifier: 'nobody', record: null, request })
  t.equal(unknown.response.length, known.response.length)
  t.equal(unknown.state.length, known.state.length)
  t.throws(() => client.finishLogin({ secretCode, state, response: unknown.response, identifiers }), {
    code: 'opaque-refused',
  })
})

t.test('a last message that is another’s, replayed or made up: refused', async t => {
  const sign = () => {
    const { request, state } = client.startLogin(secretCode)
    const answer = startLogin({ ...input, record, request })
    return { answer, ...client.finishLogin({ secretCode, state, response: answer.response, identifiers }) }
  }
  const [one, two] = [sign(), sign()]
  t.equal(finishLogin({ state: one.answer.state, finish: one.finish, identifiers }).length, 64)
  const refused = { code: 'opaque-refused' }
  t.throws(() => finishLogin({ state: two.answer.state, finish: one.finish, identifiers }), refused)
  t.throws(() => finishLogin({ state: two.answer.state, finish: 'A'.repeat(86), identifiers }), refused)
  const other = { ...identifiers, client: 'other' }
  t.equal(
    finishLogin({ state: two.answer.state, finish: two.finish, identifiers: other }).length,
    64,
    'bound by the first step',
  )
})

t.test('nonsense', async t => {
  const malformed = { code: 'opaque-malformed' }
  for (const request of ['', 'AAAA', '!', 'A'.repeat(3000), 'é']) {
    t.throws(() => registrationResponse({ ...input, request }), malformed)
    t.throws(() => startLogin({ ...input, record, request }), malformed)
  }
  const { request } = client.startLogin(secretCode)
  t.throws(() => startLogin({ ...input, record: 'AAAA', request }), malformed)
  t.throws(() => startLogin({ ...input, setup: 'AAAA', record, request }), malformed)
  t.throws(() => publicKeyOf('AAAA'), malformed)
})

t.test('bytes after the end of a message or a record are refused, though the library ignores them', async t => {
  const longer = (text: string) => toBase64url(concat(fromBase64url(text), Uint8Array.of(0)))
  const login = client.startLogin(secretCode)
  const { state, response } = startLogin({ ...input, record, request: login.request })
  const { finish } = client.finishLogin({ secretCode, state: login.state, response, identifiers })
  const attempts: [string, () => unknown][] = [
    ['request', () => registrationResponse({ ...input, request: longer(begun.request) })],
    ['record', () => startLogin({ ...input, record: longer(record), request: login.request })],
    ['first', () => startLogin({ ...input, record, request: longer(login.request) })],
    ['last', () => finishLogin({ state, finish: longer(finish), identifiers })],
    ['answer', () => client.finishLogin({ secretCode, state: login.state, response: longer(response), identifiers })],
  ]
  for (const [what, attempt] of attempts) t.throws(attempt, { code: 'opaque-malformed' }, what)
  t.ok(finishLogin({ state, finish, identifiers }))
})
