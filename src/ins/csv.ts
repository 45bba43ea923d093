/**
 * CSV as of RFC 4180, strict, bounded and streaming: quotes only around a whole field, CRLF or LF, the same number of
 * fields in every record, UTF-8 (a byte-order mark is passed over). The separator is the comma, or the semicolon when
 * the header holds one and no comma (what a French spreadsheet writes).
 *
 * Written here: the libraries are lenient by default and their limits are options that one forgets.
 */
import type { Bytes } from '../crypto/bytes.ts'
import { CoffreError } from '../crypto/errors.ts'

/** The file is not the CSV it should be; from there on nothing in it can be trusted. Code `csv-malformed`. */
export class CsvError extends CoffreError {
  /** Where the record begins, counted from 1; the header is line 1. */
  readonly line: number

  constructor(line: number, message: string, options: { readonly cause?: unknown } = {}) {
    super(`Line ${line}: ${message}`, { code: 'csv-malformed', ...options })
    this.line = line
  }
}

/** Longest record, in UTF-16 units: what bounds the memory used. */
export const MAX_RECORD_LENGTH = 16_384
/** Most columns. */
const MAX_COLUMNS = 64

/** One record: its fields by column name. */
export interface CsvRecord {
  /** The line on which it begins, counted from 1; the header is line 1. */
  readonly line: number
  readonly fields: ReadonlyMap<string, string>
}

/**
 * The records of a CSV source, one at a time; only one is in memory. The header names the columns; `required` ones
 * must be among them. Throws `CsvError`, whose message never repeats what a field holds.
 */
export async function* readCsv(
  source: AsyncIterable<Bytes> | Iterable<Bytes>,
  { required }: { readonly required: readonly string[] },
): AsyncGenerator<CsvRecord> {
  let header: string[] | null = null
  let separator = ','
  for await (const { line, text } of splitRecords(decode(source))) {
    if (header === null) {
      separator = text.includes(';') && !text.includes(',') ? ';' : ','
      header = checkHeader(splitFields(text, separator, line), required)
      continue
    }
    const fields = splitFields(text, separator, line)
    if (fields.length !== header.length) {
      throw new CsvError(line, `${fields.length} fields where the header has ${header.length}`)
    }
    yield { line, fields: new Map(header.map((name, i) => [name, fields[i] as string])) }
  }
  if (header === null) throw new CsvError(1, 'the file is empty; its first line names the columns')
}

/** One record as text, CRLF included; fields are quoted where they must be. */
export function formatCsvRecord(fields: readonly string[]): string {
  const quoted = fields.map(field => (/[",;\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
  return `${quoted.join(',')}\r\n`
}

function checkHeader(names: string[], required: readonly string[]): string[] {
  if (names.length > MAX_COLUMNS) throw new CsvError(1, `more than ${MAX_COLUMNS} columns`)
  if (names.some(name => !/^[a-z][a-z0-9_]{0,31}$/.test(name))) {
    throw new CsvError(1, 'column names are small letters, digits and _ (this may be a file without header)')
  }
  if (new Set(names).size !== names.length) throw new CsvError(1, 'two columns have the same name')
  const missing = required.filter(name => !names.includes(name))
  if (missing.length > 0) throw new CsvError(1, `no column ${missing.join(', ')}`)
  return names
}

async function* decode(source: AsyncIterable<Bytes> | Iterable<Bytes>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const bytes of source) yield decoder.decode(bytes, { stream: true })
    yield decoder.decode()
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new CsvError(1, 'the file is not UTF-8; save it as “CSV UTF-8”', { cause })
  }
}

/** Cuts at line ends that stand outside quotes. Empty lines are passed over, as spreadsheets leave them at the end. */
async function* splitRecords(texts: AsyncIterable<string>): AsyncGenerator<{ line: number; text: string }> {
  let rest = ''
  let scanned = 0
  let quoted = false
  let line = 1
  let begins = 1
  const take = (end: number) => {
    const text = rest.slice(0, end).replace(/\r$/, '')
    rest = rest.slice(end + 1)
    scanned = 0
    const record = { line: begins, text }
    begins = line
    return record
  }
  for await (const piece of texts) {
    rest += piece
    for (; scanned < rest.length; scanned++) {
      const character = rest[scanned]
      if (character === '"') quoted = !quoted
      if (character === '\n') line++
      if (character === '\n' && !quoted) {
        const record = take(scanned)
        if (record.text !== '') yield record
        scanned = -1
      }
      if (scanned >= MAX_RECORD_LENGTH) throw new CsvError(begins, 'a record is too long, or a quote is never closed')
    }
  }
  if (quoted) throw new CsvError(begins, 'a quote is never closed')
  if (rest.length > 0) yield take(rest.length)
}

function splitFields(text: string, separator: string, line: number): string[] {
  const fields: string[] = []
  let at = 0
  for (;;) {
    const { value, end } = text[at] === '"' ? quotedField(text, at, line) : plainField(text, at, separator, line)
    // Tabs, vertical tabs, NUL, terminal escapes: none has a place in a name, an address or a number.
    if (/[\p{Cc}]/u.test(value.replaceAll(/\r?\n/g, ''))) throw new CsvError(line, 'a field holds a control character')
    fields.push(value)
    if (end === text.length) return fields
    if (text[end] !== separator) throw new CsvError(line, 'text follows a closing quote')
    at = end + 1
  }
}

function plainField(text: string, at: number, separator: string, line: number): { value: string; end: number } {
  const next = text.indexOf(separator, at)
  const end = next === -1 ? text.length : next
  const value = text.slice(at, end)
  if (value.includes('"')) throw new CsvError(line, 'a quote stands inside a field that is not quoted')
  return { value, end }
}

function quotedField(text: string, at: number, line: number): { value: string; end: number } {
  let value = ''
  for (let from = at + 1; ; ) {
    const quote = text.indexOf('"', from)
    if (quote === -1) throw new CsvError(line, 'a quote is never closed')
    value += text.slice(from, quote)
    if (text[quote + 1] !== '"') return { value, end: quote + 1 }
    value += '"'
    from = quote + 2
  }
}
