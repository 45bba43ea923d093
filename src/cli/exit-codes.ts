/** What the program's exit code says (also printed by `coffre --help`). */
import { ConnectionError, HostRefusal, InputError, StepError } from '../client/errors.ts'
import { CoffreError } from '../crypto/errors.ts'
import { UsageError } from './command.ts'

export const EXIT = {
  ok: 0,
  /** A defect: please report it. */
  unexpected: 1,
  /** The command line cannot be obeyed as typed. */
  usage: 2,
  /** The host refused (its problem code is shown). */
  refused: 3,
  /** A check failed: somebody or something altered what was to be trusted. Nothing was opened. */
  verification: 4,
  /** Something is not there yet, or an earlier step is missing. */
  missing: 5,
  /** No answer: network, address, port. */
  unreachable: 6,
  /** An audit's findings. */
  finding: 10,
} as const

/** Lines for the help page. */
export const EXIT_HELP: readonly (readonly [number, string])[] = [
  [EXIT.ok, 'done'],
  [EXIT.unexpected, 'a defect; please report it'],
  [EXIT.usage, 'the command line cannot be obeyed as typed'],
  [EXIT.refused, 'the host refused; the message says why'],
  [EXIT.verification, 'a check failed: something was altered; nothing was opened'],
  [EXIT.missing, 'something is not there, or an earlier step is missing'],
  [EXIT.unreachable, 'no answer from the host, or a port is taken'],
  [EXIT.finding, 'an audit found something (10 and above)'],
]

/** Codes of errors that are none of the SDK's. */
const BY_CODE: Readonly<Record<string, number>> = {
  'port-taken': EXIT.unreachable,
  'port-forbidden': EXIT.unreachable,
  'listen-failed': EXIT.unreachable,
  'syslog-unreachable': EXIT.unreachable,
  'log-unreachable': EXIT.unreachable,
  'host-config': EXIT.missing,
  'host-key': EXIT.missing,
  'host-crl': EXIT.missing,
  'store-open': EXIT.missing,
  'not-opened': EXIT.missing,
  'already-opened': EXIT.missing,
  'key-file-missing': EXIT.missing,
  'key-file-exists': EXIT.usage,
  'key-file-malformed': EXIT.usage,
  'key-file-mode': EXIT.usage,
  'csv-malformed': EXIT.usage,
  'code-malformed': EXIT.usage,
  'code-check-symbol': EXIT.usage,
  'kit-code-malformed': EXIT.usage,
  'kit-code-check-symbol': EXIT.usage,
  'ins-length': EXIT.usage,
  'ins-characters': EXIT.usage,
  'ins-check-key': EXIT.usage,
  'witness-state-missing': EXIT.missing,
  'witness-state-locked': EXIT.missing,
  'store-shared': EXIT.missing,
  'export-exists': EXIT.usage,
  'backup-exists': EXIT.usage,
  'backup-incomplete': EXIT.missing,
  'ledger-changed': EXIT.missing,
  'audit-anchors': EXIT.usage,
  'audit-resume': EXIT.usage,
}

/**
 * The exit code of what a command threw. The SDK's errors say by their class what kind they are; a code in the table
 * decides for the others, codes `audit-…` are findings; any other `CoffreError` is a check that failed, and what is not
 * a `CoffreError` is a defect.
 */
export function exitCodeOf(error: unknown): number {
  if (!CoffreError.is(error)) return EXIT.unexpected
  const { code } = error
  if (UsageError.is(error) || InputError.is(error)) return EXIT.usage
  if (HostRefusal.is(error)) return EXIT.refused
  if (StepError.is(error)) return EXIT.missing
  if (ConnectionError.is(error)) return EXIT.unreachable
  return BY_CODE[code] ?? (code.startsWith('audit-') ? EXIT.finding : EXIT.verification)
}
