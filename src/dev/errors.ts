import { CoffreError } from '../crypto/errors.ts'

/** The development world cannot go on. Codes `port-taken`, `process-ended`, `not-ready`, `mail-missing`, `sms-missing`, `step-failed`, `usage`. */
export class DevError extends CoffreError {}
