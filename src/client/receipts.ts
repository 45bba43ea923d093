import { CLOCK_ALLOWANCE_SECONDS } from '../log/checkpoint.ts'
import { type VerifiedReceipt, verifyReceipt } from '../log/receipt.ts'
import type { Action, Event, EventObject } from '../protocol/entry.ts'
import type { Hash } from '../protocol/ids.ts'
import type { Trust } from './anchors.ts'
import { VerificationError } from './errors.ts'

/** What the caller asked for, so what the receipt's event must say. */
export interface ExpectedEvent {
  readonly action: Action
  readonly actor: Pick<Event['actor'], 'kind' | 'id'>
  /** The caller's clock: a promise dated far ahead of it would never fall due. */
  readonly now: Date
  /** Members the object must have, with these values; others may stand beside them. */
  readonly object?: EventObject
  /** The state it must name; left out, it is not looked at. */
  readonly state?: Hash
  /** The grant it must name. */
  readonly grant?: Hash | null
}

/**
 * Checks a receipt: the host's signature, and that the event is the act that was asked for, allowed, by this caller, and
 * not in the future (an earlier time is one of an act asked for again).
 * Keep `text`: it is the promise that the entry will be in the tree by `integrateBy`, and evidence if it is not.
 * Throws `CryptoError`, `LogError` (docs of `verifyReceipt`), `VerificationError` `receipt-event`.
 */
export async function checkReceipt(text: string, trust: Trust, expected: ExpectedEvent): Promise<VerifiedReceipt> {
  const receipt = await verifyReceipt(text, { deployment: trust.anchors.deployment, hostKey: trust.hostKey })
  const { event } = receipt
  const wrong: string[] = []
  if (event.action !== expected.action) wrong.push('action')
  if (event.outcome !== 'ok') wrong.push('outcome')
  if (Date.parse(event.t) - expected.now.getTime() > CLOCK_ALLOWANCE_SECONDS * 1000) wrong.push('time')
  if (event.actor.kind !== expected.actor.kind || event.actor.id !== expected.actor.id) wrong.push('actor')
  for (const [name, value] of Object.entries(expected.object ?? {})) {
    if (event.object[name] !== value) wrong.push(name)
  }
  if (expected.state !== undefined && event.state !== expected.state) wrong.push('state')
  if (expected.grant !== undefined && event.grant !== expected.grant) wrong.push('grant')
  if (wrong.length === 0) return receipt
  throw new VerificationError(
    `The host's receipt speaks of another act than the one asked for (${wrong.join(', ')}); keep it as evidence`,
    { code: 'receipt-event', evidence: { receipt: text, expected } },
  )
}
