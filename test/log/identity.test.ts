import t from 'tap'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { codeSigningKey } from '../../src/crypto/codes.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { issueRegistration } from '../../src/ins/registration.ts'
import { identityFingerprint, recordIdOf, signKeyOf, verifyIdentity } from '../../src/log/identity.ts'
import { verifyRegistration } from '../../src/log/registration.ts'
import type { DeploymentId } from '../../src/protocol/ids.ts'
import { type Identity, StatementTyp } from '../../src/protocol/statements.ts'
import { AT, newId } from '../fixtures/document.ts'
import { insOf } from '../fixtures/patient.ts'
import { anyHash } from '../fixtures/states.ts'

const insurer = SigningKey.generate()
const deployment = newId<DeploymentId>()
/** A letter's registration, verified, and the key of its code. */
async function letter(purpose: 'opening' | 'activation' = 'opening') {
  const ins = insOf('1')
  const issued = await issueRegistration({ insurer, deployment, ins, purpose, now: AT })
  const check = { insurerKey: insurer.verifyKey, deployment, purpose }
  return {
    registration: await verifyRegistration(issued.import.registration, check),
    code: codeSigningKey(issued.code, ins),
  }
}
const { registration, code } = await letter()
const [sign, seal] = [SigningKey.generate(), SealSecretKey.generate()]
const payload: Identity = {
  deployment,
  registration: registration.hash,
  signKey: toBase64url(sign.verifyKey.bytes),
  sealKey: toBase64url(seal.publicKey.bytes),
  prevIdentity: null,
  nonce: toBase64url(randomBytes(16)),
}
const byCode = ed25519Signer(code, registration.hash)
const bySelf = ed25519Signer(sign, 'self')
const make = (changes: object = {}, { first = byCode, second = bySelf, typ = StatementTyp.identity as string } = {}) =>
  cosignStatement(typ, { ...payload, ...changes }, first, second)

t.test('an identity: who may open says which key is the patient’s, and the patient agrees', async t => {
  const text = await make()
  const identity = await verifyIdentity(text, { registration })
  t.same(identity.payload, payload)
  t.same(signKeyOf(identity).bytes, sign.verifyKey.bytes)
  const id = recordIdOf(identity)
  t.equal(Buffer.from(identity.hash, 'base64url').subarray(0, 16).toString('base64url'), id, 'nobody chooses it')
})

t.test('the fingerprint that people compare', async t => {
  const one = await verifyIdentity(await make(), { registration })
  const again = await verifyIdentity(await make({ nonce: toBase64url(randomBytes(16)) }), { registration })
  const print = identityFingerprint(one)
  t.match(print, /^([0-9A-HJKMNP-TV-Z]{4} ){5}[0-9A-HJKMNP-TV-Z]{4}$/)
  t.equal(identityFingerprint(again), print, 'of the keys, and nothing else')
  const other = await make({ sealKey: toBase64url(SealSecretKey.generate().publicKey.bytes) })
  t.not(identityFingerprint(await verifyIdentity(other, { registration })), print)
})

t.test('attacks: each is refused', async t => {
  const stranger = SigningKey.generate()
  const activation = await letter('activation')
  const byActivation = ed25519Signer(activation.code, activation.registration.hash)
  const elsewhere = await make({ registration: activation.registration.hash }, { first: byActivation })
  await t.rejects(
    verifyIdentity(elsewhere, { registration: activation.registration }),
    { code: 'identity-registration' },
    'the other letter',
  )
  const attacks: [string, Promise<string>, string][] = [
    [
      'a host’s own key in the code’s place',
      make({}, { first: ed25519Signer(stranger, registration.hash) }),
      'statement-signature',
    ],
    ['a key that did not sign', make({}, { second: ed25519Signer(stranger, 'self') }), 'statement-signature'],
    ['signatures the other way round', make({}, { first: bySelf, second: byCode }), 'statement-signature'],
    ['one signature', signStatement(StatementTyp.identity, payload, byCode), 'statement-signatures'],
    ['another kind of statement', make({}, { typ: StatementTyp.activation }), 'statement-type'],
    ['under another registration', make({ registration: anyHash() }), 'identity-registration'],
    ['another installation', make({ deployment: newId() }), 'identity-registration'],
    ['another name for the code’s key', make({}, { first: ed25519Signer(code, 'code') }), 'identity-key-id'],
    ['another name for the own key', make({}, { second: ed25519Signer(sign, 'me') }), 'identity-key-id'],
    ['a sealing key of another size', make({ sealKey: payload.signKey }), 'statement-form'],
  ]
  for (const [what, text, refusal] of attacks) {
    await t.rejects(verifyIdentity(await text, { registration }), { code: refusal }, what)
  }
})
