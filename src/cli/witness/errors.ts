import { CoffreError } from '../../crypto/errors.ts'

/**
 * A witness cannot start or go on. Codes: `witness-config`, `witness-key`, `witness-state-missing`,
 * `witness-state-malformed`, `witness-state-exists`, `witness-state-unwritable`, `witness-state-locked`; `port-taken` is
 * shared with other servers.
 */
export class WitnessError extends CoffreError {}
