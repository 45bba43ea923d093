// C2SP signed-note: a text and the signatures under it, and keys in their text form («vkeys»).
// The signature types we use: 0x01 Ed25519 over the text; 0x04 and 0x06 timestamped cosignatures (tlog-cosignature).
// Strict: what is not exactly the format is refused, so that one note has one text.
import { type Bytes, concat, fromBase64, fromHex, toBase64, toHex, utf8 } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import { MlDsaVerifyKey } from '../crypto/mldsa.ts'
import { type SigningKey, VerifyKey } from '../crypto/sign.ts'
import { LogError } from './errors.ts'

/** Longest note taken, in UTF-16 units: 64 signatures of ML-DSA-44 (3.3 KB each in base64) fit. */
const MAX_NOTE_LENGTH = 256 * 1024
/** Most signatures taken; the specification asks for at least 16. */
const MAX_SIGNATURES = 64

/** Signature type bytes of signed-note §«Signature types» and tlog-cosignature §«Format». */
export const SIGNATURE_TYPES = { ed25519: 0x01, ed25519Cosignature: 0x04, mlDsa44Cosignature: 0x06 } as const

/** One of `SIGNATURE_TYPES`, by name. */
export type SignatureType = keyof typeof SIGNATURE_TYPES

/** A signature line, decoded. */
export interface NoteSignature {
  /** Key name. */
  readonly name: string
  /** Key ID, 4 bytes as lower-case hexadecimal. */
  readonly id: string
  /** What follows the key ID, 1 byte or more: its form depends on the key's type. */
  readonly signature: Bytes
}

/** A note, not verified: its text must not be used before a signature of a trusted key was verified. */
export interface Note {
  /** Ends in a newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

interface NamedKey {
  readonly name: string
  /** Key ID, 4 bytes as lower-case hexadecimal. */
  readonly id: string
}

/** Signs note texts (0x01): a log. */
export interface Ed25519NoteKey extends NamedKey {
  readonly type: 'ed25519'
  readonly key: VerifyKey
}

/** Cosigns checkpoints (0x04): a witness. */
export interface Ed25519CosignerKey extends NamedKey {
  readonly type: 'ed25519Cosignature'
  readonly key: VerifyKey
}

/** Cosigns checkpoints (0x06): a witness, or a log. */
export interface MlDsaCosignerKey extends NamedKey {
  readonly type: 'mlDsa44Cosignature'
  readonly key: MlDsaVerifyKey
}

/** A public key that signs notes; `parseVkey` and `noteKey` make it. */
export type NoteKey = Ed25519NoteKey | Ed25519CosignerKey | MlDsaCosignerKey

/** A key with its name and type. Throws `LogError` `key-name-malformed`. */
export function noteKey(name: string, type: 'ed25519', key: VerifyKey): Ed25519NoteKey
export function noteKey(name: string, type: 'ed25519Cosignature', key: VerifyKey): Ed25519CosignerKey
export function noteKey(name: string, type: 'mlDsa44Cosignature', key: MlDsaVerifyKey): MlDsaCosignerKey
export function noteKey(name: string, type: SignatureType, key: VerifyKey | MlDsaVerifyKey): NoteKey {
  checkKeyName(name)
  const hash = sha256(utf8(`${name}\n`), Uint8Array.of(SIGNATURE_TYPES[type]), key.bytes)
  return { name, type, key, id: toHex(hash.subarray(0, 4)) } as NoteKey
}

/** The text form: `<name>+<key ID>+<base64(type ‖ public key)>`. */
export function formatVkey(key: NoteKey): string {
  return `${key.name}+${key.id}+${toBase64(concat(Uint8Array.of(SIGNATURE_TYPES[key.type]), key.key.bytes))}`
}

/** The key of a text form, its key ID computed again. Throws `LogError` `vkey-malformed`; the text is public. */
export function parseVkey(text: string): NoteKey {
  const refuse = (why: string, cause?: unknown): LogError =>
    new LogError(`Not a note key (name+id+key): ${why}`, { code: 'vkey-malformed', cause })
  // The key's base64 may hold `+`; the name and the ID may not.
  const [, name, id, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text) ?? []
  if (name === undefined || id === undefined || base64 === undefined) throw refuse('one of three parts is missing')
  let key: NoteKey
  try {
    const bytes = fromBase64(base64)
    const material = bytes.subarray(1)
    switch (bytes[0]) {
      case SIGNATURE_TYPES.ed25519:
        key = noteKey(name, 'ed25519', VerifyKey.parse(material))
        break
      case SIGNATURE_TYPES.ed25519Cosignature:
        key = noteKey(name, 'ed25519Cosignature', VerifyKey.parse(material))
        break
      case SIGNATURE_TYPES.mlDsa44Cosignature:
        key = noteKey(name, 'mlDsa44Cosignature', MlDsaVerifyKey.parse(material))
        break
      default:
        throw refuse('its type is none of 0x01, 0x04, 0x06')
    }
  } catch (error) {
    if (LogError.is(error, 'vkey-malformed')) throw error
    throw refuse('the name or the key has not the right form', error)
  }
  if (key.id !== id) throw refuse(`its ID is ${key.id}, not ${id}`)
  return key
}

