import t from 'tap'
import { fromBase64url, randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { codeKeyOf, registrationSubject, verifyRegistration } from '../../src/log/registration.ts'
import type { DeploymentId, Ins } from '../../src/protocol/ids.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'

const insurer = SigningKey.generate()
const code = SigningKey.generate()
const deployment = toBase64url(randomBytes(16)) as DeploymentId
const ins = '1541187387477485562488' as Ins
const salt = randomBytes(32)
const payload = {
  deployment,
  subject: registrationSubject({ salt, ins }),
  purpose: 'opening',
  key: toBase64url(code.verifyKey.bytes),
  issuedAt: '2026-11-24T08:00:00.000Z',
  expiresAt: '2027-02-22T08:00:00.000Z',
}
const check = { insurerKey: insurer.verifyKey, deployment, purpose: 'opening' as const }
const person = { ins, salt }

const sign = (
  changes: object = {},
  { key = insurer, kid = 'insurer', typ = StatementTyp.registration as string } = {},
) => signStatement(typ, { ...payload, ...changes }, ed25519Signer(key, kid))

t.test('a good registration, for who knows the person and for who does not', async t => {
  const text = await sign()
  const verified = await verifyRegistration(text, { ...check, person, usedAt: new Date('2026-12-01T00:00:00.000Z') })
  t.equal(verified.text, text)
  t.same(verified.payload, payload)
  t.same(codeKeyOf(verified).bytes, code.verifyKey.bytes)
  t.equal((await verifyRegistration(text, check)).hash, verified.hash)
})

t.test('the subject neither shows the INS nor fits another', async t => {
  t.notMatch(await sign(), ins)
  t.not(registrationSubject({ salt: randomBytes(32), ins }), payload.subject)
  t.throws(() => registrationSubject({ salt: randomBytes(31), ins }), { code: 'registration-salt' })
  const other = '0833910461279517589858' as Ins
  const text = await sign()
  await t.rejects(verifyRegistration(text, { ...check, person: { ins: other, salt } }), {
    code: 'registration-subject',
  })
  await t.rejects(verifyRegistration(text, { ...check, person: { ins, salt: randomBytes(32) } }), {
    code: 'registration-subject',
    evidence: { registration: text },
  })
})

t.test('attacks: each is refused', async t => {
  const attacks: [string, Promise<string>, string][] = [
    ['signed by another key', sign({}, { key: SigningKey.generate() }), 'statement-signature'],
    ['another kind of statement', sign({}, { typ: StatementTyp.identity }), 'statement-type'],
    ['another signer’s name', sign({}, { kid: 'host' }), 'registration-key-id'],
    ['another installation', sign({ deployment: toBase64url(randomBytes(16)) }), 'registration-deployment'],
    ['the other letter', sign({ purpose: 'activation' }), 'registration-purpose'],
    ['a purpose of its own', sign({ purpose: 'both' }), 'statement-form'],
    ['something added', sign({ ins }), 'statement-form'],
    ['a key that is none', sign({ key: 'AAAA' }), 'statement-form'],
    ['expired before it begins', sign({ expiresAt: payload.issuedAt }), 'registration-dates'],
  ]
  for (const [what, text, code] of attacks) {
    await t.rejects(verifyRegistration(await text, { ...check, person }), { code }, what)
  }
  const good = await sign()
  const [header, body, signature] = good.split('.') as [string, string, string]
  const bytes = fromBase64url(signature)
  bytes[3] = (bytes[3] as number) ^ 1
  await t.rejects(verifyRegistration(`${header}.${body}.${toBase64url(bytes)}`, check), { code: 'statement-signature' })
})

t.test('a code works between its dates', async t => {
  const text = await sign()
  const at = (time: string) => verifyRegistration(text, { ...check, usedAt: new Date(time) })
  await at('2027-02-22T07:59:59.999Z')
  await at('2026-11-24T07:58:00.000Z')
  await t.rejects(at('2027-02-22T08:00:00.000Z'), { code: 'registration-expired' })
  await t.rejects(at('2026-11-24T07:57:59.999Z'), { code: 'registration-not-yet-valid' })
})
