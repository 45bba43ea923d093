import type { Anchors } from '../protocol/anchors.ts'
import type { Vault } from '../vault/vault.ts'
import type { CardGate } from './cards.ts'
import type { Log } from './logging.ts'

/** The two doors of a host (docs/protocol/api.md). */
export type ListenerName = 'patients' | 'professionals'

/** What every route is given. */
export interface Context {
  readonly vault: Vault
  readonly anchors: Anchors
  /** The one origin whose pages may read the patients' listener; null without a portal. */
  readonly portal: string | null
  /** The only clock. */
  readonly clock: () => Date
  readonly log: Log
  readonly cards: CardGate
  /** Secret of OPAQUE, the text of `createSetup`. */
  readonly opaqueSetup: string
  /** Host and port that requests must be signed for, as in the anchors' URLs (port left out when 443). */
  readonly authorities: Readonly<Record<ListenerName, string>>
}
