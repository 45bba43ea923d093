/** A professional, before whom the patient stands, vouches for the patient's new identity (docs/protocol/recovery.md). */
import { fromBase64url, toBase64url } from '../../crypto/bytes.ts'
import { SealPublicKey } from '../../crypto/keys.ts'
import { cosignStatement, ed25519Signer, statementHash } from '../../crypto/statement.ts'
import { identityFingerprint } from '../../log/identity.ts'
import type { Verified } from '../../log/verified.ts'
import type { Hash, RecordId } from '../../protocol/ids.ts'
import { Receipted } from '../../protocol/messages.ts'
import { type Identity, type Recovery, StatementTyp } from '../../protocol/statements.ts'
import { ProposedIdentities } from '../../protocol/succession.ts'
import { cardSigner } from '../cards/card-signer.ts'
import { instant } from '../clock.ts'
import { InputError, StepError } from '../errors.ts'
import { hashText, sealGift } from '../grant-seal.ts'
import { recoverySealInfo } from '../infos.ts'
import { sameFingerprint } from '../kit.ts'
import { verifyPaper } from '../trust.ts'
import { type Access, type GrantedCompartment, openAccess } from './access.ts'
import type { Connection } from './connection.ts'
import { requireKnown } from './identities.ts'

/** What was vouched for. */
export interface Vouched {
  readonly recovery: Hash
  readonly fingerprint: string
  /** Names of the compartments that were given back: those that the own grant opens. */
  readonly returned: readonly string[]
}

/**
 * Vouches for the new identity whose fingerprint the patient shows from the own screen, and seals to it what the own grant
 * opens. The card signs, so its PIN is asked for. It counts after 72 hours in which any device of the patient may stop it.
 * Throws `InputError` `fingerprint-other` (no identity with that fingerprint waits), `card-unsupported`; `StepError`
 * `recovery-nothing` (the grant opens nothing that could be given back); as `openAccess`, `Host.call`.
 */
export async function vouchFor(connection: Connection, recordId: RecordId, shown: string): Promise<Vouched> {
  const access = await openAccess(connection, recordId)
  const next = await proposedWith(connection, access, shown)
  const readable = access.compartments.filter(({ secret }) => secret !== null)
  if (readable.length === 0) {
    throw new StepError('Your grant lets you read nothing in this record: there is nothing you could give back', {
      code: 'recovery-nothing',
    })
  }
  const seals = readable.map(compartment => sealTo(next, access, compartment))
  const recovery = await sign(connection, access, { next, readable, seals })
  const hash = toBase64url(statementHash(recovery)) as Hash
  const { receipt } = await connection.host.call({
    ...connection.signing,
    method: 'POST',
    path: `/v1/records/${recordId}/recoveries`,
    body: { recovery, seals: seals.map(toBase64url) },
    answer: Receipted,
  })
  const object = { recovery: hash, identity: next.hash, registration: next.payload.registration }
  await connection.receive(receipt, 'recovery.start', object)
  return { recovery: hash, fingerprint: identityFingerprint(next), returned: readable.map(({ name }) => name) }
}

/** The proposed identity with that fingerprint, which follows the one in force. */
async function proposedWith(
  { workstation, host, signing }: Connection,
  { recordId, patient }: Access,
  shown: string,
): Promise<Verified<Identity>> {
  const { ins } = await requireKnown(workstation, recordId)
  const path = `/v1/records/${recordId}/recoveries`
  const { proposed } = await host.call({ ...signing, method: 'GET', path, answer: ProposedIdentities })
  for (const { stopped, vouched, ...paper } of proposed) {
    if (stopped) continue
    const identity = await verifyPaper(workstation.trust, ins, paper)
    const follows = identity.payload.prevIdentity === patient.identity.hash
    if (follows && sameFingerprint(identityFingerprint(identity), shown)) return identity
  }
  throw new InputError(
    'No new identity with that fingerprint waits for this patient: compare it with the patient’s screen once more',
    { code: 'fingerprint-other' },
  )
}

function sealTo(next: Verified<Identity>, { recordId, patient }: Access, compartment: GrantedCompartment): Uint8Array {
  const { id: compartmentId, epoch, name, secret } = compartment
  const info = recoverySealInfo({ recordId, compartmentId, epoch, from: patient.identity.hash, to: next.hash })
  return sealGift(SealPublicKey.parse(fromBase64url(next.payload.sealKey)), info, { name, secret })
}

async function sign(
  { workstation, keys }: Connection,
  { recordId, patient }: Access,
  made: { next: Verified<Identity>; readable: readonly GrantedCompartment[]; seals: readonly Uint8Array[] },
): Promise<string> {
  const { trust, card, clock } = workstation
  const payload: Recovery = {
    deployment: trust.anchors.deployment,
    recordId,
    from: patient.identity.hash,
    to: made.next.hash,
    t: instant(clock()),
    compartments: made.readable.map(({ id, epoch }, n) => ({ id, epoch, seal: hashText(made.seals[n] as Uint8Array) })),
  }
  const byKey = ed25519Signer(keys.signKey, keys.keyStatement)
  return cosignStatement(StatementTyp.recovery, payload, cardSigner(card), byKey)
}
