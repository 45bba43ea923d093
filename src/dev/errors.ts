import { CoffreError } from '../crypto/errors.ts'

/** The development world cannot go on. Codes `port-taken`, `process-ended`, `not-ready`, `mail-missing`, `step-failed`, `usage`. */
export class DevError extends CoffreError {}
