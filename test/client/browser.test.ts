import { webcrypto } from 'node:crypto'
import t from 'tap'
import { toBase64 } from '../../src/crypto/bytes.ts'
import { createSetup, finishLogin, registrationResponse, startLogin } from '../../src/crypto/opaque/server.ts'
import { type Signer, signStatement } from '../../src/crypto/statement.ts'
import { type Issued, issue } from '../crypto/authority.ts'
import { pinVectors } from '../crypto/vectors.ts'
import { bundleForBrowser, openPage } from '../fixtures/chromium.ts'
import type { CrewPage } from '../fixtures/crew-in-browser.ts'
import { native } from '../fixtures/engines.ts'
import { type CardStatement, make, take } from '../fixtures/published/crosswise.ts'
import type { Page as Coffre } from '../fixtures/published/in-browser.ts'

t.test('the SDK bundles for browsers, with nothing of Node’s in it', async t => {
  const { inputs } = await bundleForBrowser('src/client/browser.ts')
  const packages = new Set(inputs.map(path => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean))
  t.ok(inputs.includes('src/client/transport-fetch.ts'))
  t.ok(inputs.includes('src/crypto/sodium-sign.ts'))
  for (const path of ['src/client/transport-undici.ts', 'src/client/home-files.ts', 'src/paper/kit.ts']) {
    t.notOk(inputs.includes(path), path)
  }
  for (const name of ['undici', 'pdfkit', 'better-sqlite3']) t.notOk(packages.has(name), name)
  t.same(
    inputs.filter(path => path.startsWith('node:') || path.includes('(disabled)')),
    ['(disabled):crypto'],
    'no module of Node; libsodium would ask it for randomness where there is no browser’s',
  )
})

function cardSigner({ keys, certificate }: Issued, alg: CardStatement['alg']): Signer {
  const parameters = {
    RS256: { name: 'RSASSA-PKCS1-v1_5' },
    PS256: { name: 'RSA-PSS', saltLength: 32 },
    ES256: { name: 'ECDSA', hash: 'SHA-256' },
  }[alg]
  return {
    alg,
    x5c: [toBase64(certificate.der)],
    async sign(bytes) {
      const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
      const pss = { name: 'RSA-PSS', hash: 'SHA-256' }
      const key =
        alg === 'PS256' ? await webcrypto.subtle.importKey('pkcs8', pkcs8, pss, false, ['sign']) : keys.privateKey
      return new Uint8Array(await webcrypto.subtle.sign(parameters, key, bytes as Uint8Array<ArrayBuffer>))
    },
  }
}

t.test('in Chromium: vectors, crosswise with Node, cards, OPAQUE, the transport', async t => {
  const { text } = await bundleForBrowser('test/fixtures/published/in-browser.ts')
  const page = await openPage(t, text)
  const inPage = <T, A>(step: (coffre: Coffre, argument: A) => T, argument?: A): Promise<Awaited<T>> =>
    page.evaluate(
      ([source, given]) =>
        new Function(`return (${source})`)()((globalThis as never as { coffre: Coffre }).coffre, given),
      [String(step), argument],
    )

  t.same(
    await inPage(coffre => coffre.native()),
    [],
    'no native engine: everything below is libsodium, noble, WebCrypto',
  )
  t.ok((await inPage(coffre => coffre.exports())).includes('openRecord'))
  for (const { pinned, outcome } of await inPage(coffre => coffre.runVectors())) pinVectors(t, pinned, outcome)

  t.same(await inPage((coffre, made) => coffre.take(made), await make(native)), [], 'made by Node, taken by Chromium')
  t.same(await take(native, await inPage(coffre => coffre.make())), [], 'made by Chromium, taken by Node')

  const [rsa, p256] = [await issue({ kind: 'rsa-2048' }), await issue({ kind: 'p-256' })]
  const cards: CardStatement[] = []
  for (const [card, alg] of [
    [rsa, 'RS256'],
    [rsa, 'PS256'],
    [p256, 'ES256'],
  ] as const) {
    cards.push({ alg, text: await signStatement('coffre-test+jws', { text: 'é' }, cardSigner(card, alg)) })
  }
  t.same(await inPage((coffre, cards) => coffre.takeCards(cards), cards), [], 'what cards signed')

  const identifiers = { client: 'patient', server: 'host' }
  const setup = createSetup()
  const start = await inPage(({ opaque }) => opaque.startRegistration('le chat dort'))
  const response = registrationResponse({ setup, userIdentifier: 'u', request: start.request })
  const { record } = await inPage(
    ({ opaque }, { state, response, identifiers }) => {
      const { record } = opaque.finishRegistration({ secretCode: 'le chat dort', state, response, identifiers })
      return { record }
    },
    { state: start.state, response, identifiers },
  )
  const signIn = await inPage(({ opaque }) => opaque.startLogin('le chat dort'))
  const answer = startLogin({ setup, record, request: signIn.request, userIdentifier: 'u', identifiers })
  const login = await inPage(
    ({ opaque }, { state, response, identifiers }) => {
      const { finish, sessionKey } = opaque.finishLogin({ secretCode: 'le chat dort', state, response, identifiers })
      return { finish, sessionKey: sessionKey.toHex() }
    },
    { state: signIn.state, response: answer.response, identifiers },
  )
  const sessionKey = finishLogin({ state: answer.state, finish: login.finish, identifiers })
  t.equal(sessionKey.toHex(), login.sessionKey, 'OPAQUE: Chromium with Node as host')

  t.match(await inPage(coffre => coffre.get('/vectors/nir/nir.json')), /"valid"/)
  const long = inPage(coffre => coffre.get('/vectors/opaque/rfc9807-vectors.json'))
  t.match(await long.catch(error => error.message), /answer is longer/)
  t.match(await inPage(coffre => coffre.get('/nowhere')).catch(error => error.message), /does not speak this protocol/)
})

t.test('in Chromium: blocks shared out between two workers, and hashed beside the thread', async t => {
  const { text } = await bundleForBrowser('test/fixtures/crew-in-browser.ts')
  const page = await openPage(t, text)
  const shared = await page.evaluate(size => (globalThis as never as { coffre: CrewPage }).coffre.run(size), 5_000_003)
  t.same(shared, { byCrew: true, withCrew: true, hashesAside: true })
})
