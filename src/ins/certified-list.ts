/**
 * The two lists that pass between insurer and INS authority, both CSV (csv.ts).
 *
 * To the authority: `nir`, `certified_on` (YYYY-MM-DD), `certified_by` (the source), and when a number replaces
 * another `former_nir`. Every other column is the insurer's own: carried over unread, so that it may be a reference
 * instead of a name.
 * Back to the insurer: `ins` in place of the numbers, and the carried columns.
 */
import { CoffreError } from '../crypto/errors.ts'
import type { Ins } from '../protocol/ids.ts'
import { parseIns } from '../protocol/ins.ts'
import type { CsvRecord } from './csv.ts'
import { Nir } from './nir.ts'

/**
 * A line of a list is not usable. Codes `certification-date`, `certification-source`, `recipient-name`,
 * `recipient-address`; for numbers `NirError` and `InsError`.
 */
export class ListError extends CoffreError {}

/** Columns without which no INS is derived. */
export const CERTIFIED_COLUMNS = ['nir', 'certified_on', 'certified_by'] as const

/** Columns that stay with the authority; an `ins` of the insurer's gives way to the authority's. */
export const AUTHORITY_COLUMNS: readonly string[] = [...CERTIFIED_COLUMNS, 'former_nir', 'ins']

/** A line whose number is certified. */
export interface CertifiedLine {
  readonly line: number
  readonly nir: Nir
  readonly formerNir?: Nir
  readonly certifiedOn: string
  readonly certifiedBy: string
}

/** Reads a line of the list to the authority. Throws `NirError` or `ListError`; neither repeats a number. */
export function certifiedLine({ line, fields }: CsvRecord, now: Date): CertifiedLine {
  const certifiedOn = fields.get('certified_on') ?? ''
  if (!isDate(certifiedOn) || Date.parse(certifiedOn) > now.getTime()) {
    throw new ListError('certified_on must be the day of the certification, YYYY-MM-DD, not in the future', {
      code: 'certification-date',
    })
  }
  const certifiedBy = fields.get('certified_by') ?? ''
  if (!/^[\p{L}\p{N}][\p{L}\p{N} .:_/-]{1,63}$/u.test(certifiedBy)) {
    throw new ListError('certified_by must name who certified the number; an uncertified one gets no INS', {
      code: 'certification-source',
    })
  }
  const former = fields.get('former_nir') ?? ''
  return {
    line,
    nir: Nir.parse(fields.get('nir') ?? ''),
    ...(former === '' ? {} : { formerNir: Nir.parse(former) }),
    certifiedOn,
    certifiedBy,
  }
}

/** Who a letter goes to, as the insurer knows the person; each text is one printed line. */
export interface Recipient {
  readonly name: string
  readonly givenNames: string
  /** 1 to 5 lines: street, place, postal code and town, … */
  readonly address: readonly string[]
}

/** Columns that the insurer needs back to print letters; `address_2` to `address_5` are optional. */
export const PERSON_COLUMNS = ['ins', 'name', 'given_names', 'address_1'] as const

/** A person of the derived list. */
export interface PersonLine {
  readonly line: number
  readonly ins: Ins
  readonly recipient: Recipient
}

/** Reads a line of the derived list. Throws `InsError` or `ListError`. */
export function personLine({ line, fields }: CsvRecord): PersonLine {
  const ins = parseIns(fields.get('ins') ?? '')
  const name = printed(fields.get('name'), 'name')
  const givenNames = printed(fields.get('given_names'), 'given_names')
  const address = [1, 2, 3, 4, 5].map(n => (fields.get(`address_${n}`) ?? '').trim()).filter(text => text !== '')
  if (address.length === 0 || address.some(text => !isPrintable(text, 80))) {
    throw new ListError('address_1 to address_5 hold the address, at least one line, each at most 80 characters', {
      code: 'recipient-address',
    })
  }
  return { line, ins, recipient: { name, givenNames, address } }
}

function printed(text: string | undefined, column: string): string {
  const trimmed = (text ?? '').trim()
  if (!isPrintable(trimmed, 80)) {
    throw new ListError(`${column} must hold 1 to 80 characters in one line`, { code: 'recipient-name' })
  }
  return trimmed
}

function isPrintable(text: string, longest: number): boolean {
  return text.length > 0 && text.length <= longest && !/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(text)
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const date = new Date(`${text}T00:00:00.000Z`)
  // 2026-02-30 parses in some engines as March 2nd: the text must come back.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
