// C2SP tlog-checkpoint: what a tree comes to, in a note that the log signs with Ed25519 (0x01) and, as a cosignature of
// its own, ML-DSA-44 (0x06), and that witnesses cosign.
import { type Bytes, fromBase64, toBase64, utf8 } from '../crypto/bytes.ts'
import type { MlDsaSigningKey } from '../crypto/mldsa.ts'
import type { SigningKey } from '../crypto/sign.ts'
import { type CosignedTree, type CosignerKey, cosign, cosignatureTime } from './cosignature.ts'
import { LogError } from './errors.ts'
import {
  formatNote,
  isSignatureOf,
  type Note,
  type NoteKey,
  type NoteSignature,
  noteKey,
  parseNote,
  parseSignatures,
  signText,
  verifyText,
} from './note.ts'
import { meetsQuorum, type Policy } from './policy.ts'
import { HASH_LENGTH } from './tree.ts'

/** The note text of a checkpoint. */
export interface Checkpoint {
  /** The log, 1 to 255 bytes. */
  readonly origin: string
  /** Leaves, 0..2^53-1. */
  readonly size: number
  /** Root over them, 32 bytes. */
  readonly root: Bytes
  /** Lines after the third. Ours has none: the ML-DSA-44 signature does not cover them. */
  readonly extensions: readonly string[]
}

/** How far a cosigner's clock may be ahead of the verifier's, in seconds. */
export const CLOCK_ALLOWANCE_SECONDS = 300

/** The note text. Throws `LogError` `checkpoint-malformed`. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  const text = `${[origin, size, toBase64(root), ...extensions].join('\n')}\n`
  parseCheckpoint(text)
  return text
}

/** Reads a note text. Throws `LogError` `checkpoint-malformed`. */
export function parseCheckpoint(text: string): Checkpoint {
  const malformed = (why: string, cause?: unknown): LogError =>
    new LogError(`Not a checkpoint: ${why}`, { code: 'checkpoint-malformed', cause })
  if (!text.endsWith('\n')) throw malformed('its text does not end in a newline')
  const [origin, size, hash, ...extensions] = text.slice(0, -1).split('\n')
  if (!origin || !size || !hash || extensions.includes('')) throw malformed('a line is missing or empty')
  if (!text.isWellFormed()) throw malformed('it is not Unicode')
  if (utf8(origin).length > 255) throw malformed('its origin is longer than 255 bytes')
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw malformed('its size is not a decimal number up to 2^53-1')
  }
  let root: Bytes
  try {
    root = fromBase64(hash)
  } catch (cause) {
    throw malformed('its root is not base64', cause)
  }
  if (root.length !== HASH_LENGTH) throw malformed('its root has not 32 bytes')
  return { origin, size: Number(size), root, extensions }
}

/** The keys with which a log signs; its origin is the name of both. */
export interface LogSigner {
  readonly origin: string
  readonly ed25519: SigningKey
  readonly mlDsa44: MlDsaSigningKey
}

/** The public keys of a log, for its policy. */
export function logKeys({ origin, ed25519, mlDsa44 }: LogSigner): NoteKey[] {
  return [noteKey(origin, 'ed25519', ed25519.verifyKey), noteKey(origin, 'mlDsa44Cosignature', mlDsa44.verifyKey)]
}

/**
 * The signed checkpoint. `time` in POSIX seconds, for the ML-DSA-44 signature. The caller makes sure that it extends
 * every checkpoint signed before: nothing here can.
 * Throws `LogError` `checkpoint-malformed` or `key-name-malformed` (the origin is a key name too).
 */
export function signCheckpoint(
  { size, root }: { readonly size: number; readonly root: Bytes },
  { origin, ed25519, mlDsa44 }: LogSigner,
  time: number,
): string {
  const text = formatCheckpoint({ origin, size, root, extensions: [] })
  return formatNote({
    text,
    signatures: [
      signText(text, { name: origin, key: ed25519 }),
      ...cosign({ text, origin, size, root }, { name: origin, mlDsa44 }, time),
    ],
  })
}

/** A checkpoint that its log signed, with the note it came in. */
export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint
  readonly note: Note
}

/**
 * Returns the checkpoint of a note that its log signed: with every type of key that `keys` has under its origin, and
 * with no bad signature by one of them (signed-note §«Signatures»). Requiring each type, where tlog-policy is content
 * with one, is what makes the second type worth anything; two keys of one type under one origin allow a rotation.
 *
 * Throws `LogError`: `note-malformed`, `checkpoint-malformed`, `checkpoint-origin` (no key has that name) or
 * `checkpoint-signature`, the note as evidence.
 */
