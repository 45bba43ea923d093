// C2SP tlog-witness, `add-checkpoint`: the whole decision of a witness as a function of what it last cosigned, and the
// request as a log's side writes it. No clock, no disk, no network: `src/cli/witness` has those.
import { type Bytes, equal, fromBase64, toBase64 } from '../crypto/bytes.ts'
import { parseCheckpoint, type SignedCheckpoint, verifyLogSignatures } from './checkpoint.ts'
import { type Cosigner, cosign } from './cosignature.ts'
import { LogError } from './errors.ts'
import { formatSignatures, type NoteKey, parseNote } from './note.ts'
import { emptyRoot, HASH_LENGTH, MAX_PROOF_LENGTH, verifyConsistency } from './tree.ts'

/** Longest request taken, in UTF-16 units: a checkpoint with many cosignatures, and its proof. */
export const MAX_REQUEST_LENGTH = 128 * 1024

/** What a witness remembers of a log: all it needs never to sign a fork or a shrink. */
export interface WitnessState {
  /** Of the last checkpoint it cosigned. */
  readonly size: number
  readonly root: Bytes
  /** Time of that cosignature, POSIX seconds. */
  readonly time: number
}

/** The body of a request. */
export interface AddCheckpoint {
  /** Size of the checkpoint that the witness is thought to have cosigned last; 0 for none. */
  readonly oldSize: number
  /** Consistency proof from there; empty for `oldSize` 0 and for equal sizes. */
  readonly proof: readonly Bytes[]
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string
}

/** The request body. Throws `LogError` `request-malformed` when a witness could not read it. */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  const body = `${[`old ${oldSize}`, ...proof.map(toBase64)].join('\n')}\n\n${checkpoint}`
  parseAddCheckpoint(body)
  return body
}

/** Reads a request body; the checkpoint is not looked into. Throws `LogError` `request-malformed`. */
export function parseAddCheckpoint(body: string): AddCheckpoint {
  const malformed = (why: string, cause?: unknown): LogError =>
    new LogError(`Not an add-checkpoint request: ${why}`, { code: 'request-malformed', cause })
  if (body.length > MAX_REQUEST_LENGTH) throw malformed('it is too long')
  const split = body.indexOf('\n\n')
  if (split < 0) throw malformed('no empty line before a checkpoint')
  const [first, ...lines] = body.slice(0, split).split('\n')
  const [, old] = /^old (0|[1-9][0-9]{0,15})$/.exec(first ?? '') ?? []
  if (old === undefined || !Number.isSafeInteger(Number(old))) throw malformed('its first line is not: old <size>')
  if (lines.length > MAX_PROOF_LENGTH) throw malformed(`it has more than ${MAX_PROOF_LENGTH} proof lines`)
  const proof = lines.map(line => {
    try {
      const hash = fromBase64(line)
      if (hash.length === HASH_LENGTH) return hash
    } catch (cause) {
      throw malformed('a proof line is not base64', cause)
    }
    throw malformed('a proof line has not 32 bytes')
  })
  return { oldSize: Number(old), proof, checkpoint: body.slice(split + 2) }
}

/**
 * The size that a witness says it cosigned last, out of its 409 answer; `null` for any other answer. The log asks again
 * from there, or, should it be larger than its own tree, stops: it was restored from too old a copy.
 */
export function conflictSize(answer: { status: number; contentType: string | null; body: string }): number | null {
  if (answer.status !== 409 || answer.contentType !== 'text/x.tlog.size') return null
  const [, size] = /^(0|[1-9][0-9]{0,15})\n$/.exec(answer.body) ?? []
  return size !== undefined && Number.isSafeInteger(Number(size)) ? Number(size) : null
}

/** What a witness knows and is. */
export interface WitnessSetup {
  /** All keys of all the logs it serves; a log is known by the name its keys have, its origin. */
  readonly logs: readonly NoteKey[]
  /** Its own. */
  readonly cosigner: Cosigner
}

/** What a witness answers, and what it must have on disk before it does. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422
  readonly contentType: 'text/plain; charset=utf-8' | 'text/x.tlog.size'
  readonly body: string
  /** With status 200 alone: to be durable before the answer is sent, and before the next request is looked at. */
  readonly next?: { readonly origin: string; readonly state: WitnessState }
  /** A log signed two trees that cannot both be its own: what proves it. */
  readonly evidence?: { readonly origin: string; readonly state: WitnessState; readonly request: string }
}

/** Gives what was last cosigned for an origin, `null` for nothing yet. */
export type StateOf = (origin: string) => WitnessState | null

/**
 * Decides on one `add-checkpoint` request, in the order of §«add-checkpoint»:
 * 400 it cannot be read · 404 the origin is unknown · 403 the log's signature is missing or bad (all of its key types
 * are wanted, as in `verifyLogSignatures`) · 400 it goes backwards · 409 with the size (`text/x.tlog.size`) when the old
 * size is not the one last cosigned · 409 another root for the same size · 422 the proof does not hold · 200 with the
 * cosignatures.
 *
 * `now` in POSIX seconds. Should the clock have gone back, the last time is given again: a witness never says that at an
 * earlier moment it knew a larger tree.
 */
export function addCheckpoint(
  request: string,
  { stateOf, now, ...setup }: WitnessSetup & { readonly stateOf: StateOf; readonly now: number },
): WitnessAnswer {
  let read: AddCheckpoint
  let origin: string
  try {
    read = parseAddCheckpoint(request)
    origin = parseCheckpoint(parseNote(read.checkpoint).text).origin
  } catch (error) {
    return refuse(400, error)
  }
  let signed: SignedCheckpoint
  try {
    signed = verifyLogSignatures(read.checkpoint, setup.logs)
  } catch (error) {
    return refuse(LogError.is(error, 'checkpoint-origin') ? 404 : 403, error)
  }
  const { size, root } = signed.checkpoint
  if (read.oldSize > size) return answer(400, 'The old size is larger than the checkpoint')

  const state = stateOf(origin)
  const known = state?.size ?? 0
  if (read.oldSize !== known) {
    return { status: 409, contentType: 'text/x.tlog.size', body: `${known}\n` }
  }
  const evidence = state === null ? {} : { evidence: { origin, state, request } }
  if (size === known && !equal(root, state?.root ?? emptyRoot())) {
    return { ...answer(409, 'Another root was cosigned for this size'), ...evidence }
  }
  try {
    checkProof(read, signed, state)
  } catch (error) {
    return { ...refuse(422, error), ...evidence }
  }
  const time = Math.max(now, state?.time ?? 0)
  const signatures = cosign({ text: signed.note.text, ...signed.checkpoint }, setup.cosigner, time)
  return {
    status: 200,
    contentType: 'text/plain; charset=utf-8',
    body: formatSignatures(signatures),
    next: { origin, state: { size, root, time } },
  }
}

function checkProof({ proof }: AddCheckpoint, { checkpoint }: SignedCheckpoint, state: WitnessState | null): void {
  const { size, root } = checkpoint
  if (state === null || state.size === 0) {
    // Everything extends the empty tree; §«add-checkpoint»: «the proof MUST be empty if the old size is zero».
    if (proof.length === 0) return
    throw new LogError('A proof from size 0 is empty', { code: 'consistency-proof' })
  }
  verifyConsistency({ oldSize: state.size, oldRoot: state.root, size, root, proof })
}

function refuse(status: 400 | 403 | 404 | 422, error: unknown): WitnessAnswer {
  if (!LogError.is(error)) throw error
  return answer(status, error.message)
}

function answer(status: WitnessAnswer['status'], message: string): WitnessAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${message}\n` }
}
