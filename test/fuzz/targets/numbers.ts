/** What people type or scan and files hold: NIR, INS, lists, mailed codes, kit codes, codes of requests and of devices. */
import { consultationText, readConsultation } from '../../../src/client/consultation.ts'
import { readPairing } from '../../../src/client/patient/pairing.ts'
import { toBase64url, utf8 } from '../../../src/crypto/bytes.ts'
import { generateCode, parseCode } from '../../../src/crypto/codes.ts'
import { formatKitSecret, kitSecretQr, parseKitSecret } from '../../../src/crypto/kit-code.ts'
import { certifiedLine, personLine } from '../../../src/ins/certified-list.ts'
import { readCsv } from '../../../src/ins/csv.ts'
import { Nir, nirKey } from '../../../src/ins/nir.ts'
import type { Hash, RecordId, RequestId } from '../../../src/protocol/ids.ts'
import { insCheckKey, parseIns } from '../../../src/protocol/ins.ts'
import type { Random } from '../random.ts'
import { target } from '../target.ts'

const NOW = new Date('2026-11-24T08:00:00.000Z')
const NIR_PARTS = [
  'length',
  'characters',
  'sex',
  'year',
  'month',
  'department',
  'commune',
  'order',
  'key',
  'provisional',
]
const nirCodes = NIR_PARTS.map(part => `nir-${part}`)
const digits = (random: Random, length: number) => Array.from({ length }, () => random.below(10)).join('')

/** Thirteen characters near to a NIR's, with the key that fits them. */
function nearNir(random: Random): string {
  const department = random.pick(['75', '2A', '2B', '20', '97', '98', '99', '00', digits(random, 2)])
  const body = `${random.pick([1, 2, 3, 4, 7, 8, 9])}${digits(random, 4)}${department}${digits(random, 6)}`
  return `${body}${nirKey(body)}`
}

const withKey = (body: string) => body + nirKey(body)
const nirs = [
  withKey('2550814168025'),
  '2 55 08 14 168 025 38',
  withKey('180012B000015'),
  `1 80 01 2a 000 015 ${nirKey('180012A000015')}`,
]
const ins = `12345678901234567890${insCheckKey('12345678901234567890')}`
const personCsv = utf8(
  `ins,name,given_names,address_1,address_2\n${ins},DUPONT,"Jeanne, Marie","1 rue de la Paix",75001 PARIS\n`,
)
const ids = { recordId: 'AAAAAAAAAAAAAAAAAAAAAA' as RecordId, request: 'BBBBBBBBBBBBBBBBBBBBBA' as RequestId }
const hash = toBase64url(new Uint8Array(32).fill(7)) as Hash
const csv = [
  `nir,certified_on,certified_by\n${nirs[0]},2026-01-02,INSEE\n`,
  `\ufeffnir;certified_on;certified_by\r\n"${nirs[0]}";2026-01-02;"INSEE"\r\n`,
].map(utf8)

export default [
  target({
    name: 'nir',
    share: 10,
    samples: nirs,
    near: nearNir,
    take: (text: string) => Nir.parse(text),
    refusals: nirCodes,
  }),
  target({
    name: 'ins',
    share: 10,
    samples: [ins, ins.replaceAll(/.{5}(?=.)/g, '$& ')],
    near(random) {
      const number = digits(random, 20)
      return random.once(4) ? digits(random, random.pick([20, 22, 23])) : number + insCheckKey(number)
    },
    take: (text: string) => parseIns(text),
    refusals: ['ins-length', 'ins-characters', 'ins-check-key'],
  }),
  target({
    name: 'mailed-code',
    share: 6,
    samples: Array.from({ length: 8 }, generateCode) as string[],
    take: (text: string) => parseCode(text),
    refusals: ['code-malformed', 'code-check-symbol'],
  }),
  target({
    name: 'kit-code',
    share: 6,
    samples: [1, 2, 3].flatMap(i => {
      const secret = new Uint8Array(16).fill(37 * i)
      return [formatKitSecret(secret), kitSecretQr(secret)]
    }),
    take: (text: string) => parseKitSecret(text),
    refusals: ['kit-code-malformed', 'kit-code-check-symbol'],
  }),
  target({
    name: 'request-code',
    share: 6,
    samples: [consultationText({ ...ids, identity: hash, keyStatement: hash })],
    take: (text: string) => readConsultation(text),
    refusals: ['consultation-malformed'],
  }),
  target({
    name: 'device-code',
    share: 6,
    samples: [['coffre-device:1', hash, ids.recordId, hash].join(':')],
    take: (text: string) => readPairing(text),
    refusals: ['pairing-malformed'],
  }),
  target({
    name: 'csv',
    share: 2,
    samples: csv,
    async take(bytes: Uint8Array) {
      const half = bytes.length >> 1 // a record, a quote or a character may be cut anywhere
      const records = []
      for await (const record of readCsv([bytes.subarray(0, half), bytes.subarray(half)], { required: ['nir'] })) {
        records.push(certifiedLine(record, NOW))
      }
      return records
    },
    refusals: ['csv-malformed', 'certification-date', 'certification-source', ...nirCodes],
  }),
  target({
    name: 'person-list',
    share: 2,
    samples: [personCsv],
    async take(bytes: Uint8Array) {
      const lines = []
      for await (const record of readCsv([bytes], { required: ['ins'] })) lines.push(personLine(record))
      return lines
    },
    refusals: ['csv-malformed', 'recipient-address', 'recipient-name', 'ins-length', 'ins-characters', 'ins-check-key'],
  }),
]
