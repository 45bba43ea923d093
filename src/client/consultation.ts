/**
 * A request for access, compared by the two who sit in one room (docs/protocol/consultation.md): both programs make the same
 * hash of who asks, with which key, and of whose record, each from what it verified itself. It is shown as six words, and in
 * full as the text of a QR code. Runs in Node and in browsers.
 */
import { wordlist } from '@scure/bip39/wordlists/french.js'
import { type Bytes, equal, fromBase64url, lp, toBase64url } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import { Hash, type RecordId, RequestId } from '../protocol/ids.ts'
import { InputError, VerificationError } from './errors.ts'

/** Words shown; 11 bits each. */
const WORDS = 6
const PREFIX = 'coffre-request:1'

/** What both sides must agree on. */
export interface Consultation {
  readonly recordId: RecordId
  readonly request: RequestId
  /** Hash of the patient's identity statement. */
  readonly identity: Hash
  /** Hash of the key statement of who asks. */
  readonly keyStatement: Hash
}

/** To be read aloud: six French words, whatever the language of the screen. */
export function consultationWords(consultation: Consultation): string {
  // 66 bits, from the first on; nobody can search for a key or an identity that gives the same in a consultation's time.
  let bits = consultationHash(consultation)
    .subarray(0, 9)
    .reduce((number, byte) => (number << 8n) | BigInt(byte), 0n)
  bits >>= 6n
  const words: string[] = []
  for (let i = 0; i < WORDS; i++) {
    words.unshift(wordlist[Number(bits & 2047n)] as string)
    bits >>= 11n
  }
  return words.join(' ').normalize('NFC')
}

/** To be scanned by the patient's device. It holds no secret. */
export function consultationText(consultation: Consultation): string {
  return [PREFIX, consultation.request, toBase64url(consultationHash(consultation))].join(':')
}

/** A text as scanned or typed. */
export interface ScannedRequest {
  readonly request: RequestId
  readonly hash: Bytes
}

/** Throws `InputError` `consultation-malformed`. */
export function readConsultation(text: string): ScannedRequest {
  const [scheme, version, request, hash, ...rest] = text.trim().split(':')
  const [named, hashed] = [RequestId.safeParse(request), Hash.safeParse(hash)]
  if (`${scheme}:${version}` !== PREFIX || rest.length > 0 || !named.success || !hashed.success) {
    throw new InputError('That is not the code of a request for access: scan it again, or type it whole', {
      code: 'consultation-malformed',
    })
  }
  return { request: named.data, hash: fromBase64url(hashed.data) }
}

/** Throws `VerificationError` `consultation-other` unless what was scanned is of this request, key and record. */
export function checkConsultation({ hash }: ScannedRequest, consultation: Consultation): void {
  if (equal(hash, consultationHash(consultation))) return
  throw new VerificationError(
    'The request that the host shows is not the one on the professional’s screen: give no access, and tell the host’s operator',
    { code: 'consultation-other', evidence: { scanned: toBase64url(hash), ...consultation } },
  )
}

function consultationHash({ recordId, request, identity, keyStatement }: Consultation): Bytes {
  const fields = [recordId, request, identity, keyStatement].map(fromBase64url) as [Bytes, Bytes, Bytes, Bytes]
  return sha256(lp('coffre/v1/consultation', ...fields))
}
