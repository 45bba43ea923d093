import type { Bytes } from './bytes.ts'
import { checkSymbol, formatSymbols, parseSymbols } from './crockford.ts'
import { CryptoError } from './errors.ts'

// The recovery kit's secret as people keep it: 16 bytes as 26 Crockford symbols (the last carrying 3 bits, then zeros)
// and a check symbol, in 9 groups of 3 (docs/protocol/kit.md).

const SECRET_LENGTH = 16
const SYMBOLS = 26
const GROUP = 3
const QR_PREFIX = 'coffre-kit:1:'

/** The kit secret as printed, 9 groups of 3 joined by dashes. Secret. Throws `CryptoError` `kit-code-malformed`. */
export function formatKitSecret(secret: Bytes): string {
  if (secret.length !== SECRET_LENGTH) throw malformed(`A kit secret has ${SECRET_LENGTH} bytes, not ${secret.length}`)
  const values: number[] = []
  let bits = 0
  let count = 0
  for (const byte of secret) {
    bits = (bits << 8) | byte
    count += 8
    for (; count >= 5; count -= 5) values.push((bits >> (count - 5)) & 31)
    bits &= (1 << count) - 1
  }
  values.push((bits << (5 - count)) & 31)
  return formatSymbols([...values, checkSymbol(values)], GROUP)
}

/**
 * The 16 bytes of a kit secret as typed (lower case, any spaces and dashes, O for 0, I and L for 1) or scanned. Throws
 * `CryptoError` `kit-code-malformed` (not 27 symbols, or bits set that no kit has) or `kit-code-check-symbol` (a typing
 * error); neither shows it.
 */
export function parseKitSecret(text: string): Bytes {
  const typed = text.startsWith(QR_PREFIX) ? text.slice(QR_PREFIX.length) : text
  const values = typed.length > 100 ? null : parseSymbols(typed)
  if (values?.length !== SYMBOLS + 1) {
    throw malformed('A recovery key has 27 letters and digits, in nine groups of three: check it against the kit')
  }
  const symbols = values.slice(0, SYMBOLS)
  if (checkSymbol(symbols) !== values[SYMBOLS]) {
    throw new CryptoError('This recovery key has a typing error: compare each group with the kit', {
      code: 'kit-code-check-symbol',
    })
  }
  const secret = new Uint8Array(SECRET_LENGTH)
  let bits = 0
  let count = 0
  let at = 0
  for (const value of symbols) {
    bits = (bits << 5) | value
    count += 5
    if (count < 8) continue
    count -= 8
    secret[at++] = bits >> count
    bits &= (1 << count) - 1
  }
  if (bits !== 0) throw malformed('This is no recovery key of ours: its last letter holds bits that none has')
  return secret
}

/** What the kit's QR code holds. Secret. Throws `CryptoError` `kit-code-malformed`. */
export function kitSecretQr(secret: Bytes): string {
  return QR_PREFIX + formatKitSecret(secret).replaceAll('-', '')
}

function malformed(message: string): CryptoError {
  return new CryptoError(message, { code: 'kit-code-malformed' })
}
