/** Vectors of what people copy from paper: INS, mailed code, recovery kit. */
import { type Bytes, fromHex, utf8 } from '../../src/crypto/bytes.ts'
import { codeSigningKey, type MailedCode, parseCode } from '../../src/crypto/codes.ts'
import { checkSymbol, formatSymbols } from '../../src/crypto/crockford.ts'
import { hkdfExpandSha256, hmacSha256 } from '../../src/crypto/hash.ts'
import { formatKitSecret, kitSecretQr, parseKitSecret } from '../../src/crypto/kit-code.ts'
import { deriveIns, nirFingerprint } from '../../src/ins/ins.ts'
import type { InsKeySource } from '../../src/ins/key-source.ts'
import { Nir } from '../../src/ins/nir.ts'
import { formatIns, parseIns } from '../../src/protocol/ins.ts'
import {
  bytesOf,
  draw,
  type Format,
  hex,
  type Members,
  numberOf,
  refused,
  textOf,
  type VectorCase,
} from './vector-file.ts'

/** The INS authority's key of the vectors. */
const INS_KEY = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'

function insKey(key: Bytes): InsKeySource {
  const registerKey = hkdfExpandSha256({ prk: key, info: utf8('coffre/v1/ins-register-key'), length: 32 })
  return { tag: message => hmacSha256(key, message), registerTag: message => hmacSha256(registerKey, message) }
}

function insOf(given: Members): Members {
  const source = insKey(bytesOf(given, 'key'))
  const nir = Nir.parse(textOf(given, 'nir'))
  const ins = deriveIns(source, nir, { counter: numberOf(given, 'counter') })
  return { ins, fingerprint: hex(nirFingerprint(source, nir)) }
}

export const ins: Format = {
  file: 'ins',
  page: 'ins.md',
  about:
    'NIR → INS under the key `key`, and the register’s fingerprint; Corsica, counters, an INS with leading zeros, one whose key is 97. And an INS as typed. The derived ones were first computed by a separate program (Python, hmac and integers): changing one changes everybody’s INS.',
  async cases() {
    const persons = [
      '184127645108946',
      '269054958815780',
      '253072B07300470',
      '253072A07300443',
      '295109912611193',
      '279035121518989',
      '255081416802538',
    ]
    const derived = (nir: string, counter: number): VectorCase => {
      const given = { key: INS_KEY, nir, counter }
      return { name: `${nir}, counter ${counter}`, given, opens: insOf(given) }
    }
    const good = derived('184127645108946', 0)
    const typed = (name: string, text: string): VectorCase => ({
      name,
      given: { typed: text },
      opens: { ins: parseIns(text), printed: formatIns(parseIns(text)) },
    })
    const right = typed('as printed', '60426 36791 37841 39711 56')
    const nir = (name: string, code: string, text: string) => refused(name, code, good, { nir: text })
    const bad = (name: string, code: string, text: string) => refused(name, code, right, { typed: text })
    return [
      ...persons.flatMap(person => [0, 1, 255].map(counter => derived(person, counter))),
      derived('184127645115973', 0),
      derived('184127645107956', 0),
      right,
      typed('without spaces', '6042636791378413971156'),
      nir('a wrong key', 'nir-key', '184127645108947'),
      nir('two digits swapped', 'nir-key', '148127645108946'),
      nir('the key missing', 'nir-length', '1841276451089'),
      nir('a letter that is none of a NIR', 'nir-characters', '18412764510894é'),
      nir('a provisional number', 'nir-provisional', '784127645108946'),
      nir('no such sex', 'nir-sex', '984127645108946'),
      nir('month 13', 'nir-month', '184137645108946'),
      nir('department 96', 'nir-department', '184129645108946'),
      nir('order number 000', 'nir-order', '184127645100046'),
      bad('a digit wrong', 'ins-check-key', '6042636791378413971157'),
      bad('two digits of an INS swapped', 'ins-check-key', '0642636791378413971156'),
      bad('a digit missing', 'ins-length', '604263679137841397115'),
      bad('a letter', 'ins-characters', '604263679137841397115O'),
    ]
  },
  open(given) {
    if (given.typed === undefined) return insOf(given)
    const read = parseIns(textOf(given, 'typed'))
    return { ins: read, printed: formatIns(read) }
  },
}

