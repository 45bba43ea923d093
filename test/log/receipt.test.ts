import t from 'tap'
import { toBase64url, utf8 } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { entryHash, writeEntry } from '../../src/log/entry.ts'
import { INTEGRATE_WITHIN_MS, makeReceipt, verifyReceipt } from '../../src/log/receipt.ts'
import type { DeploymentId, Instant, NationalId, RecordId } from '../../src/protocol/ids.ts'
import { type Receipt, StatementTyp } from '../../src/protocol/statements.ts'
import { newId } from '../fixtures/document.ts'
import { anyHash, DAY_1 } from '../fixtures/states.ts'

const hostKey = SigningKey.generate()
const deployment = newId<DeploymentId>()
const check = { deployment, hostKey: hostKey.verifyKey }
const act = (id = '810000000017') =>
  writeEntry(
    { record: newId<RecordId>(), n: 4, prev: anyHash() },
    {
      t: DAY_1,
      actor: { kind: 'professional', id: id as NationalId, key: anyHash() },
      action: 'document.read',
      object: { document: newId() },
      outcome: 'ok',
      grant: anyHash(),
      state: anyHash(),
      request: { base: 'base', signature: toBase64url(new Uint8Array(64)) },
    },
  )
const entry = act()
const payload: Receipt = {
  deployment,
  event: entry.event,
  linkHash: toBase64url(sha256(utf8(entry.link))) as Receipt['linkHash'],
  entryHash: entry.hash,
  integrateBy: new Date(Date.parse(DAY_1) + INTEGRATE_WITHIN_MS).toISOString() as Instant,
}
const sign = (
  changes: Partial<Receipt> = {},
  { key = hostKey, kid = 'host', typ = StatementTyp.receipt as string } = {},
) => signStatement(typ, { ...payload, ...changes }, ed25519Signer(key, kid))

t.test('a receipt shows its event, not its place in the record', async t => {
  const text = await makeReceipt(entry, { deployment, hostKey })
  const receipt = await verifyReceipt(text, check)
  t.same(receipt.event, entry.parsed.event)
  t.equal(receipt.payload.entryHash, entryHash(entry))
  t.same(receipt.payload, payload)
  t.equal(await makeReceipt(entry, { deployment, hostKey }), text, 'always the same')
  const said = JSON.stringify(receipt.payload)
  t.notMatch(said, entry.parsed.link.record)
  t.notMatch(said, entry.parsed.link.prev)
})

t.test('attacks: each is refused', async t => {
  const attacks: [string, Promise<string>, string][] = [
    ['another key', sign({}, { key: SigningKey.generate() }), 'statement-signature'],
    ['another kind of statement', sign({}, { typ: StatementTyp.grant }), 'statement-type'],
    ['another key id', sign({}, { kid: 'witness' }), 'receipt-key-id'],
    ['another installation', sign({ deployment: newId<DeploymentId>() }), 'receipt-deployment'],
    ['the event of another entry', sign({ event: act('810000000025').event }), 'receipt-hash'],
    ['another place', sign({ linkHash: anyHash() }), 'receipt-hash'],
    ['another entry', sign({ entryHash: anyHash() }), 'receipt-hash'],
    ['a promise for some other day', sign({ integrateBy: '2126-11-24T08:01:00.000Z' as Instant }), 'receipt-due'],
    ['a promise for no day', sign({ integrateBy: 'soon' as Instant }), 'statement-form'],
  ]
  for (const [what, text, code] of attacks) await t.rejects(verifyReceipt(await text, check), { code }, what)
  const noEvent = { event: '{}', entryHash: entryHash({ link: entry.link, event: '{}' }) }
  await t.rejects(verifyReceipt(await sign(noEvent), check), { code: 'entry-form' })
})