/** Whether a signature line names this key (both name and ID, signed-note §«Signatures»). */
export function isSignatureOf(signature: NoteSignature, key: NoteKey): boolean {
  return signature.name === key.name && signature.id === key.id
}

/** A private Ed25519 key with the name under which it signs notes. */
export interface NoteSigner {
  readonly name: string
  readonly key: SigningKey
}

/** The Ed25519 signature (type 0x01) of a text. Throws `LogError` `note-malformed` or `key-name-malformed`. */
export function signText(text: string, { name, key }: NoteSigner): NoteSignature {
  checkText(text)
  return { name, id: noteKey(name, 'ed25519', key.verifyKey).id, signature: key.sign(utf8(text)) }
}

/** Whether an Ed25519 signature (type 0x01) is good for the text. The caller has checked `isSignatureOf`. */
export function verifyText(text: string, signature: NoteSignature, key: Ed25519NoteKey): boolean {
  return key.key.verify(utf8(text), signature.signature)
}

/** The whole note. Throws `LogError` `note-malformed` when it would not parse. */
export function formatNote({ text, signatures }: Note): string {
  const note = `${text}\n${formatSignatures(signatures)}`
  parseNote(note)
  return note
}

/** Signature lines alone, as a witness answers them. */
export function formatSignatures(signatures: readonly NoteSignature[]): string {
  return signatures.map(({ name, id, signature }) => `— ${name} ${toBase64(concat(fromHex(id), signature))}\n`).join('')
}

/** Splits a note, verifying nothing. Throws `LogError` `note-malformed`. */
export function parseNote(note: string): Note {
  if (note.length > MAX_NOTE_LENGTH) throw malformed(`it has more than ${MAX_NOTE_LENGTH} characters`)
  // §«Format»: the text is separated from the signatures by the last empty line.
  const split = note.lastIndexOf('\n\n')
  if (split < 0) throw malformed('no empty line before signatures')
  const text = note.slice(0, split + 1)
  checkText(text)
  return { text, signatures: parseSignatures(note.slice(split + 2)) }
}

/** The signatures of lines alone. Throws `LogError` `note-malformed`, also for none and for more than 64. */
export function parseSignatures(lines: string): NoteSignature[] {
  if (lines.length > MAX_NOTE_LENGTH) throw malformed('its signatures are too long')
  if (!lines.endsWith('\n')) throw malformed('its last line does not end')
  const split = lines.slice(0, -1).split('\n')
  if (split.length > MAX_SIGNATURES) throw malformed(`it has more than ${MAX_SIGNATURES} signatures`)
  return split.map(line => {
    const [, name, base64] = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? []
    if (name === undefined || base64 === undefined) throw malformed('a line is not a signature')
    checkKeyName(name)
    let bytes: Bytes
    try {
      bytes = fromBase64(base64)
    } catch (cause) {
      throw malformed('a signature is not base64', cause)
    }
    if (bytes.length < 5) throw malformed('a signature is too short')
    return { name, id: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) }
  })
}

/** Throws `LogError` `key-name-malformed` unless the name is non-empty, without Unicode spaces, plus or control. */
export function checkKeyName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what the specification excludes
  if (name === '' || !name.isWellFormed() || /[\p{White_Space}+\u0000-\u001f]/u.test(name)) {
    throw new LogError('A key name is not empty and has neither spaces nor plus', { code: 'key-name-malformed' })
  }
}

function checkText(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what the specification excludes
  if (!text.isWellFormed() || /[\u0000-\u0009\u000b-\u001f]/.test(text)) {
    throw malformed('it holds control characters or is not Unicode')
  }
  if (!text.endsWith('\n')) throw malformed('its text does not end in a newline')
}

function malformed(why: string, cause?: unknown): LogError {
  return new LogError(`Not a signed note: ${why}`, { code: 'note-malformed', cause })
}
