import type { VerifyKey } from '../crypto/sign.ts'
import type { Certificate, Crl } from '../crypto/x509.ts'
import type { DeploymentId } from '../protocol/ids.ts'
import type { Acts } from './acts.ts'
import type { Journal } from './journal.ts'
import type { Store } from './store/store.ts'
import type { Strangers } from './strangers.ts'

/** What every part of the vault works with. */
export interface Context {
  readonly store: Store
  readonly journal: Journal
  readonly acts: Acts
  readonly strangers: Strangers
  readonly deployment: DeploymentId
  readonly insurerKey: VerifyKey
  /** As they are now. */
  readonly cardAuthorities: readonly Certificate[]
  /** Revocation lists as they are now; the host reloads them. */
  crls(): readonly Crl[]
  readonly clock: () => Date
}
