import fc from 'fast-check'
import t from 'tap'
import { toHex, utf8 } from '../../src/crypto/bytes.ts'
import { codeSigningKey, generateCode, parseCode } from '../../src/crypto/codes.ts'
import { codeOf } from './vectors.ts'

const INS = '1541187377485562448812'

/** Found by another HKDF (the platform's) over the layout in docs/protocol/mailed-code.md. */
const FIXED = '2df4e7a1d97183b3a5665ee20f57a5520bbfc603fb34d5d4e59851a0d4b046b0'

t.test('a code as printed, and as people type it', async t => {
  const code = generateCode()
  t.match(code, /^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/)
  t.not(generateCode(), code)
  const bare = code.replaceAll('-', '')
  for (const typed of [code, code.toLowerCase(), bare, ` ${bare.replace(/(.)/g, '$1 ')}`, code.replaceAll('-', '\n')]) {
    t.equal(parseCode(typed), code)
  }
  t.equal(parseCode(code.replaceAll('0', 'o').replaceAll('1', 'l')), code)
})

t.test('a fixed code: check symbol and key do not change', async t => {
  const code = parseCode('00000-00000-00000-00012')
  t.equal(code, '00000-00000-00000-00012', '1 · 2 = 2')
  t.equal(toHex(codeSigningKey(code, INS).verifyKey.bytes), FIXED)
})

t.test('slips are told from nonsense, and the code is never shown', async t => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 19 }), fc.integer({ min: 1, max: 31 }), (at, by) => {
      const code = generateCode().replaceAll('-', '')
      const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
      const wrong = alphabet[(alphabet.indexOf(code[at] as string) + by) % 32]
      const typed = code.slice(0, at) + wrong + code.slice(at + 1)
      try {
        parseCode(typed)
        return false
      } catch (error) {
        return (error as { code: string }).code === 'code-check-symbol' && !String(error).includes(typed)
      }
    }),
    { numRuns: 50 },
  )
  for (const text of [
    '',
    generateCode().slice(1),
    `${generateCode()}0`,
    'U'.repeat(20),
    ' '.repeat(5000),
    'é'.repeat(20),
  ]) {
    t.equal(await codeOf(() => parseCode(text)), 'code-malformed')
  }
})

t.test('another INS or another code is another key', async t => {
  const code = generateCode()
  const key = codeSigningKey(code, INS)
  t.ok(key.verifyKey.verify(utf8('m'), codeSigningKey(parseCode(code.toLowerCase()), INS).sign(utf8('m'))))
  t.notOk(codeSigningKey(code, '2541187377485562448812').verifyKey.equals(key.verifyKey))
  t.notOk(codeSigningKey(generateCode(), INS).verifyKey.equals(key.verifyKey))
})
