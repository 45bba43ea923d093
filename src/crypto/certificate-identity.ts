import type { Certificate, RelativeName } from './certificate.ts'
import { CryptoError } from './errors.ts'

/** A person with a professional's card. */
export interface Professional {
  readonly kind: 'professional'
  /** National id: type digit and number, `8` + RPPS (11 digits) or `0` + ADELI (9). */
  readonly id: string
  /** The value of T, as the authority wrote it. */
  readonly profession: string
  readonly surname: string
  readonly givenName: string
}

/** An establishment, by an organisation's certificate or the card of its director. */
export interface Establishment {
  readonly kind: 'establishment'
  /** Structure id: `1` + FINESS, `2` + SIREN, `3` + SIRET or `4` + RPPS and rank. */
  readonly id: string
  /** Legal name (O). */
  readonly name: string
  /** Service or card (CN). */
  readonly service: string
}

/** Whom a certificate of the health authorities stands for. */
export type CertificateIdentity = Professional | Establishment

// ADELI numbers carry the department, in which Corsica's have a letter.
const PROFESSIONAL_ID = /^(?:8[0-9]{11}|0[0-9][0-9AB][0-9]{7})$/
const ESTABLISHMENT_ID = /^(?:1[0-9][0-9AB][0-9]{7}|2[0-9]{9}|3[0-9]{14}|4[0-9]{11}[0-9]{1,5})$/

/**
 * Who is meant by a certificate whose chain holds; reading is not verifying. The attributes decide, as *sets*:
 * a person has one set {CN, SN, GN}, a T, and no O or OU; an establishment has O, OU and CN, and no T. The director's
 * card (a person's names beside O and OU) stands for the establishment. Anything else is neither.
 * Throws `CryptoError` `certificate-identity`.
 */
export function identityOf(certificate: Certificate): CertificateIdentity {
  const { subject } = certificate
  if (single(subject, 'C') !== 'FR') throw unclear('its country is not FR')
  const has = (type: string) => values(subject, type).length > 0
  return has('O') || has('OU') ? establishment(subject, has) : professional(subject)
}

function professional(subject: readonly RelativeName[]): Professional {
  const named = subject.filter(set => set.some(({ type }) => type === 'SN'))
  const types = named[0]?.map(({ type }) => type).sort()
  if (named.length !== 1 || types?.join() !== 'CN,GN,SN') throw unclear('a person needs one set {CN, SN, GN}')
  const id = single(subject, 'CN')
  if (!PROFESSIONAL_ID.test(id)) throw unclear('its CN is not a professional’s national id')
  return {
    kind: 'professional',
    id,
    profession: single(subject, 'T'),
    surname: single(subject, 'SN'),
    givenName: single(subject, 'GN'),
  }
}

function establishment(subject: readonly RelativeName[], has: (type: string) => boolean): Establishment {
  if (has('T')) throw unclear('it has both a profession and a structure')
  const id = single(subject, 'OU')
  if (!ESTABLISHMENT_ID.test(id)) throw unclear('its OU is not a structure’s national id')
  return { kind: 'establishment', id, name: single(subject, 'O'), service: single(subject, 'CN') }
}

function values(subject: readonly RelativeName[], wanted: string): string[] {
  return subject.flatMap(set => set.filter(({ type }) => type === wanted).map(({ value }) => value))
}

function single(subject: readonly RelativeName[], wanted: string): string {
  const [value, ...more] = values(subject, wanted)
  if (value === undefined || value === '' || more.length > 0) throw unclear(`it needs exactly one ${wanted}`)
  return value
}

function unclear(reason: string): CryptoError {
  return new CryptoError(`This certificate stands for neither a professional nor an establishment: ${reason}`, {
    code: 'certificate-identity',
  })
}
