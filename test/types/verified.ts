/** What nobody verified is not taken for what was. Checked by `tsc`, never run. */
import { parseStatement } from '../../src/crypto/statement.ts'
import { verifyGrant } from '../../src/log/grant.ts'
import { identityFingerprint, recordIdOf, signKeyOf } from '../../src/log/identity.ts'
import { checkFirst, verifyState } from '../../src/log/state-chain.ts'
import { peek, type Verified } from '../../src/log/verified.ts'
import type { Hash } from '../../src/protocol/ids.ts'
import type { StateSets } from '../../src/protocol/record.ts'
import { type Grant, Identity, type State, StatementTyp } from '../../src/protocol/statements.ts'

export function misuse(text: string, hash: Hash, identity: Verified<Identity>, state: State, sets: StateSets): void {
  signKeyOf(identity)
  const payload = peek(text, { typ: StatementTyp.identity, schema: Identity })
  // @ts-expect-error a payload that was only looked at
  signKeyOf(payload)
  // @ts-expect-error the same, dressed up: the mark cannot be made outside of `verified.ts`
  recordIdOf({ text, hash, payload, headers: [] })
  // @ts-expect-error a state's payload without its signature
  checkFirst({ state, sets })
  // @ts-expect-error a verified identity where a verified grant belongs
  const grant: Verified<Grant> = identity
  void grant
}

/** Nor a statement as read, where its verification belongs. */
export async function misuseOfParsed(text: string, identity: Verified<Identity>): Promise<void> {
  const context = { deployment: identity.payload.deployment, recordId: recordIdOf(identity) }
  await verifyState(text, { ...context, identity })
  // @ts-expect-error a statement that was parsed and not verified
  await verifyState(text, { ...context, identity: parseStatement(text) })
  // @ts-expect-error a text where a verified identity belongs
  identityFingerprint(text)
  // @ts-expect-error a verified grant is no verified state
  const state: Verified<State> = await verifyGrant(text, { ...context, identity })
  void state
}
