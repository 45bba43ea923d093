import type { Seen } from '../log/seen.ts'
import type { ActingPerson, Actor } from '../protocol/entry.ts'
import type { Hash, NationalId, RecordId, SessionId } from '../protocol/ids.ts'

export interface Insurer {
  readonly kind: 'insurer'
}

/** Holder of a mailed activation code. */
export interface CodeHolder {
  readonly kind: 'code'
  readonly registration: Hash
}

export interface Patient {
  readonly kind: 'patient'
  readonly recordId: RecordId
  /** Hash of the identity statement. */
  readonly identity: Hash
}

/** A professional, or an establishment with the person who acts for it. */
export interface Practitioner {
  readonly kind: 'professional' | 'establishment'
  readonly id: NationalId
  /** Hash of the key statement. */
  readonly key: Hash
  /** Never null for an establishment, always null for a professional. */
  readonly acting: ActingPerson | null
}

/** Holder of an identity that was proposed by a new letter and is not in force. */
export interface Candidate {
  readonly kind: 'candidate'
  readonly recordId: RecordId
  /** Hash of the identity statement. */
  readonly identity: Hash
}

export type Caller = Insurer | CodeHolder | Patient | Candidate | Practitioner

/** A request whose signature, digest and time were checked; the nonce is taken when its entry is written. */
export interface SignedRequest<C extends Caller = Caller> {
  readonly caller: C
  readonly keyId: string
  readonly nonce: string
  /** RFC 9421 signature base, exact text. */
  readonly base: string
  /** base64url. */
  readonly signature: string
  readonly seen: Seen
  /** A signed-in patient's; null elsewhere. */
  readonly session: SessionId | null
  readonly at: Date
}

/** The caller as an entry names it. */
export function actorOf(caller: Patient | Practitioner): Actor {
  if (caller.kind === 'patient') return { kind: 'patient', id: caller.recordId, key: caller.identity }
  const { id, key, acting } = caller
  if (caller.kind === 'professional') return { kind: 'professional', id, key }
  if (acting === null) throw new TypeError('An establishment acts through a person')
  return { kind: 'establishment', id, key, acting }
}
