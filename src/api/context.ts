import type { Anchors } from '../protocol/anchors.ts'
import type { Vault } from '../vault/vault.ts'
import type { CardGate } from './cards.ts'
import type { Log } from './logging.ts'
import type { RateTable } from './rates.ts'

/** The two doors of a host (docs/protocol/api.md). */
export type ListenerName = 'patients' | 'professionals'

/** An act of the vault, done here or by another thread. */
type Act<T> = T extends (...args: infer A) => infer R ? (...args: A) => R | Promise<Awaited<R>> : never
type Acts<T> = { readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: Act<T[K]> }

/** The vault as routes see it: each act may be a call to the thread that owns the store. */
export type ApiVault = {
  readonly [P in
    | 'access'
    | 'accounts'
    | 'activation'
    | 'callers'
    | 'closings'
    | 'directory'
    | 'documents'
    | 'events'
    | 'log'
    | 'notices'
    | 'pairings'
    | 'portal'
    | 'records'
    | 'recoveries'
    | 'registrations'
    | 'sessions'
    | 'signIns'
    | 'states'
    | 'uploads']: Acts<Vault[P]>
} & { readonly strangers: { note(reason: string): void } }

/** What every route is given. */
export interface Context {
  readonly vault: ApiVault
  readonly anchors: Anchors
  /** The one origin whose pages may read the patients' listener; null without a portal. */
  readonly portal: string | null
  /** The only clock. */
  readonly clock: () => Date
  readonly log: Log
  /** What each client has used up of its allowance, shared by all threads. */
  readonly rates: RateTable
  readonly cards: CardGate
  /** Secret of OPAQUE, the text of `createSetup`. */
  readonly opaqueSetup: string
  /** Host and port that requests must be signed for, as in the anchors' URLs (port left out when 443). */
  readonly authorities: Readonly<Record<ListenerName, string>>
}

/** Host and port that requests must be signed for. */
export function authoritiesOf({ urls }: Anchors): Context['authorities'] {
  return { patients: new URL(urls.patients).host, professionals: new URL(urls.professionals).host }
}
