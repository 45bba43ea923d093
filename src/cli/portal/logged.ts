/** Whether the log names a build of the pages (docs/portal.md, "The build in the log"). */
import type { Trust } from '../../client/anchors.ts'
import { VerificationError } from '../../client/errors.ts'
import { Host } from '../../client/http.ts'
import { readLog } from '../../client/log-view.ts'
import { nothingSeen } from '../../client/seen.ts'
import { parseEntry } from '../../log/entry.ts'
import { PortalLogged } from '../../protocol/messages.ts'

/** Where it stands, and who vouches for the tree that it stands in. */
export interface LoggedBuild {
  /** When the host logged it, RFC 3339. */
  readonly t: string
  readonly leaf: number
  readonly witnesses: readonly string[]
  /** What a person must be told of the log; empty when all is well. */
  readonly warnings: readonly string[]
}

/**
 * Fetches the entry that names the newest build and proves that it stands in the log's tree, as witnesses cosigned it: whoever
 * is shown other pages than everybody else can find it out. Throws `VerificationError` (`portal-unlogged`, `portal-hash`), as
 * `Host.call`, `parseEntry`, `readLog`, `LogView.checkEntry`.
 */
export async function checkLogged(
  trust: Trust,
  { origin, hash, clock }: { readonly origin: string; readonly hash: string; readonly clock: () => Date },
): Promise<LoggedBuild> {
  const host = new Host({ anchors: trust.anchors, listener: 'patients', clock })
  try {
    const { entry } = await host.call({ method: 'GET', path: '/v1/portal', answer: PortalLogged })
    if (entry === null || entry.leaf === null) {
      throw new VerificationError(
        'The log names no build of the pages yet: ask the host’s operator (portalBuild), or try again in a minute',
        { code: 'portal-unlogged', evidence: entry },
      )
    }
    const { link, event, leaf } = entry
    const { hash: entryHash, parsed } = parseEntry({ link, event })
    const { action, object, t } = parsed.event
    if (action !== 'portal.build' || object.build !== hash || object.origin !== origin) {
      throw new VerificationError(
        `The log names ${object.build} for ${object.origin}, not ${hash} for ${origin}: take the published version, or tell the programme`,
        { code: 'portal-hash', evidence: entry },
      )
    }
    const log = await readLog(host, trust, clock, nothingSeen().tree)
    await log.checkEntry(entryHash, leaf)
    return { t, leaf, witnesses: log.witnesses, warnings: log.warnings }
  } finally {
    await host.close()
  }
}
