import t from 'tap'
import { toHex } from '../../../src/crypto/bytes.ts'
import { finishLogin, finishRegistration, startLogin, startRegistration } from '../../../src/crypto/opaque/client.ts'
import * as server from '../../../src/crypto/opaque/server.ts'

const identifiers = { client: '1541187377485562448812', server: 'deployment' }
const userIdentifier = identifiers.client
const setup = server.createSetup()
const secretCode = 'corrigé-7'

const begun = startRegistration(secretCode)
const registration = finishRegistration({
  secretCode,
  state: begun.state,
  response: server.registrationResponse({ setup, userIdentifier, request: begun.request }),
  identifiers,
})

function attempt(code: string, changes: { known?: string; identifiers?: typeof identifiers; setup?: string } = {}) {
  const { state, request } = startLogin(code)
  const answer = server.startLogin({
    setup: changes.setup ?? setup,
    record: registration.record,
    request,
    userIdentifier,
    identifiers,
  })
  const result = finishLogin({
    secretCode: code,
    state,
    response: answer.response,
    identifiers: changes.identifiers ?? identifiers,
    serverPublicKey: changes.known ?? registration.serverPublicKey,
  })
  return { result, state: answer.state }
}

t.test('registration and sign-in agree on every key', async t => {
  const { result, state } = attempt(secretCode)
  t.equal(toHex(result.exportKey), toHex(registration.exportKey))
  t.equal(result.exportKey.length, 64)
  t.equal(toHex(server.finishLogin({ state, finish: result.finish, identifiers })), toHex(result.sessionKey))
  t.equal(result.serverPublicKey, server.publicKeyOf(setup))
  t.ok(attempt(secretCode.normalize('NFD')), 'however the keyboard writes an accent')
  t.not(toHex(attempt(secretCode).result.sessionKey), toHex(result.sessionKey))
})

t.test('a wrong code, other names, another server: refused', async t => {
  t.throws(() => attempt('corrigé-8'), { code: 'opaque-refused' })
  t.throws(() => attempt(secretCode, { identifiers: { ...identifiers, server: 'elsewhere' } }), {
    code: 'opaque-refused',
  })
  t.throws(() => attempt(secretCode, { setup: server.createSetup() }), { code: 'opaque-refused' })
  t.throws(() => attempt(secretCode, { known: server.publicKeyOf(server.createSetup()) }), { code: 'opaque-server' })
})

t.test('nonsense from the server is malformed, and tells nothing of the code', async t => {
  const { state } = startLogin(secretCode)
  for (const response of ['', 'AAAA', registration.record, '!']) {
    const error = t.throws(() => finishLogin({ secretCode, state, response, identifiers })) as unknown as Error & {
      code: string
    }
    t.match(error.code, /^opaque-(malformed|refused)$/)
    t.notMatch(error.message, secretCode)
  }
  t.throws(() => finishRegistration({ secretCode, state: begun.state, response: 'AAAA', identifiers }), {
    code: 'opaque-malformed',
  })
})
