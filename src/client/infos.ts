import { type Bytes, fromBase64url, lp, u64be } from '../crypto/bytes.ts'
import { hkdfSha256, sha256 } from '../crypto/hash.ts'
import type { CompartmentId, DelegationId, DocumentId, GrantId, Hash, RecordId, SlotId } from '../protocol/ids.ts'
import type { Slot } from '../protocol/record.ts'

// Every `info` and every context that binds a sealed thing to its place (docs/protocol: document, access, slots), in
// one file, so that who seals and who opens cannot disagree. Ids go in as raw bytes, labels and kinds as text, numbers
// as u64.

const NO_SALT = new Uint8Array(0)
const id = (text: string): Bytes => fromBase64url(text)

function derive(ikm: Bytes, info: Bytes): Bytes {
  return hkdfSha256({ ikm, salt: NO_SALT, info, length: 32 })
}

/** Which document of which record. */
export interface DocumentPlace {
  readonly recordId: RecordId
  readonly documentId: DocumentId
}

/** Chunked encryption's key for the body, from the 32-byte document key. */
export function bodyKey(documentKey: Bytes, place: DocumentPlace): Bytes {
  return derive(documentKey, lp('coffre/v1/body-key', id(place.recordId), id(place.documentId)))
}

/** Chunked encryption's context for the body. */
export function bodyContext(place: DocumentPlace): Bytes {
  return lp('coffre/v1/body', id(place.recordId), id(place.documentId))
}

/** Chunked encryption's key for the manifest, from the 32-byte document key. */
export function manifestKey(documentKey: Bytes, place: DocumentPlace): Bytes {
  return derive(documentKey, lp('coffre/v1/manifest-key', id(place.recordId), id(place.documentId)))
}

/** Chunked encryption's context for the manifest. */
export function manifestContext(place: DocumentPlace): Bytes {
  return lp('coffre/v1/manifest', id(place.recordId), id(place.documentId))
}

/** What an envelope (the sealed document key) is bound to. */
export interface EnvelopePlace extends DocumentPlace {
  readonly compartmentId: CompartmentId
  readonly epoch: number
  /** The epoch's X-Wing public key, 1216 bytes. */
  readonly epochPublicKey: Bytes
  /** Key commitment of the body's stream. */
  readonly commitment: Bytes
}

/** HPKE info of an envelope. */
export function envelopeInfo(place: EnvelopePlace): Bytes {
  return lp(
    'coffre/v1/envelope',
    id(place.recordId),
    id(place.documentId),
    id(place.compartmentId),
    u64be(place.epoch),
    sha256(place.epochPublicKey),
    place.commitment,
  )
}

/** What a grant's seal is bound to. */
export interface GrantSealPlace {
  readonly recordId: RecordId
  readonly compartmentId: CompartmentId
  readonly epoch: number
  readonly keyStatement: Hash
  readonly grantId: GrantId
}

/** HPKE info of a grant's seal. */
export function grantSealInfo(place: GrantSealPlace): Bytes {
  return lp(
    'coffre/v1/grant-seal',
    id(place.recordId),
    id(place.compartmentId),
    u64be(place.epoch),
    id(place.keyStatement),
    id(place.grantId),
  )
}

/** What a delegation's seal to a card is bound to. */
export interface DelegationSealPlace {
  readonly recordId: RecordId
  readonly compartmentId: CompartmentId
  readonly epoch: number
  readonly delegationId: DelegationId
  /** The card's `sealKey`, 1216 bytes. */
  readonly cardSealKey: Bytes
}

/** HPKE info of a delegation's seal. */
export function delegationSealInfo(place: DelegationSealPlace): Bytes {
  return lp(
    'coffre/v1/delegation-seal',
    id(place.recordId),
    id(place.compartmentId),
    u64be(place.epoch),
    id(place.delegationId),
    sha256(place.cardSealKey),
  )
}

