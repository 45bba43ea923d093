import { randomBytes, toBase64url, wiping } from '../../crypto/bytes.ts'
import { AccountKey, SealSecretKey } from '../../crypto/keys.ts'
import { identityFingerprint, recordIdOf } from '../../log/identity.ts'
import { freshSeed, rootsOf, slotLeaf } from '../../log/sets.ts'
import { checkFirst } from '../../log/state-chain.ts'
import type { Bundle } from '../../protocol/bundle.ts'
import type { CompartmentId, DeploymentId, Ins } from '../../protocol/ids.ts'
import { COMPARTMENT_KINDS, type StateSets } from '../../protocol/record.ts'
import { sealBundle } from '../bundle.ts'
import { instant } from '../clock.ts'
import { hashText } from '../grant-seal.ts'
import { makeKit, type NewKit } from '../kit.ts'
import type { CodeHolder } from '../mailed-code.ts'
import { marksOf, nothingSeen } from '../seen.ts'
import { makeSlot } from '../slots.ts'
import { signState } from './draft.ts'
import { makeIdentity } from './new-identity.ts'
import { shuffled } from './shuffled.ts'
import type { OpeningFile } from './store.ts'

/** What an opening is made from. */
export interface OpeningInput {
  readonly deployment: DeploymentId
  readonly ins: Ins
  readonly holder: Pick<CodeHolder, 'key' | 'registration' | 'salt'>
  readonly now: Date
}

/**
 * Makes everything of a new record on this machine: identity, compartments in epoch 0, kit, account key, bundle, kit's
 * slot, first state; checked as the host will check it. Nothing is sent. Throws `LogError` (a defect of this client).
 */
export async function makeOpening(
  input: OpeningInput,
): Promise<{ readonly opening: OpeningFile; readonly kit: NewKit }> {
  const { deployment, ins, now } = input
  const { registration, salt } = input.holder
  const { identity, sign, seal } = await makeIdentity(deployment, input.holder, null)
  const recordId = recordIdOf(identity)
  const kit = makeKit({ ins, fingerprint: identityFingerprint(identity), createdAt: now })

  const accountKey = AccountKey.generate()
  // In no order: by the place of a compartment in the state, nobody shall tell which one is *masked*.
  const secrets = shuffled(COMPARTMENT_KINDS).map(kind => ({
    kind,
    secret: SealSecretKey.generate(),
    id: newCompartmentId(),
  }))
  const bundle: Bundle = {
    v: 1,
    recordId,
    version: 1,
    identity: { sign: wiping(sign.seed, toBase64url), seal: wiping(seal.bytes, toBase64url) },
    compartments: secrets.map(({ id, kind, secret }) => ({
      id,
      kind,
      epoch: 0,
      secret: wiping(secret.bytes, toBase64url),
      exposed: [],
    })),
    seen: marksOf(nothingSeen(), 0),
  }
  const sealed = sealBundle(accountKey, bundle)
  const opener = { kind: 'kit', kit: kit.secret } as const
  const slot = makeSlot({ recordId, accountKey, accountKeyVersion: 1, opener })
  const sets: StateSets = {
    seed: freshSeed(),
    grants: [],
    delegations: [],
    blocked: [],
    devices: [slotLeaf(slot)],
    placements: [],
  }
  const state = await signState(
    {
      deployment,
      recordId,
      seq: 0,
      prev: null,
      identity: identity.hash,
      compartments: secrets.map(({ id, secret }) => ({
        id,
        epoch: 0,
        publicKey: toBase64url(secret.publicKey.bytes),
        link: null,
      })),
      ...rootsOf(sets),
      bundle: { version: bundle.version, hash: hashText(sealed) },
      t: instant(now),
    },
    { patient: { recordId, identity }, sign },
  )
  checkFirst({ state, sets })
  const request = { identity: identity.text, state: state.text, sets, bundle: toBase64url(sealed), slots: [slot] }
  const opening: OpeningFile = {
    v: 1,
    ins,
    request,
    registration: registration.text,
    registrationSalt: salt,
    accountKey: wiping(accountKey.bytes, toBase64url),
  }
  return { opening, kit }
}

function newCompartmentId(): CompartmentId {
  return toBase64url(randomBytes(16)) as CompartmentId
}
