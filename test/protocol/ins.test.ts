import fc from 'fast-check'
import t from 'tap'
import { formatIns, InsError, insCheckKey, parseIns } from '../../src/protocol/ins.ts'

// Published numbers of the same form and key rule (the earlier national computed identifier, public documentation).
const PUBLISHED = [
  '1541187387477485562488',
  '0833910461279517589858',
  '0762020564101360911345',
  '0228227357029144860897',
  '0448685716413283718907',
  '0529528580088131833916',
  '1121717802492545833548',
]

t.test('published numbers hold, as printed and as typed', async t => {
  for (const ins of PUBLISHED) {
    t.equal(parseIns(ins), ins)
    t.equal(parseIns(formatIns(parseIns(ins))), ins)
    t.match(formatIns(parseIns(ins)), /^(\d{5} ){4}\d\d$/)
  }
  t.equal(parseIns('15411\u202f87387\u00a047748 55624 88'), PUBLISHED[0])
})

t.test('wrong numbers are refused, by what is wrong, and not repeated', async t => {
  const cases: [string, string][] = [
    ['', 'ins-length'],
    ['154118738747748556248', 'ins-length'],
    ['15411873874774855624880', 'ins-length'],
    ['154118738747748556248x', 'ins-characters'],
    ['٠541187387477485562488', 'ins-characters'],
    ['1541187387477485562489', 'ins-check-key'],
    ['1541187387477485562400', 'ins-check-key'],
  ]
  for (const [text, code] of cases) {
    t.throws(() => parseIns(text), { code })
    try {
      parseIns(text)
    } catch (error) {
      t.ok(InsError.is(error))
      t.notMatch(String(error), /\d{3}/)
    }
  }
})

t.test('every single wrong digit and every swap of neighbours is caught', async () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }),
      fc.nat(20),
      fc.integer({ min: 1, max: 9 }),
      (d, at, change) => {
        const digits = String(d).padStart(20, '0')
        const ins = digits + insCheckKey(digits)
        parseIns(ins)
        const wrong = ins.slice(0, at) + ((Number(ins[at]) + change) % 10) + ins.slice(at + 1)
        const swapped = ins.slice(0, at) + ins[at + 1] + ins[at] + ins.slice(at + 2)
        for (const text of [wrong, swapped]) {
          if (text === ins) continue
          try {
            parseIns(text)
          } catch {
            continue
          }
          throw new Error('accepted')
        }
      },
    ),
    { numRuns: 300 },
  )
})