/** What a recovery's seal to the new identity is bound to. */
export interface RecoverySealPlace {
  readonly recordId: RecordId
  readonly compartmentId: CompartmentId
  readonly epoch: number
  /** Hashes of the identity in force and of the one that shall follow. */
  readonly from: Hash
  readonly to: Hash
}

/** HPKE info of a recovery's seal. */
export function recoverySealInfo(place: RecoverySealPlace): Bytes {
  return lp(
    'coffre/v1/recovery-seal',
    id(place.recordId),
    id(place.compartmentId),
    u64be(place.epoch),
    id(place.from),
    id(place.to),
  )
}

/** Key of the box in a link, from the secret of the newer epoch. */
export function linkKey(epochSecret: Bytes): Bytes {
  return derive(epochSecret, lp('coffre/v1/link-key'))
}

/** What a link is bound to. */
export interface LinkPlace {
  readonly recordId: RecordId
  readonly compartmentId: CompartmentId
  /** The newer epoch, 1 or more. */
  readonly epoch: number
  readonly publicKey: Bytes
  readonly previousPublicKey: Bytes
  /** SHA-256 of the link before, or 32 zero bytes: the bytes that precede the box. */
  readonly previousLinkHash: Bytes
}

/** Box info of a link. */
export function linkInfo(place: LinkPlace): Bytes {
  return lp(
    'coffre/v1/link',
    id(place.recordId),
    id(place.compartmentId),
    u64be(place.epoch),
    sha256(place.publicKey),
    sha256(place.previousPublicKey),
    place.previousLinkHash,
  )
}

/** Box info of a patient's bundle. */
export function bundleInfo(recordId: RecordId, version: number): Bytes {
  return lp('coffre/v1/bundle', id(recordId), u64be(version))
}

/** What a slot is bound to, besides the account key it wraps. */
export type SlotPlace = { readonly recordId: RecordId; readonly slotId: SlotId } & Pick<
  Slot,
  'kind' | 'accountKeyVersion' | 'parameters'
>

/** Box info of a slot. */
export function slotInfo(place: SlotPlace): Bytes {
  return lp(
    'coffre/v1/slot',
    id(place.recordId),
    u64be(place.accountKeyVersion),
    id(place.slotId),
    place.kind,
    place.parameters,
  )
}

/** Key of the kit's slot, from the 16-byte kit secret. */
export function kitSlotKey(kitSecret: Bytes, recordId: RecordId): Bytes {
  return derive(kitSecret, lp('coffre/v1/kit-key', id(recordId)))
}

/** Key of a device's slot: OPAQUE export key (64 bytes) ‖ device secret (32 bytes). */
export function deviceSlotKey(opaqueAndDevice: Bytes, recordId: RecordId): Bytes {
  return derive(opaqueAndDevice, lp('coffre/v1/device-key', id(recordId)))
}

/** `contact` of an activation: SHA-256(lp("coffre/v1/contact", salt, kind, address)). */
export function contactHash(salt: Bytes, contact: { readonly kind: string; readonly address: string }): Bytes {
  return sha256(lp('coffre/v1/contact', salt, contact.kind, contact.address))
}

/** What a new device shows of its key: SHA-256(lp("coffre/v1/pairing", nonce, public key)). */
export function pairingHash(nonce: Bytes, sealKey: Bytes): Bytes {
  return sha256(lp('coffre/v1/pairing', nonce, sealKey))
}

/** HPKE info of the account key that an old device hands to a new one. */
export function pairingSealInfo(nonce: Bytes, sealKey: Bytes): Bytes {
  return lp('coffre/v1/pairing-seal', nonce, sha256(sealKey))
}

/** Box info of a new identity's keys, kept under its kit while they wait to come into force. */
export function waitingIdentityInfo(recordId: RecordId, identity: Hash): Bytes {
  return lp('coffre/v1/waiting-identity', id(recordId), id(identity))
}