export function verifyLogSignatures(signed: string, keys: readonly NoteKey[]): SignedCheckpoint {
  const note = parseNote(signed)
  const checkpoint = parseCheckpoint(note.text)
  const known = keys.filter(key => key.name === checkpoint.origin)
  if (known.length === 0) {
    throw new LogError('The checkpoint is of a log that is not known here', {
      code: 'checkpoint-origin',
      evidence: { origin: checkpoint.origin },
    })
  }
  const tree = { text: note.text, ...checkpoint }
  const good = new Set<string>()
  for (const key of known) {
    for (const signature of note.signatures.filter(each => isSignatureOf(each, key))) {
      if (!verifySignature(tree, signature, key)) throw badSignature(`by ${key.name}`, signed)
      good.add(key.type)
    }
  }
  for (const { type } of known) {
    if (!good.has(type)) throw badSignature(`of type ${type} is missing, or`, signed)
  }
  return { checkpoint, note }
}

/** A witness of the policy that cosigned. */
export interface Cosigned {
  /** Its name in the policy. */
  readonly name: string
  /** When it did, in POSIX seconds; its latest, when there are several. */
  readonly time: number
}

/** What `verifyCheckpoint` found. */
export interface VerifiedCheckpoint extends SignedCheckpoint {
  /** Witnesses whose cosignatures are good, in the policy's order. */
  readonly cosigned: readonly Cosigned[]
  /** Whether they meet the policy's quorum. When not, what is sensitive must wait (or call `requireQuorum`). */
  readonly quorum: boolean
  /**
   * The latest time (POSIX seconds) at which a whole quorum had cosigned: the *witnessed* time of this checkpoint.
   * `null` without a quorum, and for the quorum `none`.
   */
  readonly witnessedAt: number | null
}

/**
 * Checks a checkpoint against a policy: the log's signatures must hold (else it throws, as `verifyLogSignatures`); the
 * witnesses' are counted. A bad signature that names a key of the policy refuses the whole note.
 * With `now` (POSIX seconds), cosignatures more than 300 s in the future do not count. Those without a time never do.
 */
export function verifyCheckpoint(signed: string, policy: Policy, now?: number): VerifiedCheckpoint {
  const log = verifyLogSignatures(
    signed,
    policy.logs.map(({ key }) => key),
  )
  const tree = { text: log.note.text, ...log.checkpoint }
  const latest = now === undefined ? Number.POSITIVE_INFINITY : now + CLOCK_ALLOWANCE_SECONDS
  const cosigned: Cosigned[] = []
  for (const { name, key } of policy.witnesses) {
    let time = 0
    for (const signature of log.note.signatures.filter(each => isSignatureOf(each, key))) {
      const made = cosignatureTime(tree, signature, key)
      if (made === null) throw badSignature(`by ${key.name}`, signed)
      if (made <= latest) time = Math.max(time, made)
    }
    if (time > 0) cosigned.push({ name, time })
  }
  const quorum = meetsQuorum(policy, new Set(cosigned.map(({ name }) => name)))
  return { ...log, cosigned, quorum, witnessedAt: quorum ? witnessedTime(policy, cosigned) : null }
}

/** Throws `LogError` `checkpoint-quorum`, with those who did cosign as evidence, unless the quorum was met. */
export function requireQuorum({ quorum, cosigned, checkpoint }: VerifiedCheckpoint): void {
  if (quorum) return
  throw new LogError('Too few witnesses cosigned this checkpoint: wait for a later one', {
    code: 'checkpoint-quorum',
    evidence: { checkpoint, cosigned },
  })
}

/**
 * The checkpoint with what a witness answered: its good cosignatures by these keys put in place of older ones by the
 * same keys. Lines of other keys are ignored (tlog-witness §«add-checkpoint»).
 * Throws `LogError` `note-malformed`, or `checkpoint-signature` for a bad one and when there is none.
 */
export function addCosignatures(signed: string, answer: string, keys: readonly CosignerKey[]): string {
  const { text, signatures } = parseNote(signed)
  const tree = { text, ...parseCheckpoint(text) }
  const added: NoteSignature[] = []
  for (const signature of parseSignatures(answer)) {
    const key = keys.find(each => isSignatureOf(signature, each))
    if (key === undefined) continue
    const time = cosignatureTime(tree, signature, key)
    if (time === null || time === 0) throw badSignature(`by ${key.name}`, answer)
    added.push(signature)
  }
  if (added.length === 0) throw badSignature('by this witness is missing, or', answer)
  const kept = signatures.filter(old => !added.some(({ name, id }) => name === old.name && id === old.id))
  return formatNote({ text, signatures: [...kept, ...added] })
}

function verifySignature(tree: CosignedTree, signature: NoteSignature, key: NoteKey): boolean {
  if (key.type === 'ed25519') return verifyText(tree.text, signature, key)
  return cosignatureTime(tree, signature, key) !== null
}

function witnessedTime(policy: Policy, cosigned: readonly Cosigned[]): number | null {
  if (policy.quorum === 'none') return null
  const times = [...new Set(cosigned.map(({ time }) => time))].sort((a, b) => b - a)
  for (const at of times) {
    const then = cosigned.filter(({ time }) => time >= at)
    if (meetsQuorum(policy, new Set(then.map(({ name }) => name)))) return at
  }
  return null
}

function badSignature(whose: string, evidence: string): LogError {
  return new LogError(`A signature ${whose} does not verify: do not use this checkpoint`, {
    code: 'checkpoint-signature',
    evidence,
  })
}
