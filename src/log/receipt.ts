import { fromBase64url, toBase64url } from '../crypto/bytes.ts'
import { sha256Text } from '../crypto/hash.ts'
import type { SigningKey, VerifyKey } from '../crypto/sign.ts'
import { ed25519Signer, signStatement } from '../crypto/statement.ts'
import type { Event } from '../protocol/entry.ts'
import type { DeploymentId, Hash, Instant } from '../protocol/ids.ts'
import { Receipt, StatementTyp } from '../protocol/statements.ts'
import { entryHashOf, type ParsedEntry, parseEvent } from './entry.ts'
import { demand, type Verified, verifyAs } from './verified.ts'

/** An entry must be in the tree this long after its time, milliseconds. */
export const INTEGRATE_WITHIN_MS = 60_000

/** The host's name in a receipt's header. */
const HOST_KEY_ID = 'host'

/** Makes the receipt of an entry: always the same for the same entry. */
export async function makeReceipt(
  entry: ParsedEntry,
  { deployment, hostKey }: { deployment: DeploymentId; hostKey: SigningKey },
): Promise<string> {
  const payload: Receipt = {
    deployment,
    event: entry.event,
    linkHash: toBase64url(sha256Text(entry.link)) as Hash,
    entryHash: entry.hash,
    integrateBy: integrateBy(entry.parsed.event),
  }
  return signStatement(StatementTyp.receipt, payload, ed25519Signer(hostKey, HOST_KEY_ID))
}

/** A verified receipt with the event it speaks of. */
export interface VerifiedReceipt extends Verified<Receipt> {
  readonly event: Event
}

/**
 * Verifies a receipt: the host's signature, that its hash is that of its event, and that the promise is the one due (a
 * host that may promise any date promises nothing). Throws `CryptoError` on the signature, `LogError` `statement-form`,
 * `receipt-key-id`, `receipt-deployment`, `receipt-hash`, `receipt-due`, `entry-form`.
 */
export async function verifyReceipt(
  text: string,
  { deployment, hostKey }: { deployment: DeploymentId; hostKey: VerifyKey },
): Promise<VerifiedReceipt> {
  const receipt = await verifyAs(text, {
    typ: StatementTyp.receipt,
    schema: Receipt,
    algorithms: ['Ed25519'],
    keys: [hostKey],
  })
  const { payload, headers } = receipt
  demand(headers[0]?.kid === HOST_KEY_ID, 'receipt-key-id', 'The receipt’s signature names another key than the host’s')
  demand(payload.deployment === deployment, 'receipt-deployment', 'The receipt is of another deployment')
  const hash = entryHashOf(fromBase64url(payload.linkHash), sha256Text(payload.event))
  demand(hash === payload.entryHash, 'receipt-hash', 'The receipt’s hash is not that of its event')
  const event = parseEvent(payload.event)
  demand(payload.integrateBy === integrateBy(event), 'receipt-due', 'The receipt promises another time than one minute')
  return { ...receipt, event }
}

function integrateBy({ t }: Event): Instant {
  return new Date(Date.parse(t) + INTEGRATE_WITHIN_MS).toISOString() as Instant
}
