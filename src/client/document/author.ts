/** The key statements of documents' authors, fetched from the directory and verified here. */
import { CryptoError } from '../../crypto/errors.ts'
import type { VerifiedKey } from '../../log/key-statement.ts'
import { PublishedKey } from '../../protocol/directory.ts'
import type { Hash } from '../../protocol/ids.ts'
import type { Trust } from '../anchors.ts'
import type { Clock } from '../clock.ts'
import type { Host } from '../http.ts'
import { verifyPublishedKey } from '../trust.ts'

/** Gives the key statement of that hash, its card's chain verified to hold at that time. */
export type AuthorKeys = (keyStatement: Hash, at: Date) => Promise<VerifiedKey>

/**
 * A key that was found to hold at two times holds at each between them: dates are spans, and who was not revoked by the later
 * one was not before it (of the same lists). So a doctor's card is looked at twice in a long list, not at each document.
 */
interface Held {
  readonly key: VerifiedKey
  readonly from: Date
  readonly until: Date
}

/** Authors' keys from the host's directory; what was fetched once is not fetched again by the same function. */
export function directoryAuthors(host: Host, trust: Trust, clock: Clock): AuthorKeys {
  const published = new Map<Hash, Promise<PublishedKey>>()
  const held = new Map<Hash, Held>()
  const turns = new Map<Hash, Promise<unknown>>()
  const look: AuthorKeys = async (keyStatement, at) => {
    const before = held.get(keyStatement)
    if (before !== undefined && before.from <= at && at <= before.until) return before.key
    let known = published.get(keyStatement)
    if (known === undefined) {
      known = host.call({ method: 'GET', path: `/v1/keys/${keyStatement}`, answer: PublishedKey })
      published.set(keyStatement, known)
    }
    const statement = await known
    const now = clock()
    const verified = (at: Date) => verifyAuthor(trust, statement, { hash: keyStatement, at, now })
    const key = await verified(at)
    const from = before !== undefined && before.from < at ? before.from : at
    const until = before !== undefined && before.until > at ? before.until : at
    // Lists come in order of time: the first look is at its time and at now, which is after all that follow.
    const isGoodNow = before === undefined && at < now && (await verified(now).then(isTrue, isFalse))
    held.set(keyStatement, { key, from, until: isGoodNow ? now : until })
    return key
  }
  // Of many documents that are opened at once the first one looks, for all.
  return (keyStatement, at) => {
    const turn = (turns.get(keyStatement) ?? Promise.resolve()).then(() => look(keyStatement, at))
    turns.set(
      keyStatement,
      turn.catch(() => undefined),
    )
    return turn
  }
}

const isTrue = () => true
const isFalse = () => false

/**
 * Verifies an author's key as it stood at `at`: dates of card and key at that time; revocation by lists in force then, or
 * else by those in force now, which refuse a card revoked by `at` and not one revoked only later. (An authority may leave
 * an expired card out of its lists, RFC 5280 §3.3: a revocation that only such a list told is then not seen any more.)
 * Throws as `verifyPublishedKey`.
 */
export async function verifyAuthor(
  trust: Trust,
  published: PublishedKey,
  { hash, at, now }: { readonly hash: Hash; readonly at: Date; readonly now: Date },
): Promise<VerifiedKey> {
  try {
    return await verifyPublishedKey(trust, published, { at, expected: { hash } })
  } catch (error) {
    if (!CryptoError.is(error, 'crl-stale') || now <= at) throw error
    return await verifyPublishedKey(trust, published, { at, listsAt: now, expected: { hash } })
  }
}
