/** What kind of file a document is, from its first bytes, and what a CDA's header says of it. */
import type { Bytes } from '../../crypto/bytes.ts'
import { COMPARTMENT_KINDS, type CompartmentKind } from '../../protocol/record.ts'
import { InputError } from '../errors.ts'

/** Bytes of a file's beginning that `detectFormat` wants to see: a CDA's header fits. */
export const HEAD_LENGTH = 256 * 1024

/** A format that records take. */
export interface Format {
  readonly name: string
  readonly mimeType: string
  /** For a file name, with its dot. */
  readonly extension: string
}

const FORMATS = {
  pdf: { name: 'PDF', mimeType: 'application/pdf', extension: '.pdf' },
  cda: { name: 'CDA', mimeType: 'text/xml', extension: '.xml' },
  jpeg: { name: 'JPEG', mimeType: 'image/jpeg', extension: '.jpg' },
  png: { name: 'PNG', mimeType: 'image/png', extension: '.png' },
  tiff: { name: 'TIFF', mimeType: 'image/tiff', extension: '.tif' },
  dicom: { name: 'DICOM', mimeType: 'application/dicom', extension: '.dcm' },
  rtf: { name: 'RTF', mimeType: 'application/rtf', extension: '.rtf' },
  text: { name: 'text', mimeType: 'text/plain', extension: '.txt' },
} as const satisfies Record<string, Format>

/** The extension for a MIME type, `.bin` for one that is not of `FORMATS`. */
export function extensionOf(mimeType: string): string {
  return Object.values(FORMATS).find(format => format.mimeType === mimeType)?.extension ?? '.bin'
}

const SIGNATURES: readonly (readonly [Format, number, readonly number[]])[] = [
  [FORMATS.jpeg, 0, [0xff, 0xd8, 0xff]],
  [FORMATS.png, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  [FORMATS.tiff, 0, [0x49, 0x49, 0x2a, 0x00]],
  [FORMATS.tiff, 0, [0x4d, 0x4d, 0x00, 0x2a]],
  [FORMATS.dicom, 128, [0x44, 0x49, 0x43, 0x4d]], // PS3.10 §7.1: 128 bytes, then "DICM"
  [FORMATS.rtf, 0, [0x7b, 0x5c, 0x72, 0x74, 0x66]],
]

/** A file's format and, for a CDA, what its header says. */
export interface Detected {
  readonly format: Format
  readonly cda: CdaHeader | null
}

/**
 * Recognises a file by its first bytes, at least `HEAD_LENGTH` of them unless it is shorter. The name is not looked at.
 * Throws `InputError` `format-unknown`.
 */
export function detectFormat(head: Bytes): Detected {
  const found = SIGNATURES.find(([, at, bytes]) => bytes.every((byte, i) => head[at + i] === byte))
  if (found !== undefined) return { format: found[0], cda: null }
  // ISO 32000-1, implementation note 13: the header may stand anywhere in the first 1024 bytes.
  if (latin1(head.subarray(0, 1024)).includes('%PDF-')) return { format: FORMATS.pdf, cda: null }
  const text = decode(head)
  if (text !== null && /^\s*<(?:\?xml|!--|(?:\w+:)?ClinicalDocument\b)/.test(text)) {
    const cda = readCdaHeader(text)
    if (cda !== null) return { format: FORMATS.cda, cda }
  } else if (text !== null && text.length > 0) {
    return { format: FORMATS.text, cda: null }
  }
  throw new InputError('This file is none of what records take: PDF, CDA, JPEG, PNG, TIFF, DICOM, RTF, plain text', {
    code: 'format-unknown',
  })
}

/** What the header of a CDA R2 document says of it; each is `null` when it does not. */
export interface CdaHeader {
  readonly title: string | null
  readonly type: { readonly code: string; readonly system: string } | null
  /** `2021-04-01`. */
  readonly date: string | null
}

/**
 * Reads a CDA's header; `null` when the text is no CDA. Code, title and time are the first of their names and stand
 * before the patient (CDA R2 schema, a sequence), so no more than that part is looked at.
 */
export function readCdaHeader(xml: string): CdaHeader | null {
  const text = xml.replaceAll(/<!--[\s\S]*?-->/g, '')
  const root = /<(?:\w+:)?ClinicalDocument\b[^>]*>/.exec(text)
  if (root === null || !root[0].includes('urn:hl7-org:v3')) return null
  const rest = text.slice(root.index + root[0].length)
  const header = rest.slice(0, rest.search(/<(?:\w+:)?recordTarget\b/) >>> 0)
  const code = /<(?:\w+:)?code\b([^>]*)>/.exec(header)?.[1] ?? ''
  const title = /<(?:\w+:)?title\b[^>]*>([^<]*)</.exec(header)?.[1]
  const time = /<(?:\w+:)?effectiveTime\b[^>]*\bvalue\s*=\s*["'](\d{4})(\d\d)?(\d\d)?/.exec(header)
  const value = attribute(code, 'code')
  const system = attribute(code, 'codeSystem')
  return {
    title: title === undefined ? null : unescapeXml(title).replaceAll(/\s+/g, ' ').trim() || null,
    type: value === null || system === null ? null : { code: value, system },
    date: time === null ? null : time.slice(1).filter(Boolean).join('-'),
  }
}

function attribute(attributes: string, name: string): string | null {
  const match = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes)
  const value = match?.[1] ?? match?.[2]
  return value === undefined ? null : unescapeXml(value)
}

function unescapeXml(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return named[name] ?? whole
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole
  })
}

/** Text of a file's head in the encoding it declares (UTF-8 unless an XML declaration says Latin-1); `null`: not text. */
function decode(head: Bytes): string | null {
  const declared = /^\s*<\?xml[^>]*encoding\s*=\s*["']([\w-]+)["']/.exec(latin1(head.subarray(0, 200)))?.[1]
  const encoding = /^(iso-8859-1|iso-8859-15|windows-1252)$/i.test(declared ?? '') ? (declared as string) : 'utf-8'
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true })
    return /(?![\t\n\r\f])\p{Cc}/u.test(text) ? null : text
  } catch {
    return null
  }
}

const latin1 = (bytes: Bytes): string => new TextDecoder('latin1').decode(bytes)

/** LOINC, the system of most document types. */
export const LOINC = '2.16.840.1.113883.6.1'

/** Which compartment a document type belongs in by default (LOINC codes of the national types). */
const KIND_OF_TYPE: Readonly<Record<string, CompartmentKind>> = {
  '11488-4': 'reports',
  '34112-3': 'reports',
  '11490-0': 'reports',
  '18842-5': 'reports',
  '34133-9': 'reports',
  '11502-2': 'laboratory',
  '18748-4': 'imaging',
  '57833-6': 'treatments',
  '77603-9': 'treatments',
  '60591-5': 'synthesis',
  '11369-6': 'vaccination',
  '87273-9': 'vaccination',
  '18776-5': 'care',
  '67851-6': 'certificates',
  '64298-3': 'certificates',
}

/** The compartment kind of a type, `null` for one that is not in the table. */
export function kindOfType(code: string): CompartmentKind | null {
  return KIND_OF_TYPE[code] ?? null
}

/** The usual type of a kind, for who gives the kind alone; `null` for a kind that says too little. */
export function typeOfKind(kind: string): string | null {
  if (!COMPARTMENT_KINDS.includes(kind as CompartmentKind)) return null
  return Object.entries(KIND_OF_TYPE).find(([, of]) => of === kind)?.[0] ?? null
}
