import { readFile } from 'node:fs/promises'
import t from 'tap'
import {
  detectFormat,
  extensionOf,
  HEAD_LENGTH,
  kindOfType,
  readCdaHeader,
  typeOfKind,
} from '../../../src/client/document/format.ts'
import { utf8 } from '../../../src/crypto/bytes.ts'
import { COMPARTMENT_KINDS } from '../../../src/protocol/record.ts'

const vectors = new URL('../../vectors/cda/', import.meta.url)

t.test('formats are known by their first bytes', t => {
  const dicom = new Uint8Array(200)
  dicom.set(utf8('DICM'), 128)
  for (const [head, mimeType] of [
    [utf8('%PDF-1.7\n'), 'application/pdf'],
    [utf8('\n\n%PDF-1.4'), 'application/pdf'],
    [Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), 'image/jpeg'],
    [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), 'image/png'],
    [Uint8Array.of(0x49, 0x49, 0x2a, 0), 'image/tiff'],
    [Uint8Array.of(0x4d, 0x4d, 0, 0x2a), 'image/tiff'],
    [dicom, 'application/dicom'],
    [utf8('{\\rtf1 été}'), 'application/rtf'],
    [utf8('Compte rendu\r\n\tété'), 'text/plain'],
  ] as const) {
    t.equal(detectFormat(head).format.mimeType, mimeType)
    t.notOk(detectFormat(head).cda)
  }
  t.equal(extensionOf('application/dicom'), '.dcm')
  t.equal(extensionOf('x/y'), '.bin')
  t.end()
})

t.test('what records do not take is refused', t => {
  const heads = ['', '<?xml version="1.0"?><html/>', '<ClinicalDocument/>', 'PK\u0003\u0004', 'a\u0000b']
  for (const head of heads) t.throws(() => detectFormat(utf8(head)), { code: 'format-unknown' }, JSON.stringify(head))
  t.throws(() => detectFormat(Uint8Array.of(0xc3, 0x28)), { code: 'format-unknown' })
  t.end()
})

t.test('a text cut in the middle of a character is still a text', t => {
  t.equal(detectFormat(utf8('aé').subarray(0, 2)).format.name, 'text')
  t.end()
})

t.test('the national CDA examples say title, type and date themselves', async t => {
  const expected: Record<string, [string, string, string]> = {
    'BIO-CR-BIO_2024.01_CRP_non_LOINC.xml': ["Compte rendu d'examens biologiques", '11502-2', 'laboratory'],
    'VAC_2023.01.xml': ['Historique de vaccinations', '11369-6', 'vaccination'],
  }
  const files = Object.keys(expected)
  for (const file of files) {
    const head = new Uint8Array(await readFile(new URL(file, vectors))).subarray(0, HEAD_LENGTH)
    const { format, cda } = detectFormat(head)
    t.equal(format.mimeType, 'text/xml')
    const [title, code, kind] = expected[file] as [string, string, string]
    t.equal(cda?.title, title)
    t.equal(cda?.type?.code, code)
    t.equal(kindOfType(code), kind)
    t.match(cda?.date, /^\d{4}-\d\d-\d\d$/)
  }
  t.equal(files.length, 2)
})

t.test('a CDA header is read with prefixes, entities, comments, and not past the patient', t => {
  const cda = readCdaHeader(`<n:ClinicalDocument xmlns:n='urn:hl7-org:v3'>
    <!-- <title>no</title> --><n:code codeSystem='2.16' displayName="x" code='1-2'/>
    <n:title>Sang &amp; &#xE9;tats&#10; &lt;A&gt;</n:title><n:effectiveTime value="202604"/>
    <n:recordTarget><title>Patient</title></n:recordTarget></n:ClinicalDocument>`)
  t.same(cda, { title: 'Sang & états <A>', type: { code: '1-2', system: '2.16' }, date: '2026-04' })
  const bare = '<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><code code="1" codeSystem="2"/></recordTarget>'
  t.same(readCdaHeader(bare), { title: null, type: null, date: null })
  t.end()
})

t.test('a Latin-1 CDA is read as it declares itself', t => {
  const text =
    '<?xml version="1.0" encoding="ISO-8859-1"?><ClinicalDocument xmlns="urn:hl7-org:v3"><title>\u00e9</title>'
  t.equal(detectFormat(new Uint8Array(Buffer.from(text, 'latin1'))).cda?.title, 'é')
  t.end()
})

t.test('every kind but masked has a usual type, and it leads back', t => {
  for (const kind of COMPARTMENT_KINDS.filter(each => each !== 'masked')) {
    t.equal(kindOfType(typeOfKind(kind) as string), kind)
  }
  t.equal(typeOfKind('masked'), null)
  t.equal(typeOfKind('psychiatry'), null)
  t.equal(kindOfType('0-0'), null)
  t.end()
})
