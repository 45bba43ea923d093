import { type Bytes, concat, fromBase64url, fromUtf8, toBase64url, utf8, wiping } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import { type SealPublicKey, SealSecretKey } from '../crypto/keys.ts'
import { open, seal } from '../crypto/seal.ts'
import type { Verified } from '../log/verified.ts'
import type { CompartmentId, Hash } from '../protocol/ids.ts'
import type { SealedGrant } from '../protocol/messages.ts'
import type { Grant, State } from '../protocol/statements.ts'
import { checkEpochSecret } from './epochs.ts'
import { InputError, VerificationError } from './errors.ts'
import { grantSealInfo } from './infos.ts'

/** Bytes of a grant seal's plaintext: flag, secret, length of the name, name. */
const PLAIN_LENGTH = 97
const NAME_MAX = 63

/** What a grant gives for one compartment. */
export interface CompartmentGift {
  /** Compartment kind, or the patient's own name for it; at most 63 bytes of UTF-8. */
  readonly name: string
  /** The epoch's secret; null for the right to deposit alone. */
  readonly secret: SealSecretKey | null
}

/**
 * Seals what is given of one compartment: by a grant to the grantee's `sealKey`, by a delegation to a card, by a recovery to
 * a new identity. `info` is that of `infos.ts` (docs/protocol/grant.md, delegation.md, recovery.md).
 * Throws `InputError` `compartment-name` for a name above 63 bytes.
 */
export function sealGift(to: SealPublicKey, info: Bytes, gift: CompartmentGift): Bytes {
  return wiping(giftPlaintext(gift), plain => seal(to, info, plain))
}

/** What is in such a seal: 97 bytes. Throws as `sealGift`. */
export function giftPlaintext({ name, secret }: CompartmentGift): Bytes {
  const text = utf8(name)
  if (text.length === 0 || text.length > NAME_MAX) {
    throw new InputError(`A compartment's name has 1 to ${NAME_MAX} bytes; choose another`, {
      code: 'compartment-name',
    })
  }
  const padded = new Uint8Array(NAME_MAX)
  padded.set(text)
  return wiping(secret === null ? new Uint8Array(32) : secret.bytes, bytes =>
    concat(Uint8Array.of(secret === null ? 0 : 1), bytes, Uint8Array.of(text.length), padded),
  )
}

/** Opens one seal. Throws `CryptoError` `seal-open`, `VerificationError` `grant-seal` for a malformed content. */
export function openGift(key: SealSecretKey, info: Bytes, sealed: Bytes): CompartmentGift {
  return wiping(open(key, info, sealed), readGift)
}

function readGift(plain: Bytes): CompartmentGift {
  const [flag, length] = [plain[0], plain[33]]
  const malformed = (why: string) =>
    new VerificationError(`A grant's seal holds ${why}; ask the patient for the grant again`, { code: 'grant-seal' })
  if (plain.length !== PLAIN_LENGTH || flag === undefined || length === undefined) throw malformed('a wrong length')
  if (flag > 1 || length === 0 || length > NAME_MAX) throw malformed('a value out of range')
  const rest = plain.subarray(34 + length)
  const nothing = flag === 0 ? plain.subarray(1, 33) : rest
  if (rest.some(byte => byte !== 0) || (flag === 0 && nothing.some(byte => byte !== 0))) throw malformed('odd padding')
  return {
    name: fromUtf8(plain.subarray(34, 34 + length)),
    secret: flag === 1 ? SealSecretKey.parse(plain.subarray(1, 33)) : null,
  }
}

/** A compartment that a grant opened: its name, its rights, and the secret where it may read. */
export interface OpenedCompartment extends CompartmentGift {
  readonly id: CompartmentId
  readonly epoch: number
  readonly rights: Grant['compartments'][number]['rights']
}

/**
 * For a grantee: opens every seal of the own grant, holds each against the grant (its hash), the rights (a secret
 * exactly where it may read) and the state (the secret's public key is the epoch's).
 * Throws `CryptoError` `seal-open`, `VerificationError` `grant-seal`, `epoch-key`.
 */
export function openGrant(input: {
  readonly grant: Verified<Grant>
  readonly seals: SealedGrant['seals']
  readonly state: State
  readonly key: SealSecretKey
}): OpenedCompartment[] {
  const { grant, seals, state, key } = input
  const { recordId, grantId, grantee, compartments } = grant.payload
  const refuse = (why: string) =>
    new VerificationError(`A grant and its seals do not fit: ${why}`, {
      code: 'grant-seal',
      evidence: { grant: grant.text },
    })
  if (seals.length !== compartments.length) throw refuse('one seal a compartment is due')
  return compartments.map(({ id, rights, epoch, seal: hash }, index) => {
    const sealed = fromBase64url(seals[index] as string)
    if (hashText(sealed) !== hash) throw refuse('a seal is not the one signed for')
    const place = { recordId, compartmentId: id, epoch, keyStatement: grantee.keyStatement, grantId }
    const gift = openGift(key, grantSealInfo(place), sealed)
    if ((gift.secret !== null) !== rights.includes('read')) throw refuse('a secret is missing, or should not be there')
    const current = state.compartments.find(each => each.id === id)
    if (current === undefined || current.epoch !== epoch) throw refuse('it is not for the current epoch')
    if (gift.secret !== null) checkEpochSecret(current, { epoch, secret: gift.secret })
    return { ...gift, id, epoch, rights }
  })
}

/** SHA-256 of a binary part, as statements name it. */
export function hashText(bytes: Bytes): Hash {
  return toBase64url(sha256(bytes)) as Hash
}
