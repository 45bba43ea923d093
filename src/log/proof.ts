// C2SP tlog-proof: one file that shows, offline and for ever, that a leaf is in the log and who witnessed it.
import { type Bytes, fromBase64, toBase64 } from '../crypto/bytes.ts'
import { requireQuorum, type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import { LogError } from './errors.ts'
import type { Policy } from './policy.ts'
import { HASH_LENGTH, leafHash, MAX_PROOF_LENGTH, verifyInclusion } from './tree.ts'

const HEADER = 'c2sp.org/tlog-proof@v1'
/** Longest extra data taken, in bytes. */
const MAX_EXTRA = 64 * 1024

/** What a proof file holds (§«Format»), not verified. */
export interface LogProof {
  /** Place of the leaf, 0..2^53-1. */
  readonly index: number
  /** Inclusion proof, the leaf's sibling first. */
  readonly proof: readonly Bytes[]
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string
  /** Opaque and not authenticated. */
  readonly extra?: Bytes
}

/** The file (extension `.tlog-proof`). Throws `LogError` `proof-malformed` when it would not parse. */
export function formatProof({ index, proof, checkpoint, extra }: LogProof): string {
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...proof.map(toBase64),
  ]
  const text = `${lines.join('\n')}\n\n${checkpoint}`
  parseProof(text)
  return text
}

/** Reads a proof file, verifying nothing; the checkpoint is not looked into. Throws `LogError` `proof-malformed`. */
export function parseProof(text: string): LogProof {
  const split = text.indexOf('\n\n')
  if (split < 0) throw malformed('no empty line before a checkpoint')
  const [header, ...lines] = text.slice(0, split).split('\n')
  if (header !== HEADER) throw malformed(`it does not begin with ${HEADER}`)
  const extra = lines[0]?.startsWith('extra ') ? decode(lines.shift()?.slice('extra '.length) ?? '') : undefined
  const [, index] = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? '') ?? []
  if (index === undefined || !Number.isSafeInteger(Number(index))) throw malformed('its index is not a number')
  if (extra !== undefined && extra.length > MAX_EXTRA) throw malformed(`its extra data is over ${MAX_EXTRA} bytes`)
  if (lines.length > MAX_PROOF_LENGTH) throw malformed('its inclusion proof is too long')
  const proof = lines.map(decode)
  if (proof.some(hash => hash.length !== HASH_LENGTH)) throw malformed('a hash has not 32 bytes')
  const checkpoint = text.slice(split + 2)
  return { index: Number(index), proof, checkpoint, ...(extra === undefined ? {} : { extra }) }
}

/** What a verified proof says. */
export interface VerifiedProof extends VerifiedCheckpoint {
  readonly index: number
  /** Opaque and still not authenticated. */
  readonly extra?: Bytes
}

/**
 * Checks that a proof file shows this leaf (`data`: for us the 32-byte entry hash) under a checkpoint that its log
 * signed and as many witnesses as the policy asks cosigned. Nothing else is needed: no network, no host.
 * With `now` (POSIX seconds), cosignatures from the future do not count.
 *
 * Throws `LogError`: `proof-malformed`, what `verifyCheckpoint` throws, `checkpoint-quorum`, `inclusion-proof`.
 */
export function verifyProof(
  text: string,
  data: Bytes,
  { policy, now }: { policy: Policy; now?: number },
): VerifiedProof {
  const { index, proof, checkpoint: signed, extra } = parseProof(text)
  const verified = verifyCheckpoint(signed, policy, now)
  requireQuorum(verified)
  const { size, root } = verified.checkpoint
  verifyInclusion({ leaf: leafHash(data), index, size, root, proof })
  return { ...verified, index, ...(extra === undefined ? {} : { extra }) }
}

function decode(base64: string): Bytes {
  try {
    return fromBase64(base64)
  } catch (cause) {
    throw malformed('a line is not base64', cause)
  }
}

function malformed(why: string, cause?: unknown): LogError {
  return new LogError(`Not a log proof: ${why}`, { code: 'proof-malformed', cause })
}