/** A code out of drawn bytes. */
export function drawnCode(name: string): MailedCode {
  const values = [...draw(name, 19)].map(byte => byte & 31)
  return formatSymbols([...values, checkSymbol(values)], 5) as MailedCode
}

function codeOf(given: Members): Members {
  const code = parseCode(textOf(given, 'typed'))
  const key = codeSigningKey(code, textOf(given, 'ins'))
  return { code, seed: hex(key.seed), publicKey: hex(key.verifyKey.bytes) }
}

export const mailedCode: Format = {
  file: 'mailed-code',
  page: 'mailed-code.md',
  about: 'A code as typed, and the Ed25519 key it is the seed of, for an INS.',
  async cases() {
    const make = (name: string, typed: string, person = '1541187377485562448812'): VectorCase => {
      const given = { typed, ins: person }
      return { name, given, opens: codeOf(given) }
    }
    const code = drawnCode('mailed code')
    const good = make('eighteen zeros and a one', '00000-00000-00000-00012')
    const bad = (name: string, refusal: string, typed: string) => refused(name, refusal, good, { typed })
    return [
      good,
      make('lower case, spaces, O for 0, I and L for 1', ' ooooo 00000-00000 000i2'),
      make('any code', code),
      make('the same code for another person is another key', code, '6042636791378413971156'),
      bad('one symbol wrong', 'code-check-symbol', '00000-00000-00000-00022'),
      bad('two symbols swapped', 'code-check-symbol', '00000-00000-00000-00102'),
      bad('a symbol missing', 'code-malformed', '00000-00000-00000-0012'),
      bad('a letter that is no symbol', 'code-malformed', '00000-00000-00000-000U2'),
    ]
  },
  open: codeOf,
}

function kitOf(given: Members): Members {
  const secret = parseKitSecret(textOf(given, 'typed'))
  return { secret: hex(secret), printed: formatKitSecret(secret), qr: kitSecretQr(secret) }
}

export const kit: Format = {
  file: 'kit',
  page: 'kit.md',
  about: 'A kit secret as typed or scanned, the 16 bytes it is, and how they are printed.',
  async cases() {
    const make = (name: string, typed: string): VectorCase => ({ name, given: { typed }, opens: kitOf({ typed }) })
    const secret = draw('kit secret', 16)
    const printed = formatKitSecret(secret)
    const good = make('as printed', printed)
    const symbols = (values: readonly number[]) => formatSymbols([...values, checkSymbol(values)], 3)
    const bad = (name: string, code: string, typed: string) => refused(name, code, good, { typed })
    const last = printed.slice(-1)
    return [
      good,
      make('scanned', kitSecretQr(secret)),
      make('in lower case, without dashes', printed.toLowerCase().replaceAll('-', ' ')),
      make('all zeros', formatKitSecret(new Uint8Array(16))),
      make('all ones', formatKitSecret(fromHex('ff'.repeat(16)))),
      bad('another check symbol', 'kit-code-check-symbol', `${printed.slice(0, -1)}${last === '0' ? '1' : '0'}`),
      bad('two groups swapped', 'kit-code-check-symbol', printed.slice(4, 8) + printed.slice(0, 4) + printed.slice(8)),
      bad('a symbol missing', 'kit-code-malformed', printed.slice(0, -1)),
      bad('bits set that no kit has', 'kit-code-malformed', symbols([...Array<number>(25).fill(0), 1])),
      bad('another QR', 'kit-code-malformed', `coffre-code:1:opening:${printed}`),
    ]
  },
  open: kitOf,
}
