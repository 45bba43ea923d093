import t from 'tap'
import { cardSigner } from '../../src/client/cards/card-signer.ts'
import { fromBase64 } from '../../src/crypto/bytes.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { parseCertificate, parseCrl } from '../../src/crypto/x509.ts'
import { verifyKeyWithdrawal, withdrawnFrom } from '../../src/log/key-withdrawal.ts'
import type { DeploymentId, NationalId } from '../../src/protocol/ids.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'
import { DOCTOR, makeAuthority, makeSoftwareCard } from '../fixtures/certificates.ts'
import { AT, newId } from '../fixtures/document.ts'
import { anyHash } from '../fixtures/states.ts'
import { SECOND_DOCTOR } from '../fixtures/vault-world.ts'

const deployment = newId<DeploymentId>()
const persons = await makeAuthority('persons', AT)
const [{ card }, { card: other }] = await Promise.all([
  makeSoftwareCard(persons, DOCTOR, AT),
  makeSoftwareCard(persons, SECOND_DOCTOR as unknown as typeof DOCTOR, AT),
])
const key = { hash: anyHash(), payload: { kind: 'professional', nationalId: DOCTOR.id as NationalId } } as const
const context = {
  deployment,
  cardAuthorities: [parseCertificate(persons.anchor.replaceAll(/-----[A-Z ]+-----|\s/g, ''))],
  crls: (await persons.crls(AT)).map(der => parseCrl(fromBase64(der))),
  at: AT,
  key,
}
const payload = { deployment, keyStatement: key.hash, t: AT.toISOString() }
const make = (changes: object = {}, signer = cardSigner(card)) =>
  signStatement(StatementTyp.withdrawal, { ...payload, ...changes }, signer)

t.test('a card of the holder takes the key back', async t => {
  const text = await make()
  const { payload: read, chain } = await verifyKeyWithdrawal(text, context)
  t.same(read, payload)
  t.ok(chain.crls.length > 0)
  t.same(withdrawnFrom(text), AT)
})

t.test('nobody else does', async t => {
  const refused: Readonly<Record<string, [Promise<string>, string]>> = {
    'another holder’s card': [make({}, cardSigner(other)), 'key-holder'],
    'another deployment': [make({ deployment: newId() }), 'key-holder'],
    'another key': [make({ keyStatement: anyHash() }), 'withdrawal-key'],
    'the working key': [make({}, ed25519Signer(SigningKey.generate(), 'self')), 'key-certificate'],
    'more than a withdrawal': [make({ reason: 'x' }), 'statement-form'],
    'the card, of something else': [
      make({}, { ...cardSigner(card), sign: async () => new Uint8Array(256) }),
      'statement-signature',
    ],
  }
  for (const [name, [text, code]] of Object.entries(refused)) {
    await t.rejects(verifyKeyWithdrawal(await text, context), { code }, name)
  }
  await t.rejects(verifyKeyWithdrawal(await make(), { ...context, crls: [] }), { code: 'crl-missing' })
})
