import t from 'tap'
import { SigningKey } from '../../src/crypto/sign.ts'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { demand, peek, verifyAs } from '../../src/log/verified.ts'
import { Grant, StatementTyp } from '../../src/protocol/statements.ts'
import { makePatient } from '../fixtures/document.ts'
import { anyHash, grantPayload } from '../fixtures/states.ts'

const patient = await makePatient()
const key = SigningKey.generate()
const kind = { typ: StatementTyp.grant, schema: Grant } as const
const policy = { ...kind, algorithms: ['Ed25519'], keys: [key.verifyKey] } as const
const payload = {
  ...grantPayload(patient),
  compartments: [{ id: patient.recordId, rights: ['read'], epoch: 0, seal: anyHash() }],
}
const sign = (changes: object = {}, typ: string = StatementTyp.grant) =>
  signStatement(typ, { ...payload, ...changes }, ed25519Signer(key, 'someone'))

t.test('signature first, then form', async t => {
  const text = await sign()
  const verified = await verifyAs(text, policy)
  t.equal(verified.text, text)
  t.same(verified.payload, payload)
  t.equal(verified.headers[0]?.kid, 'someone')
  await t.rejects(verifyAs(await sign({ until: 'never' }), policy), { code: 'statement-form' })
  await t.rejects(verifyAs(await sign({ extra: 1 }), policy), { code: 'statement-form' })
  const [header, body, signature = ''] = text.split('.')
  const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
  await t.rejects(verifyAs(`${header}.${body}.${other}`, policy), { code: 'statement-signature' })
})

t.test('one kind of statement never passes for another, whatever its payload', async t => {
  for (const typ of Object.values(StatementTyp)) {
    if (typ === StatementTyp.grant) continue
    await t.rejects(verifyAs(await sign({}, typ), policy), { code: 'statement-type' }, typ)
  }
})

t.test('a look at what nobody verified still wants the form', async t => {
  t.same(peek(await sign(), kind), payload)
  t.throws(() => peek('a.b', kind), { code: 'statement-malformed' })
  const text = await sign({ until: 'never' })
  t.throws(() => peek(text, kind), { code: 'statement-form', message: /until/ })
})

t.test('a demand that does not hold', async t => {
  t.doesNotThrow(() => demand(true, 'some-code', 'no'))
  t.throws(() => demand(false, 'some-code', 'why not'), { code: 'some-code', message: 'why not' })
})
