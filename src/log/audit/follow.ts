/** One look at a live log: does what it publishes now extend what was seen before, signed and witnessed and fresh? Pure. */
import { fromUtf8, toBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { type VerifiedCheckpoint, verifyCheckpoint } from '../checkpoint.ts'
import { LogError } from '../errors.ts'
import type { Policy } from '../policy.ts'
import { type FetchTile, TileReader } from '../tile-reader.ts'
import type { FindingCode } from './finding.ts'

/** What was seen last of a log; the note is the evidence, should the log deny it. */
export interface Followed {
  readonly size: number
  /** base64url. */
  readonly root: string
  /** The signed checkpoint. */
  readonly note: string
}

/** Something to tell at once. Its code is a finding's (docs/audit.md). */
export interface Alarm {
  readonly code: FindingCode
  readonly message: string
  readonly evidence: object
}

export interface Look {
  /** What to remember: what was seen before, unless the log extends it. */
  readonly followed: Followed | null
  readonly alarms: readonly Alarm[]
  /** When a quorum had cosigned what is published; null without one. */
  readonly witnessedAt: string | null
}

/** An idle log is cosigned every five minutes: twice that is too old. Milliseconds. */
export const STALE_MS = 10 * 60_000

/** Looks once. Throws what `fetch` throws: a log that cannot be reached has said nothing. */
export async function followLog(
  before: Followed | null,
  { fetch, policy, origin, now }: { fetch: FetchTile; policy: Policy; origin: string; now: Date },
): Promise<Look> {
  const alarm = (code: FindingCode, message: string, evidence: object = {}): Alarm => ({ code, message, evidence })
  const stay = (...alarms: Alarm[]): Look => ({ followed: before, alarms, witnessedAt: null })
  const bytes = await fetch('checkpoint')
  if (bytes === null) return stay(alarm('checkpoint-missing', 'No checkpoint is published', { before }))
  let verified: VerifiedCheckpoint
  let note = ''
  try {
    note = fromUtf8(bytes)
    verified = verifyCheckpoint(note, policy, Math.floor(now.getTime() / 1000))
  } catch (error) {
    if (!CoffreError.is(error)) throw error
    return stay(alarm('checkpoint-signature', `${error.message} (${error.code})`, { note }))
  }
  const { checkpoint, quorum } = verified
  const { size, root } = checkpoint
  if (checkpoint.origin !== origin) {
    return stay(alarm('checkpoint-signature', 'The checkpoint has another origin than the anchors say', { note }))
  }
  const broken = await extendsBefore(before, { size, root }, fetch)
  if (broken !== null) return stay(alarm(broken.code, broken.message, { before, note, ...broken.evidence }))
  const alarms: Alarm[] = []
  const witnessedAt = verified.witnessedAt === null ? null : verified.witnessedAt * 1000
  if (!quorum) alarms.push(alarm('checkpoint-quorum', 'Too few witnesses cosigned the published checkpoint', { note }))
  if (witnessedAt !== null && now.getTime() - witnessedAt > STALE_MS) {
    const minutes = Math.floor((now.getTime() - witnessedAt) / 60_000)
    alarms.push(alarm('checkpoint-stale', `The published checkpoint was cosigned ${minutes} minutes ago`, { note }))
  }
  return {
    followed: { size, root: toBase64url(root), note },
    alarms,
    witnessedAt: witnessedAt === null ? null : new Date(witnessedAt).toISOString(),
  }
}

async function extendsBefore(
  before: Followed | null,
  tree: { readonly size: number; readonly root: Uint8Array },
  fetch: FetchTile,
): Promise<Alarm | null> {
  if (before === null || before.size === 0) return null
  if (tree.size < before.size) {
    const message = `The log had ${before.size} entries and now shows ${tree.size}`
    return { code: 'tail-cut', message, evidence: {} }
  }
  try {
    const root = await new TileReader(tree, fetch).rootAt(before.size)
    if (toBase64url(root) === before.root) return null
    const message = `The tree that the log now shows is not the one of ${before.size} entries that it showed before`
    return {
      code: 'tree-forked',
      message,
      evidence: { rootNow: toBase64url(root), rootBefore: before.root },
    }
  } catch (error) {
    if (!LogError.is(error)) throw error
    const code = error.code === 'tile-missing' ? 'tile-missing' : 'tile-altered'
    return { code, message: `${error.message} (${error.code})`, evidence: {} }
  }
}
