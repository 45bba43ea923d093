import t from 'tap'
import type { Trust } from '../../src/client/anchors.ts'
import { checkReceipt } from '../../src/client/receipts.ts'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { writeEntry } from '../../src/log/entry.ts'
import { makeReceipt } from '../../src/log/receipt.ts'
import type { DeploymentId, Hash, Instant, RecordId } from '../../src/protocol/ids.ts'

const bytes = <T>(length: number) => toBase64url(randomBytes(length)) as T

t.test('a receipt must be the host’s, and speak of the act that was asked for', async t => {
  const hostKey = SigningKey.generate()
  const deployment = bytes<DeploymentId>(16)
  const trust = { anchors: { deployment }, hostKey: hostKey.verifyKey } as unknown as Trust
  const recordId = bytes<RecordId>(16)
  const [document, state] = [bytes<string>(16), bytes<Hash>(32)]
  const make = (outcome: 'ok' | 'refused', signer = hostKey) =>
    makeReceipt(
      writeEntry(
        { record: recordId, n: 0, prev: null },
        {
          t: '2026-11-24T08:00:00.000Z' as Instant,
          actor: { kind: 'patient', id: recordId, key: bytes<Hash>(32) },
          action: 'document.read',
          object: { document },
          outcome,
          grant: null,
          state,
          request: null,
        },
      ),
      { deployment, hostKey: signer },
    )
  const expected = {
    action: 'document.read',
    actor: { kind: 'patient', id: recordId },
    object: { document },
    state,
    grant: null,
    now: new Date('2026-11-24T08:00:01.000Z'),
  } as const
  const receipt = await make('ok')
  t.equal((await checkReceipt(receipt, trust, expected)).event.action, 'document.read')

  const others = {
    'another act': { ...expected, action: 'document.list' },
    'another document': { ...expected, object: { document: bytes<string>(16) } },
    'another actor': { ...expected, actor: { kind: 'professional', id: '810000000017' } },
    'another state': { ...expected, state: bytes<Hash>(32) },
    'a grant': { ...expected, grant: bytes<Hash>(32) },
    'a time that is to come': { ...expected, now: new Date('2026-11-24T07:54:59.000Z') },
  } as const
  for (const [name, other] of Object.entries(others)) {
    await t.rejects(checkReceipt(receipt, trust, other as never), { code: 'receipt-event' }, name)
  }
  await t.rejects(checkReceipt(await make('refused'), trust, expected), { code: 'receipt-event' }, 'a refusal')
  const forged = await make('ok', SigningKey.generate())
  await t.rejects(checkReceipt(forged, trust, expected), { name: 'CryptoError' }, 'another’s signature')
})
