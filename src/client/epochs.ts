import { box, unbox } from '../crypto/box.ts'
import { type Bytes, concat, equal, fromBase64url, toBase64url, wiping } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import { SealSecretKey } from '../crypto/keys.ts'
import type { CompartmentId, RecordId } from '../protocol/ids.ts'
import type { EpochLinks } from '../protocol/messages.ts'
import type { StateCompartment } from '../protocol/statements.ts'
import { VerificationError } from './errors.ts'
import { linkInfo, linkKey } from './infos.ts'

const HASH_LENGTH = 32
const NO_LINK = new Uint8Array(HASH_LENGTH)

/** A compartment's epoch as its holder has it. */
export interface EpochSecret {
  readonly epoch: number
  readonly secret: SealSecretKey
}

/** Where a link belongs, and what it joins. */
interface LinkParts {
  readonly recordId: RecordId
  readonly compartmentId: CompartmentId
  /** The new epoch and its secret. */
  readonly next: EpochSecret
  /** The secret of the epoch before. */
  readonly previous: SealSecretKey
  /** The link of the epoch before; null when that is epoch 0. */
  readonly previousLink: Bytes | null
}

/** Makes the link that opens the epoch before (docs/protocol/epoch.md): 112 bytes. */
function makeLink({ recordId, compartmentId, next, previous, previousLink }: LinkParts): Bytes {
  const previousLinkHash = previousLink === null ? NO_LINK : sha256(previousLink)
  const info = linkInfo({
    recordId,
    compartmentId,
    epoch: next.epoch,
    publicKey: next.secret.publicKey.bytes,
    previousPublicKey: previous.publicKey.bytes,
    previousLinkHash,
  })
  const boxed = wiping(linkKeyOf(next.secret), key => wiping(previous.bytes, secret => box(key, info, secret)))
  return concat(previousLinkHash, boxed)
}

/** The key of a link, from the newer epoch's secret; whoever asks wipes it. */
function linkKeyOf(secret: SealSecretKey): Bytes {
  return wiping(secret.bytes, linkKey)
}

/** The next epoch of a compartment: a new secret, and the compartment as the next state says it. */
export function nextEpoch(
  recordId: RecordId,
  compartment: StateCompartment,
  secret: SealSecretKey,
): { readonly secret: SealSecretKey; readonly compartment: StateCompartment } {
  const next: EpochSecret = { epoch: compartment.epoch + 1, secret: SealSecretKey.generate() }
  const previousLink = compartment.link === null ? null : fromBase64url(compartment.link)
  const link = makeLink({ recordId, compartmentId: compartment.id, next, previous: secret, previousLink })
  return {
    secret: next.secret,
    compartment: {
      id: compartment.id,
      epoch: next.epoch,
      publicKey: toBase64url(next.secret.publicKey.bytes),
      link: toBase64url(link),
    },
  }
}

/**
 * Checks that a secret is that of the compartment's epoch in the state, by recomputing its public key.
 * Throws `VerificationError` `epoch-key`.
 */
export function checkEpochSecret(compartment: StateCompartment, { epoch, secret }: EpochSecret): void {
  if (epoch === compartment.epoch && equal(secret.publicKey.bytes, fromBase64url(compartment.publicKey))) return
  throw new VerificationError('A compartment’s key is not the one that the patient’s state names', {
    code: 'epoch-key',
    evidence: { compartment: compartment.id, epoch: compartment.epoch },
  })
}

/**
 * The secrets of every epoch of a compartment down to `downTo`, from the current one: walks the links that the host
 * serves, each held against the link in the state (whose hash chain covers them all), each public key recomputed. It ends
 * early where an epoch began anew (a link that the chain says is none, docs/protocol/recovery.md).
 *
 * `current` is the compartment in a verified state, `secret` its epoch's secret, `links` the answer of
 * `GET …/epochs/{compartment}`; an empty list will do when nothing before the current epoch is asked for.
 * Throws `VerificationError` `epoch-key`, `epoch-links` (not the chain that the state names, or cut short).
 */
export function walkBack(input: {
  readonly recordId: RecordId
  readonly current: StateCompartment
  readonly secret: SealSecretKey
  readonly links: EpochLinks['epochs']
  readonly downTo?: number
}): ReadonlyMap<number, SealSecretKey> {
  const { recordId, current, links, downTo = 0 } = input
  checkEpochSecret(current, { epoch: current.epoch, secret: input.secret })
  const secrets = new Map([[current.epoch, input.secret]])
  const refuse = (why: string) =>
    new VerificationError(`The links between a compartment's epochs do not hold: ${why}`, {
      code: 'epoch-links',
      evidence: { compartment: current.id, state: current, links },
    })

  let secret = input.secret
  let link = current.link === null ? null : fromBase64url(current.link)
  for (let epoch = current.epoch; epoch > downTo; epoch--) {
    if (link === null) break
    const before = links.find(each => each.epoch === epoch - 1)
    if (before === undefined) throw refuse(`epoch ${epoch - 1} is not there`)
    const previousPublicKey = fromBase64url(before.publicKey)
    const previousLinkHash = link.subarray(0, HASH_LENGTH)
    const info = linkInfo({
      recordId,
      compartmentId: current.id,
      epoch,
      publicKey: secret.publicKey.bytes,
      previousPublicKey,
      previousLinkHash,
    })
    let opened: SealSecretKey
    try {
      const boxed = link.subarray(HASH_LENGTH)
      const bytes = wiping(linkKeyOf(secret), key => unbox(key, info, boxed))
      opened = wiping(bytes, SealSecretKey.parse)
    } catch {
      throw refuse(`the link of epoch ${epoch} does not open`)
    }
    if (!equal(opened.publicKey.bytes, previousPublicKey)) throw refuse(`epoch ${epoch - 1} has another public key`)
    const previousLink = before.link === null ? null : fromBase64url(before.link)
    const expected = previousLink === null ? NO_LINK : sha256(previousLink)
    if (!equal(expected, previousLinkHash)) throw refuse(`the link of epoch ${epoch - 1} is not the one linked to`)
    if (epoch === 1 && previousLink !== null) throw refuse('epoch 0 has a link')
    secrets.set(epoch - 1, opened)
    secret = opened
    link = previousLink
  }
  return secrets
}
