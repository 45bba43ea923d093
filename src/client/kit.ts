import { randomBytes, wiping } from '../crypto/bytes.ts'
import { KitSecret } from '../crypto/keys.ts'
import { formatKitSecret, kitSecretQr, parseKitSecret } from '../crypto/kit-code.ts'
import type { RecoveryKit } from '../paper/kit.ts'
import type { Ins } from '../protocol/ids.ts'
import { formatIns } from '../protocol/ins.ts'
import { InputError } from './errors.ts'

/** Groups of the printed kit that are asked back. */
const ASKED_GROUPS = 2

/** A recovery kit as just made: the page to print and the question that shows it was kept. */
export interface NewKit {
  readonly secret: KitSecret
  /** What the page shows, for `recoveryKitPdf`. It holds the secret; whoever saves the page gives it mode 0600. */
  readonly page: RecoveryKit
  /** Numbers of the groups to ask back, from 1, ascending. */
  readonly asked: readonly number[]
  /** Whether these are the asked groups, in the order of `asked`, typed as people type. */
  isAnswer(groups: readonly string[]): boolean
}

/** Makes a kit for a new record. `fingerprint` as `identityFingerprint` gives it. */
export function makeKit(input: {
  readonly ins: Ins
  readonly fingerprint: string
  readonly createdAt: Date
  /** The secret of an opening that is being sent again; left out, a new one. */
  readonly secret?: KitSecret
}): NewKit {
  const secret = input.secret ?? KitSecret.generate()
  const secretText = wiping(secret.bytes, formatKitSecret)
  const groups = secretText.split('-')
  const page = {
    secretText,
    qr: wiping(secret.bytes, kitSecretQr),
    ins: formatIns(input.ins),
    fingerprint: input.fingerprint,
    createdAt: input.createdAt,
  }
  const asked = pick(groups.length, ASKED_GROUPS)
  return {
    secret,
    page,
    asked,
    isAnswer: given =>
      given.length === asked.length && asked.every((number, i) => typed(given[i] ?? '') === groups[number - 1]),
  }
}

/** The kit secret as typed or scanned. Throws `InputError` with the code of `parseKitSecret`. */
export function readKit(text: string): KitSecret {
  return wiping(parseKitSecret(text.trim()), KitSecret.parse)
}

/** What the person is told when the groups were wrong. */
export function kitNotKept(): InputError {
  return new InputError(
    'These groups are not those of the kit. Nothing was sent; print the kit, keep it safe, and open the record again',
    { code: 'kit-not-kept' },
  )
}

/** Whether a fingerprint as typed or scanned is that one. */
export function sameFingerprint(fingerprint: string, shown: string): boolean {
  return typed(shown) === typed(fingerprint)
}

function typed(group: string): string {
  return group.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0')
}

/** Different numbers from 1 to `count`, ascending, each choice as likely. */
function pick(count: number, wanted: number): number[] {
  const chosen = new Set<number>()
  while (chosen.size < wanted) {
    const byte = randomBytes(1)[0] as number
    if (byte < 256 - (256 % count)) chosen.add((byte % count) + 1)
  }
  return [...chosen].sort((a, b) => a - b)
}
