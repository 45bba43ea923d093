/** Which build of the patient's pages the programme has published: an entry of the host's own chain, for anybody to check. */

import type { EntryLines } from '../protocol/entry.ts'
import type { Hash } from '../protocol/ids.ts'
import type { PortalLogged } from '../protocol/messages.ts'

/** A build, and where it is to be served from. */
export interface PortalBuild {
  readonly origin: string
  /** SHA-256 of the build's list of files. */
  readonly build: Hash
}

/** Writes the entry, and says where it stands. */
interface Log {
  append(build: PortalBuild): Promise<EntryLines & { readonly hash: Hash }>
  leafOf(hash: Hash): { readonly leaf: number | null }
}

export class PortalBuilds {
  readonly #log: Log
  #named: PortalBuild | null = null
  #entry: (EntryLines & { readonly hash: Hash }) | null = null

  constructor(log: Log) {
    this.#log = log
  }

  /** Logs the build, unless the last one named since the start is the same: each start of a host names it once. */
  async name(build: PortalBuild): Promise<void> {
    if (this.#named?.origin === build.origin && this.#named.build === build.build) return
    this.#entry = await this.#log.append(build)
    this.#named = build
  }

  /** The newest entry. */
  logged(): PortalLogged {
    if (this.#entry === null) return { entry: null }
    const { link, event, hash } = this.#entry
    return { entry: { link, event, ...this.#log.leafOf(hash) } }
  }
}
