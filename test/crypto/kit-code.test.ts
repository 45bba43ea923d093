import fc from 'fast-check'
import t from 'tap'
import { fromHex, toHex } from '../../src/crypto/bytes.ts'
import { CryptoError } from '../../src/crypto/errors.ts'
import { formatKitSecret, kitSecretQr, parseKitSecret } from '../../src/crypto/kit-code.ts'

const KNOWN: [string, string][] = [
  ['00000000000000000000000000000000', '000-000-000-000-000-000-000-000-000'],
  // 25 symbols of all ones, then 111 and two zero bits: Z…Z and W.
  ['ffffffffffffffffffffffffffffffff', 'ZZZ-ZZZ-ZZZ-ZZZ-ZZZ-ZZZ-ZZZ-ZZZ-ZW'],
  ['00000000000000000000000000000001', '000-000-000-000-000-000-000-000-04'],
]

t.test('fixed layouts', async t => {
  for (const [hex, text] of KNOWN) t.ok(formatKitSecret(fromHex(hex)).startsWith(text), text)
  t.equal(
    formatKitSecret(fromHex('00000000000000000000000000000001')),
    '000-000-000-000-000-000-000-000-048',
    '4 · 2 = 8',
  )
  t.match(kitSecretQr(new Uint8Array(16)), /^coffre-kit:1:0{27}$/)
  t.throws(() => formatKitSecret(new Uint8Array(15)), { code: 'kit-code-malformed' })
})

t.test('every secret comes back, typed as people type', async t => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), secret => {
      const text = formatKitSecret(secret)
      const typed = [
        text,
        text.toLowerCase(),
        text.replaceAll('-', ' '),
        text.replaceAll('0', 'O').replaceAll('1', 'l'),
      ]
      for (const form of [...typed, kitSecretQr(secret)]) {
        if (toHex(parseKitSecret(form)) !== toHex(secret)) throw new Error('differs')
      }
    }),
    { numRuns: 50 },
  )
  t.pass()
})

t.test('every single slip and swap shows; nothing of the secret does', async t => {
  const text = formatKitSecret(fromHex('00112233445566778899aabbccddeeff')).replaceAll('-', '')
  const refused = (typed: string) => {
    try {
      parseKitSecret(typed)
    } catch (error) {
      if (CryptoError.is(error) && !text.split(/(.{4})/).some(part => part && error.message.includes(part))) return
    }
    throw new Error(`accepted or shown: ${typed}`)
  }
  for (let i = 0; i < text.length; i++) {
    for (const symbol of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
      if (symbol !== text[i]) refused(text.slice(0, i) + symbol + text.slice(i + 1))
    }
    for (let j = i + 1; j < text.length; j++) {
      if (text[i] === text[j]) continue
      const swapped = [...text]
      swapped[i] = text[j] as string
      swapped[j] = text[i] as string
      refused(swapped.join(''))
    }
  }
  for (const typed of ['', text.slice(1), `${text}0`, `U${text.slice(1)}`, 'coffre-code:1:opening:', 'x'.repeat(101)]) {
    t.throws(() => parseKitSecret(typed), { code: 'kit-code-malformed' })
  }
  t.throws(() => parseKitSecret(`1${text.slice(1)}`), { code: 'kit-code-check-symbol' })
  // The last symbol carries 3 bits: one with more, and a check symbol that fits, is still no kit.
  t.throws(() => parseKitSecret('000000000000000000000000012'), { code: 'kit-code-malformed' })
})
