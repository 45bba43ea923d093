import { fromBase64url, fromUtf8, toBase64url } from '../crypto/bytes.ts'
import { type VerifiedCheckpoint, verifyCheckpoint } from '../log/checkpoint.ts'
import { LogError } from '../log/errors.ts'
import { formatProof } from '../log/proof.ts'
import { TileReader } from '../log/tile-reader.ts'
import { leafHash, verifyConsistency, verifyInclusion } from '../log/tree.ts'
import type { Hash } from '../protocol/ids.ts'
import type { Trust } from './anchors.ts'
import type { Clock } from './clock.ts'
import { HostRefusal, VerificationError } from './errors.ts'
import type { Host } from './http.ts'

/** Longest checkpoint note read, bytes: two ML-DSA-44 signatures a signer. */
const CHECKPOINT_LIMIT = 256 * 1024
/** Longest tile or bundle of 32-byte entries read, bytes. */
const TILE_LIMIT = 64 * 1024
/** A witness that was heard longer ago than this, seconds, gives a warning: nobody is to be frozen in the past. */
const WITNESS_AGE_MAX = 600

/** A tree as a client remembers it. */
export interface TreeMark {
  readonly size: number
  readonly root: Hash
}

/** A checkpoint that was verified and extends what was seen before. */
export interface LogView {
  readonly tree: TreeMark
  /** The signed note, as served. */
  readonly checkpoint: string
  /** Names of the policy's witnesses that cosigned; one with two keys counts when both did. */
  readonly witnesses: readonly string[]
  /** When a whole quorum had cosigned, POSIX seconds; null without one. */
  readonly witnessedAt: number | null
  /** What a person must be told: too few witnesses, or too long ago. Empty when all is well. */
  readonly warnings: readonly string[]
  /** Whether as many witnesses as the policy asks have cosigned it, and lately. */
  readonly isFresh: boolean
  /** Proves that an entry stands at a leaf of this tree. Throws `LogError` `inclusion-proof`, `tile-…`, `tree-range`. */
  checkEntry(entryHash: Hash, leaf: number): Promise<void>
  /**
   * The same as a file (C2SP tlog-proof) that shows it to anybody with the policy, offline and for ever. Null without a
   * quorum of witnesses: such a file would prove nothing. Throws as `checkEntry`.
   */
  proveEntry(entryHash: Hash, leaf: number): Promise<string | null>
}

/**
 * Fetches the log's newest checkpoint, checks its signatures and witnesses by the anchors' policy, and proves that it
 * extends the tree seen before. Throws `LogError` (`checkpoint-…`, `tile-…`, `consistency-proof`), `VerificationError`
 * `tree-rolled-back` or `tree-forked` with both trees as evidence.
 */
export async function readLog(host: Host, trust: Trust, clock: Clock, seen: TreeMark): Promise<LogView> {
  const note = fromUtf8(await host.bytes({ method: 'GET', path: '/log/checkpoint', limit: CHECKPOINT_LIMIT }))
  const now = Math.floor(clock().getTime() / 1000)
  const verified = verifyCheckpoint(note, trust.policy, now)
  const { size, root, origin } = verified.checkpoint
  if (origin !== trust.anchors.origin) {
    throw new VerificationError('The checkpoint is of another log than the one of the anchors', {
      code: 'checkpoint-origin',
      evidence: { checkpoint: note },
    })
  }
  const reader = new TileReader({ size, root }, path => fetchTile(host, path))
  const witnesses = witnessNames(trust, verified)
  const warnings = warningsOf(verified, witnesses.length, now)
  const tree: TreeMark = { size, root: toBase64url(root) as Hash }
  await checkExtends(reader, seen, { size, root }, note)
  const provenInclusion = async (entryHash: Hash, leaf: number) => {
    if (leaf >= size) throw new LogError(`A tree of ${size} leaves has no leaf ${leaf}`, { code: 'tree-range' })
    const proof = await reader.inclusionProof(leaf)
    verifyInclusion({ leaf: leafHash(fromBase64url(entryHash)), index: leaf, size, root, proof })
    return proof
  }
  return {
    tree,
    checkpoint: note,
    witnesses,
    witnessedAt: verified.witnessedAt,
    warnings,
    isFresh: warnings.length === 0,
    async checkEntry(entryHash, leaf) {
      await provenInclusion(entryHash, leaf)
    },
    async proveEntry(entryHash, leaf) {
      const proof = await provenInclusion(entryHash, leaf)
      return verified.quorum ? formatProof({ index: leaf, proof, checkpoint: note }) : null
    },
  }
}

async function checkExtends(
  reader: TileReader,
  seen: TreeMark,
  now: { readonly size: number; readonly root: Uint8Array },
  note: string,
): Promise<void> {
  const evidence = { seen, served: note }
  if (now.size < seen.size) {
    throw new VerificationError(`The log has ${now.size} leaves, after ${seen.size} were seen: it was cut`, {
      code: 'tree-rolled-back',
      evidence,
    })
  }
  if (seen.size === 0) return
  if (now.size === seen.size) {
    if (toBase64url(now.root) === seen.root) return
    throw new VerificationError('The log is not the one seen before: it was rewritten', {
      code: 'tree-forked',
      evidence,
    })
  }
  const proof = await reader.consistencyProof(seen.size)
  try {
    verifyConsistency({
      oldSize: seen.size,
      oldRoot: fromBase64url(seen.root),
      size: now.size,
      root: now.root,
      proof,
    })
  } catch (cause) {
    throw new VerificationError('The log does not extend what was seen before: it was rewritten', {
      code: 'tree-forked',
      evidence: { ...evidence, proof: proof.map(toBase64url) },
      cause,
    })
  }
}

function witnessNames({ policy }: Trust, { cosigned }: VerifiedCheckpoint): string[] {
  const good: ReadonlySet<string> = new Set(cosigned.map(({ name }) => name))
  // A witness with several keys is a group of the policy; the quorum itself is none.
  const groups = policy.groups.filter(({ name }) => name !== policy.quorum)
  const members: ReadonlySet<string> = new Set(groups.flatMap(group => group.members))
  const met = groups.filter(group => group.members.filter(member => good.has(member)).length >= group.threshold)
  return [...met.map(({ name }) => name), ...[...good].filter(name => !members.has(name))]
}

function warningsOf({ quorum, witnessedAt }: VerifiedCheckpoint, witnesses: number, now: number): string[] {
  if (!quorum) {
    return [`Too few witnesses (${witnesses}) have cosigned the log; its policy asks for more. Come back later.`]
  }
  if (witnessedAt !== null && now - witnessedAt > WITNESS_AGE_MAX) {
    return [
      `The witnesses last saw this log ${Math.floor((now - witnessedAt) / 60)} minutes ago; it may be out of date.`,
    ]
  }
  return []
}

async function fetchTile(host: Host, path: string): Promise<Uint8Array | null> {
  try {
    return await host.bytes({ method: 'GET', path: `/log/${path}`, limit: TILE_LIMIT })
  } catch (error) {
    if (HostRefusal.is(error) && error.status === 404) return null
    throw error
  }
}
