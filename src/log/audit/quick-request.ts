import { type Bytes, fromBase64url } from '../../crypto/bytes.ts'
import type { SignedRequest } from '../../crypto/httpsig.ts'
import type { VerifyKey } from '../../crypto/sign.ts'
import type { Event } from '../../protocol/entry.ts'
import { ID_LENGTH, type RawBytes, SIGNATURE_LENGTH } from './line-bytes.ts'

/** What a signed request asked for, as far as an audit looks at it. */
export interface AskedRequest extends Pick<SignedRequest, 'method' | 'path' | 'query' | 'created' | 'nonce' | 'keyId'> {
  readonly session?: string | undefined
  readonly acting?: string | undefined
}

/** What was read of a request to read or to list documents, and where the rest of it stands. */
export interface ReadRequest {
  readonly raw: RawBytes
  /** The record that its path names. */
  readonly record: string
  /** The document that its path names; null for the list. */
  readonly document: string | null
  readonly query: string
  readonly session: string | undefined
  readonly acting: string | undefined
  readonly created: number
  readonly keyId: string
  /** Where its base stands, as JSON writes it: with a backslash before quotes and for line feeds, and no other. */
  readonly baseFrom: number
  readonly baseTo: number
  readonly nonceFrom: number
  readonly signatureFrom: number
}

const BACKSLASH = 0x5c
const QUOTE = 0x22
const LINE_FEED = 0x0a
/** No base is longer. */
const BASE_MAX = 8192
// One for all: it is signed over at once.
const unescaped = new Uint8Array(BASE_MAX)

/** A signed GET of a document or a list, most of it left where it stands until somebody asks. */
export class QuickRequest implements AskedRequest {
  readonly method = 'GET'
  readonly query: string
  readonly session: string | undefined
  readonly acting: string | undefined
  readonly created: number
  readonly keyId: string
  readonly #read: ReadRequest

  constructor(read: ReadRequest) {
    this.query = read.query
    this.session = read.session
    this.acting = read.acting
    this.created = read.created
    this.keyId = read.keyId
    this.#read = read
  }

  get path(): string {
    const { record, document } = this.#read
    return `/v1/records/${record}/documents${document === null ? '' : `/${document}`}`
  }

  get nonce(): string {
    const { raw, nonceFrom } = this.#read
    return raw.text(nonceFrom, nonceFrom + ID_LENGTH)
  }

  /** 7 symbols of the nonce, which are 42 bits of it, as one number. */
  get nonceBeginning(): number {
    const { raw, nonceFrom } = this.#read
    let number = 0
    for (let at = nonceFrom; at < nonceFrom + 7; at++) number = number * 128 + (raw.bytes[at] as number)
    return number
  }

  /** The signature base, as the event has it. */
  get base(): string {
    const { raw, baseFrom, baseTo } = this.#read
    return JSON.parse(`"${raw.text(baseFrom, baseTo)}"`) as string
  }

  get signature(): string {
    const { raw, signatureFrom } = this.#read
    return raw.text(signatureFrom, signatureFrom + SIGNATURE_LENGTH)
  }

  /** The same as `asksFor` of its method, path and query. */
  asksFor({ action, object }: Pick<Event, 'action' | 'object'>, chain: string): boolean {
    const { record, document, query } = this.#read
    if (record !== chain) return false
    if (action === 'document.list') return document === null
    return action === 'document.read' && document !== null && document === object.document && query === ''
  }

  /** The same as `verifyBase` of its base and signature. */
  isSignedBy(key: VerifyKey): boolean {
    return key.verify(this.#unescaped(), fromBase64url(this.signature))
  }

  #unescaped(): Bytes {
    const { raw, baseFrom, baseTo } = this.#read
    const { bytes } = raw
    let length = 0
    for (let at = baseFrom; at < baseTo; at++) {
      const byte = bytes[at] as number
      if (byte !== BACKSLASH) unescaped[length++] = byte
      else unescaped[length++] = bytes[++at] === QUOTE ? QUOTE : LINE_FEED
    }
    return unescaped.subarray(0, length)
  }
}
