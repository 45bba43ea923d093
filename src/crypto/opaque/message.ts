import { fromBase64url } from '../bytes.ts'
import { CryptoError } from '../errors.ts'

/**
 * Bytes of each message, and of the record (RFC 9807 §5 and §6, ristretto255, SHA-512). The library reads as many as it
 * needs and ignores what follows, so that one message would have many texts: found by fuzzing, refused here.
 */
export const OPAQUE_LENGTHS = { request: 32, response: 64, record: 192, ke1: 96, ke2: 320, ke3: 64 } as const

/** Throws `CryptoError` `opaque-malformed` unless the text is canonical base64url of just that message's length. */
export function checkMessage(text: string, message: keyof typeof OPAQUE_LENGTHS): void {
  const length = OPAQUE_LENGTHS[message]
  // Compared before anything is decoded: what comes from outside goes no further than this.
  if (text.length !== Math.ceil((length * 4) / 3)) throw malformedMessage()
  try {
    fromBase64url(text)
  } catch {
    throw malformedMessage()
  }
}

export function malformedMessage(): CryptoError {
  return new CryptoError('Malformed OPAQUE message: start again', { code: 'opaque-malformed' })
}
