// C2SP tlog-cosignature: timestamped statements that a checkpoint is consistent with all that the cosigner saw before.
// Witnesses make both kinds; the log makes the ML-DSA-44 kind beside its Ed25519 note signature.
import { type Bytes, concat, u64be, utf8 } from '../crypto/bytes.ts'
import type { MlDsaSigningKey } from '../crypto/mldsa.ts'
import type { SigningKey } from '../crypto/sign.ts'
import { LogError } from './errors.ts'
import { type Ed25519CosignerKey, type MlDsaCosignerKey, type NoteKey, type NoteSignature, noteKey } from './note.ts'
import { HASH_LENGTH } from './tree.ts'

/** A key of one of the two cosignature types. */
export type CosignerKey = Ed25519CosignerKey | MlDsaCosignerKey

/** What is cosigned: a checkpoint's note text, and what its first three lines say. */
export interface CosignedTree {
  /** The whole note text, extension lines included; the Ed25519 kind signs it. */
  readonly text: string
  readonly origin: string
  readonly size: number
  readonly root: Bytes
}

/** §«ML-DSA-44 signed message», `cosigned_message`. */
export interface Subtree {
  /** Key name of the cosigner. */
  readonly cosigner: string
  /** POSIX seconds; 0 when nothing is said about time, as it must be when `start` is not 0. */
  readonly time: number
  readonly origin: string
  readonly start: number
  readonly end: number
  readonly hash: Bytes
}

const HEADER_LENGTH = 8
const MLDSA_LABEL = 'subtree/v1\n\0'

/** The bytes that an Ed25519 cosignature signs (§«Ed25519 signed message»). Time in POSIX seconds. */
export function ed25519Message(time: number, text: string): Bytes {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`)
}

/**
 * The bytes that an ML-DSA-44 cosignature signs (§«ML-DSA-44 signed message»).
 * Throws `LogError` `cosignature-malformed` when a name is empty or longer than 255 bytes, or a time stands beside a
 * `start` other than 0.
 */
export function mlDsaMessage({ cosigner, time, origin, start, end, hash }: Subtree): Bytes {
  if (start !== 0 && time !== 0) throw malformed('a subtree that does not start at 0 has no time')
  if (hash.length !== HASH_LENGTH) throw malformed('its root has not 32 bytes')
  return concat(utf8(MLDSA_LABEL), short(cosigner), u64be(time), short(origin), u64be(start), u64be(end), hash)
}

/** A cosigner's keys, one or both kinds, under one name. */
export interface Cosigner {
  readonly name: string
  readonly ed25519?: SigningKey
  readonly mlDsa44?: MlDsaSigningKey
}

/** The public keys of a cosigner, in the order in which `cosign` signs. */
export function cosignerKeys({ name, ed25519, mlDsa44 }: Cosigner): CosignerKey[] {
  return [
    ...(ed25519 === undefined ? [] : [noteKey(name, 'ed25519Cosignature', ed25519.verifyKey)]),
    ...(mlDsa44 === undefined ? [] : [noteKey(name, 'mlDsa44Cosignature', mlDsa44.verifyKey)]),
  ]
}

/**
 * Cosigns with each key there is. `time` in POSIX seconds, 1 or more: a checkpoint is never cosigned without one.
 * The caller has checked that the tree extends what it cosigned before.
 */
export function cosign(tree: CosignedTree, cosigner: Cosigner, time: number): NoteSignature[] {
  if (!Number.isSafeInteger(time) || time < 1) throw malformed('its time is not in whole seconds after 1970')
  const { name, ed25519, mlDsa44 } = cosigner
  const { text, origin, size, root } = tree
  const signatures: NoteSignature[] = []
  if (ed25519 !== undefined) {
    const signature = concat(u64be(time), ed25519.sign(ed25519Message(time, text)))
    signatures.push({ name, id: noteKey(name, 'ed25519Cosignature', ed25519.verifyKey).id, signature })
  }
  if (mlDsa44 !== undefined) {
    const message = mlDsaMessage({ cosigner: name, time, origin, start: 0, end: size, hash: root })
    const signature = concat(u64be(time), mlDsa44.sign(message))
    signatures.push({ name, id: noteKey(name, 'mlDsa44Cosignature', mlDsa44.verifyKey).id, signature })
  }
  return signatures
}

/**
 * The time (POSIX seconds; 0 when an ML-DSA-44 cosigner gave none) of a good cosignature, `null` for a bad one.
 * The caller has checked `isSignatureOf`.
 */
export function cosignatureTime(tree: CosignedTree, { signature }: NoteSignature, key: CosignerKey): number | null {
  if (signature.length <= HEADER_LENGTH) return null
  const time = readTime(signature)
  const made = signature.subarray(HEADER_LENGTH)
  if (time === null) return null
  if (key.type === 'ed25519Cosignature') return key.key.verify(ed25519Message(time, tree.text), made) ? time : null
  const { origin, size, root } = tree
  const message = mlDsaMessage({ cosigner: key.name, time, origin, start: 0, end: size, hash: root })
  return key.key.verify(message, made) ? time : null
}

/** Whether a note key is of a cosignature type. */
export function isCosignerKey(key: NoteKey): key is CosignerKey {
  return key.type !== 'ed25519'
}

/** §«Format»: at most 2^63-1; we take what is exact in a number, the year 285,000,000. */
function readTime(signature: Bytes): number | null {
  const time = new DataView(signature.buffer, signature.byteOffset, signature.length).getBigUint64(0)
  return time <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(time) : null
}

function short(name: string): Bytes {
  const bytes = utf8(name)
  if (bytes.length < 1 || bytes.length > 255) throw malformed('a cosigner or origin has 1 to 255 bytes')
  return concat(Uint8Array.of(bytes.length), bytes)
}

function malformed(why: string): LogError {
  return new LogError(`Cannot cosign: ${why}`, { code: 'cosignature-malformed' })
}
