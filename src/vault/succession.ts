/** What the store does when one identity follows another. */
import type { RecordId } from '../protocol/ids.ts'
import type { Proposal } from './proposals.ts'
import type { Tx } from './store/store.ts'

/** Its statement belongs to what the log tells from now on: an auditor asks for it by its hash. */
export function saveIdentity(tx: Tx, { identity, record, sign_key, statement }: Proposal): void {
  tx.run(
    `INSERT INTO identities (hash, record, sign_key, statement) VALUES (@identity, @record, @sign_key, @statement)
     ON CONFLICT (hash) DO NOTHING`,
    { identity, record, sign_key, statement },
  )
}

/** What the identity before had: open sessions and reads end. After a recovery its way to sign in is gone too. */
export function endOld(tx: Tx, record: RecordId, kind: 'recovery' | 'handover'): void {
  tx.run('DELETE FROM sessions WHERE record = @record', { record })
  tx.run('DELETE FROM tickets WHERE record = @record', { record })
  tx.run('DELETE FROM reads WHERE record = @record', { record })
  // Whoever lost kit and devices activates anew, by a letter; who handed over still has code and contact.
  if (kind === 'recovery') tx.run('DELETE FROM accounts WHERE record = @record', { record })
}
