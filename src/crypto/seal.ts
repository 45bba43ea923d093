import { chacha20Poly1305 } from './aead.ts'
import { type Bytes, concat, utf8, wiping } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { hkdfExpandSha256, hkdfExtractSha256 } from './hash.ts'
import type { SealPublicKey, SealSecretKey } from './keys.ts'
import { XWING, xwingEncapsulate } from './sodium.ts'
import { xwing } from './xwing.ts'

// Seals: HPKE (RFC 9180) in base mode, single shot (§6.1), with X-Wing (0x647a, draft-connolly-cfrg-xwing-kem §5.6),
// HKDF-SHA256 (0x0001) and ChaCha20-Poly1305 (0x0003); no associated data: what a seal is bound to is in `info`.
// Checked with the vectors of draft-ietf-hpke-pq.

/** KEM id of X-Wing. */
const X_WING = 0x647a
const EMPTY: Bytes = new Uint8Array(0)

/** Bytes that a seal adds to what it holds: encapsulation and tag. */
export const SEAL_OVERHEAD = XWING.ciphertext + 16

/**
 * Seals bytes to a public key. `info` names the kind and every id the seal is bound to (`lp`), and must be given again to
 * open it. Gives `enc (1120) ‖ ciphertext ‖ tag (16)`. Nobody is authenticated by a seal: a statement signs it.
 * Throws `CryptoError` `key-malformed` for a key whose X25519 part is of small order.
 */
export function seal(to: SealPublicKey, info: Bytes, plaintext: Bytes): Bytes {
  return sealEncapsulated(xwing.encapsulate(to.bytes), info, plaintext)
}

/**
 * `seal` with the 64-byte seed of the encapsulation (draft-connolly-cfrg-xwing-kem §5.4.1): to make test vectors and for
 * nothing else. `test/house/drawn.test.ts` sees that nothing in `src` calls it. Throws as `seal`.
 */
export function sealWithSeed(to: SealPublicKey, info: Bytes, plaintext: Bytes, seed: Bytes): Bytes {
  return sealEncapsulated(xwingEncapsulate(to.bytes, seed), info, plaintext)
}

function sealEncapsulated(encapsulated: ReturnType<typeof xwing.encapsulate>, info: Bytes, plaintext: Bytes): Bytes {
  if (encapsulated === null) {
    throw new CryptoError('This public key cannot be sealed to: ask its owner for another', { code: 'key-malformed' })
  }
  const { key, baseNonce } = wiping(encapsulated.sharedSecret, shared => keySchedule(shared, info))
  const sealed = wiping(key, key => chacha20Poly1305.seal(key, baseNonce, plaintext, EMPTY))
  return concat(encapsulated.ciphertext, sealed)
}

/** Opens a seal. Throws `CryptoError` `seal-open`: another key, another `info`, or altered; they cannot be told apart. */
export function open(secret: SealSecretKey, info: Bytes, sealed: Bytes): Bytes {
  if (sealed.length < SEAL_OVERHEAD) throw refused()
  return openShared(secret.decapsulate(sealed.subarray(0, XWING.ciphertext)), info, sealed)
}

/** `open` for many at once: what takes longest goes beside this thread where the platform can. Throws as `open`. */
export async function openAside(secret: SealSecretKey, info: Bytes, sealed: Bytes): Promise<Bytes> {
  if (sealed.length < SEAL_OVERHEAD) throw refused()
  return openShared(await secret.decapsulateAside(sealed.subarray(0, XWING.ciphertext)), info, sealed)
}

function openShared(sharedSecret: Bytes | null, info: Bytes, sealed: Bytes): Bytes {
  if (sharedSecret === null) throw refused()
  const { key, baseNonce } = wiping(sharedSecret, shared => keySchedule(shared, info))
  const plaintext = wiping(key, key => chacha20Poly1305.open(key, baseNonce, sealed.subarray(XWING.ciphertext), EMPTY))
  if (plaintext === null) throw refused()
  return plaintext
}

/**
 * HPKE's key schedule in base mode (RFC 9180 §5.1), for the AEAD alone: nothing is exported. Exported for the published
 * vectors, which also come with another KEM; everything else calls `seal` and `open`.
 */
export function keySchedule(sharedSecret: Bytes, info: Bytes, kemId = X_WING): { key: Bytes; baseNonce: Bytes } {
  const { infoHash, secret, key, nonce, start } = kemId === X_WING ? OWN : labelsOf(kemId)
  const context = concat(start, extract(EMPTY, infoHash, info))
  const prk = extract(sharedSecret, secret, EMPTY)
  const expand = (label: Bytes, length: number) => hkdfExpandSha256({ prk, info: concat(label, context), length })
  return wiping(prk, () => ({ key: expand(key, 32), baseNonce: expand(nonce, 12) }))
}

/** LabeledExtract (§4). */
function extract(salt: Bytes, label: Bytes, ikm: Bytes): Bytes {
  return wiping(concat(label, ikm), labeled => hkdfExtractSha256(salt, labeled))
}

/** What is the same in every seal of a suite: a list of a thousand documents has no need to make it a thousand times. */
function labelsOf(kemId: number) {
  const suite = concat(utf8('HPKE'), u16(kemId), u16(0x0001), u16(0x0003))
  const labeled = (label: string) => concat(utf8('HPKE-v1'), suite, utf8(label))
  return {
    infoHash: labeled('info_hash'),
    secret: labeled('secret'),
    key: concat(u16(32), labeled('key')),
    nonce: concat(u16(12), labeled('base_nonce')),
    start: concat(Uint8Array.of(0x00), extract(EMPTY, labeled('psk_id_hash'), EMPTY)), // 0x00: mode_base
  }
}
const OWN = labelsOf(X_WING)

function u16(value: number): Bytes {
  return Uint8Array.of(value >> 8, value & 0xff)
}

function refused(): CryptoError {
  return new CryptoError('This seal does not open: made for another key or purpose, or altered', { code: 'seal-open' })
}
