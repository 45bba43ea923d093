import t from 'tap'
import { codeSigningKey } from '../../src/crypto/codes.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { issueRegistration } from '../../src/ins/registration.ts'
import { verifyActivation } from '../../src/log/activation.ts'
import { verifyRegistration } from '../../src/log/registration.ts'
import type { RecordId } from '../../src/protocol/ids.ts'
import { type Activation, StatementTyp } from '../../src/protocol/statements.ts'
import { AT, makePatient, newId } from '../fixtures/document.ts'
import { insOf } from '../fixtures/patient.ts'
import { anyHash, DAY_1 } from '../fixtures/states.ts'

const patient = await makePatient()
const { deployment, recordId, identity, signKey } = patient
const insurer = SigningKey.generate()
async function letter(purpose: 'opening' | 'activation') {
  const ins = insOf('1')
  const issued = await issueRegistration({ insurer, deployment, ins, purpose, now: AT })
  const check = { insurerKey: insurer.verifyKey, deployment, purpose }
  return {
    registration: await verifyRegistration(issued.import.registration, check),
    code: codeSigningKey(issued.code, ins),
  }
}
const { registration, code } = await letter('activation')
const payload: Activation = {
  deployment,
  recordId,
  registration: registration.hash,
  opaque: anyHash(),
  contact: anyHash(),
  t: DAY_1,
}
const byCode = ed25519Signer(code, registration.hash)
const byPatient = ed25519Signer(signKey, identity.hash)
const make = (
  changes: object = {},
  { first = byCode, second = byPatient, typ = StatementTyp.activation as string } = {},
) => cosignStatement(typ, { ...payload, ...changes }, first, second)

t.test('an activation: the second letter and the identity together', async t => {
  t.same((await verifyActivation(await make(), { registration, identity, recordId })).payload, payload)
})

t.test('attacks: each is refused', async t => {
  const other = await makePatient(deployment)
  const opening = await letter('opening')
  const byOpening = ed25519Signer(opening.code, opening.registration.hash)
  const stolen = await make({ registration: opening.registration.hash }, { first: byOpening })
  await t.rejects(
    verifyActivation(stolen, { registration: opening.registration, identity, recordId }),
    { code: 'activation-registration' },
    'the first letter alone',
  )
  await t.rejects(verifyActivation(await make(), { registration, identity: other.identity, recordId }), {
    code: 'statement-signature',
  })
  const attacks: [string, Promise<string>, string][] = [
    [
      'the letter without the kit',
      make({}, { second: ed25519Signer(SigningKey.generate(), identity.hash) }),
      'statement-signature',
    ],
    [
      'the kit without the letter',
      make({}, { first: ed25519Signer(SigningKey.generate(), registration.hash) }),
      'statement-signature',
    ],
    ['one signature', signStatement(StatementTyp.activation, payload, byPatient), 'statement-signatures'],
    ['another kind of statement', make({}, { typ: StatementTyp.identity }), 'statement-type'],
    ['another record', make({ recordId: newId<RecordId>() }), 'activation-record'],
    ['another registration', make({ registration: anyHash() }), 'activation-registration'],
    ['another installation', make({ deployment: newId() }), 'activation-registration'],
    ['another name for the code’s key', make({}, { first: ed25519Signer(code, 'code') }), 'activation-registration'],
    ['another name for the identity', make({}, { second: ed25519Signer(signKey, 'self') }), 'activation-record'],
    ['a contact in clear', make({ contact: 'p@test.invalid' }), 'statement-form'],
  ]
  for (const [what, text, refusal] of attacks) {
    await t.rejects(verifyActivation(await text, { registration, identity, recordId }), { code: refusal }, what)
  }
})
