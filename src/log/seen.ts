import { toBase64url } from '../crypto/bytes.ts'
import type { Hash } from '../protocol/ids.ts'
import { LogError } from './errors.ts'
import { emptyRoot } from './tree.ts'

/** What a caller last verified, said in every request under its signature (`coffre-seen`). */
export interface Seen {
  readonly tree: { readonly size: number; readonly root: Hash }
  /** The last entry of the own chain: for patients. */
  readonly chain?: { readonly n: number; readonly hash: Hash }
  /** The entry hash of the last own receipt: for professionals and establishments. */
  readonly receipt?: Hash
}

/** Nothing seen yet. */
export const NOTHING_SEEN: Seen = { tree: { size: 0, root: toBase64url(emptyRoot()) as Hash } }

const HASH = '[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]'
const FORM = new RegExp(
  `^tree=(0|[1-9]\\d{0,12}):(${HASH})(?:, chain=(0|[1-9]\\d{0,12}):(${HASH})|, receipt=(${HASH}))?$`,
)

/** The header's text. */
export function formatSeen({ tree, chain, receipt }: Seen): string {
  const rest = chain ? `, chain=${chain.n}:${chain.hash}` : receipt ? `, receipt=${receipt}` : ''
  return `tree=${tree.size}:${tree.root}${rest}`
}

/** Throws `LogError` `seen-malformed`. */
export function parseSeen(text: string): Seen {
  const match = FORM.exec(text)
  if (match === null) throw new LogError('coffre-seen has not the form it should', { code: 'seen-malformed' })
  const [, size, root, n, hash, receipt] = match
  return {
    tree: { size: Number(size), root: root as Hash },
    ...(n !== undefined && { chain: { n: Number(n), hash: hash as Hash } }),
    ...(receipt !== undefined && { receipt: receipt as Hash }),
  }
}
