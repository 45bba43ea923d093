import t from 'tap'
import { concat, fromBase64url, fromHex, fromUtf8, toBase64url, toHex } from '../../src/crypto/bytes.ts'
import { startLogin, startRegistration } from '../../src/crypto/opaque/client.ts'
import { registrationResponse } from '../../src/crypto/opaque/server.ts'
import { pinVectors, readVectors } from '../crypto/vectors.ts'
import { Tally } from '../fixtures/published/outcome.ts'

// The vectors of RFC 9807 (appendix C) judge the library as far as it lets itself be judged: it takes no randomness, so the
// platform's generator is replaced for a call; and it stretches with Argon2id where the vectors use none, so what comes after
// the stretching (envelope, export key, session key) differs by design and is judged by client and host against each other.

type Vector = {
  readonly config: { readonly Group: string; readonly Fake: string }
  readonly inputs: Readonly<Record<string, string>>
  readonly outputs: Readonly<Record<string, string>>
}

const FILE = 'opaque/rfc9807-vectors.json'

/** Runs a step whose first random bytes are the given ones, and zeros after (a scalar is drawn wide and reduced). */
function drawing<T>(bytes: Uint8Array, step: () => T): T {
  const { getRandomValues } = globalThis.crypto
  let isFirst = true
  globalThis.crypto.getRandomValues = (array => {
    const view = new Uint8Array(array.buffer, array.byteOffset, array.byteLength).fill(0)
    if (isFirst) view.set(bytes)
    isFirst = false
    return array
  }) as typeof getRandomValues
  try {
    return step()
  } finally {
    globalThis.crypto.getRandomValues = getRandomValues
  }
}

t.test('RFC 9807: blinding and evaluation, by the client and by the host', async t => {
  const vectors = readVectors<Vector[]>(FILE)
  const tally = new Tally(FILE)
  for (const { config, inputs, outputs } of vectors) {
    const input = (name: string) => fromHex(inputs[name] as string)
    if (config.Group !== 'ristretto255') {
      tally.skip('of another group than ours')
      continue
    }
    if (config.Fake === 'True') {
      tally.skip('of a made-up answer, whose randomness comes after the stretching')
      continue
    }
    const password = fromUtf8(input('password'))
    const registration = drawing(input('blind_registration'), () => startRegistration(password))
    const login = drawing(input('blind_login'), () => startLogin(password))
    const setup = concat(input('oprf_seed'), input('server_private_key'), input('server_public_key'))
    const response = registrationResponse({
      setup: toBase64url(setup),
      userIdentifier: fromUtf8(input('credential_identifier')),
      request: registration.request,
    })
    const same = [
      toHex(fromBase64url(registration.request)) === outputs.registration_request,
      toHex(fromBase64url(login.request).subarray(0, 32)) === outputs.KE1?.slice(0, 64),
      toHex(fromBase64url(response)) === outputs.registration_response,
    ]
    tally.check(`${inputs.credential_identifier} ${same}`, !same.includes(false))
  }
  pinVectors(t, 2, tally.outcome(vectors.length))
})
