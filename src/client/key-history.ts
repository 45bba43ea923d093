/** All keys that a professional or an establishment ever published. */
import { toBase64url } from '../crypto/bytes.ts'
import { statementHash } from '../crypto/statement.ts'
import type { VerifiedKey } from '../log/key-statement.ts'
import { peek } from '../log/verified.ts'
import { KeyVersions } from '../protocol/directory.ts'
import type { Hash, NationalId } from '../protocol/ids.ts'
import { KeyStatement, StatementTyp } from '../protocol/statements.ts'
import type { Trust } from './anchors.ts'
import type { Clock } from './clock.ts'
import { verifyAuthor } from './document/author.ts'
import { VerificationError } from './errors.ts'
import type { Host } from './http.ts'
import type { LogView } from './log-view.ts'
import { verifyWithdrawal } from './trust.ts'

export interface KeyVersion {
  readonly key: VerifiedKey
  /** Whether the entry of its publication stands in the tree already; it must within a minute. */
  readonly isLogged: boolean
  /** Since when its holder has taken it back. */
  readonly withdrawn: Date | null
}

/**
 * Every version, the first one first, each verified as of when it began, and its entry proved to be in the log.
 * docs/protocol/key-statement.md says what that does not prove. Throws `HostRefusal` `key-unknown`, `VerificationError`
 * `key-versions` when one is missing, twice or another holder's, and as `verifyPublishedKey` and `LogView.checkEntry`.
 */
export async function readKeyHistory(
  { host, trust, clock, log }: { host: Host; trust: Trust; clock: Clock; log: LogView },
  nationalId: NationalId,
): Promise<KeyVersion[]> {
  const path = `/v1/professionals/${nationalId}/versions`
  const { versions, crls } = await host.call({ method: 'GET', path, answer: KeyVersions })
  const history: KeyVersion[] = []
  for (const { statement, withdrawal, entry, leaf } of versions) {
    const { notBefore } = peek(statement, { typ: StatementTyp.key, schema: KeyStatement })
    const check = { hash: toBase64url(statementHash(statement)) as Hash, at: new Date(notBefore), now: clock() }
    const key = await verifyAuthor(trust, { statement, crls }, check)
    const before = history.at(-1)?.key ?? null
    const { seq, prev, nationalId: holder } = key.payload
    if (seq !== history.length || prev !== (before?.hash ?? null) || holder !== nationalId) {
      throw new VerificationError('The host does not show all keys of this holder, in their order', {
        code: 'key-versions',
        evidence: { nationalId, versions: versions.map(version => version.statement) },
      })
    }
    const isLogged = leaf !== null && leaf < log.tree.size
    if (isLogged) await log.checkEntry(entry, leaf)
    const taken = withdrawal === undefined ? { crls } : { crls, withdrawal }
    history.push({ key, isLogged, withdrawn: await verifyWithdrawal(trust, taken, key, clock()) })
  }
  return history
}
