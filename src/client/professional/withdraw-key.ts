/** Taking a working key back (docs/protocol/key-statement.md, "Withdrawal"). */
import { signStatement } from '../../crypto/statement.ts'
import { KeyPublished } from '../../protocol/directory.ts'
import type { Hash } from '../../protocol/ids.ts'
import { type KeyWithdrawal, StatementTyp } from '../../protocol/statements.ts'
import { cardSigner } from '../cards/card-signer.ts'
import { instant } from '../clock.ts'
import { HostRefusal } from '../errors.ts'
import type { Connection } from './connection.ts'

/**
 * Has the card withdraw one of its holder's keys, of this workstation or another; for good. Nothing signed with it is done
 * from then on, and grants sealed to it give nothing: patients give new ones, to the key that follows. The connection's own
 * key may be the one; then this is its last request. Returns whether it was withdrawn by this call: a try that was cut off
 * may have gone through. Throws `HostRefusal` `key-refused`, as `Connection.receive`.
 */
export async function withdrawKey(connection: Connection, keyStatement: Hash): Promise<{ readonly isNew: boolean }> {
  const { workstation, keys } = connection
  const { card, trust, clock } = workstation
  const payload: KeyWithdrawal = { deployment: trust.anchors.deployment, keyStatement, t: instant(clock()) }
  const withdrawal = await signStatement(StatementTyp.withdrawal, payload, cardSigner(card))
  const isOwn = keys.keyStatement === keyStatement
  try {
    const { receipt } = await connection.host.call({
      ...connection.signing,
      method: 'POST',
      path: '/v1/keys/withdrawals',
      body: { withdrawal },
      answer: KeyPublished,
    })
    // Withdrawn before, the host names the first withdrawal: it is the key that counts.
    await connection.receive(receipt, 'key.withdraw', { keyStatement })
  } catch (error) {
    if (!(isOwn && HostRefusal.is(error, 'key-withdrawn'))) throw error
    await workstation.markWithdrawn(keyStatement)
    return { isNew: false }
  }
  await workstation.markWithdrawn(keyStatement)
  return { isNew: true }
}
