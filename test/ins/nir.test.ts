import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { Nir, NirError, nirKey } from '../../src/ins/nir.ts'

const published: { valid: string[]; invalid: { nir: string; reason: string }[] } = JSON.parse(
  readFileSync(new URL('../vectors/nir/nir.json', import.meta.url), 'utf8'),
)

function refusal(text: string): NirError {
  try {
    Nir.parse(text)
  } catch (error) {
    if (error instanceof NirError) return error
    throw error
  }
  throw new Error('accepted')
}

t.test('published examples', async t => {
  t.equal(published.valid.length, 3)
  t.equal(published.invalid.length, 3)
  for (const nir of published.valid) t.equal(Nir.parse(nir).characters13, nir.slice(0, 13))
  for (const { nir, reason } of published.invalid) t.equal(refusal(nir).part, reason)
})

// betagouv/nir_validate test/index.js · python-stdnum · npm stdnum src/fr/nir.spec.ts ·
// assurance-maladie/nir-validation spec (months 20 and 99 among them) · the French DMP's public test patients
const VALID = [
  '184127645108946',
  '269054958815780',
  '255081416802538',
  '255082A16802597',
  '295109912611193',
  '253072B07300470',
  '253072A07300443',
  '186022A21532523',
  '284058832102532',
  '284052A32102552',
  '284052B32102579',
  '284202B32102528',
  '284992B32102531',
  '188102B17295264',
  '255069999999934',
  '279035121518989',
]

t.test('valid numbers of public validators', async t => {
  t.equal(VALID.length, 16)
  for (const nir of VALID) {
    t.equal(Nir.parse(nir).characters13, nir.slice(0, 13))
    t.equal(nirKey(nir.slice(0, 13)), nir.slice(13))
    t.equal(Nir.parse(nir.toLowerCase().replaceAll(/(.{3})/g, '$1 ')).characters13, nir.slice(0, 13), 'as typed')
  }
  for (const [body, key] of [
    ['2550814168025', '38'],
    ['2940375120005', '91'],
    ['1531245007231', '60'],
  ] as const) {
    t.equal(nirKey(body), key)
  }
})

t.test('each wrong part is named', async t => {
  const cases: [string, string, string][] = [
    ['255081416802539', 'key', 'nir-key'],
    ['295109912611199', 'key', 'nir-key'],
    ['2 55 08 14 168 025 00', 'key', 'nir-key'],
    ['2550814168025AB', 'key', 'nir-key'],
    ['253072C07300443', 'department', 'nir-department'],
    ['253079607300443', 'department', 'nir-department'],
    ['253070007300443', 'department', 'nir-department'],
    ['253072207300', 'length', 'nir-length'],
    ['6546546546546703', 'length', 'nir-length'],
    ['', 'length', 'nir-length'],
    ['2550814168025', 'length', 'nir-length'],
    ['8 84 05 88 321 025 23', 'sex', 'nir-provisional'],
    ['784058832102523', 'sex', 'nir-provisional'],
    ['584058832102523', 'sex', 'nir-provisional'],
    ['084058832102532', 'sex', 'nir-sex'],
    ['984058832102532', 'sex', 'nir-sex'],
    ['2A4058832102532', 'year', 'nir-year'],
    ['284008832102532', 'month', 'nir-month'],
    ['284138832102532', 'month', 'nir-month'],
    ['284438832102532', 'month', 'nir-month'],
    ['284498832102532', 'month', 'nir-month'],
    ['28405883A102532', 'commune', 'nir-commune'],
    ['284058832100032', 'order', 'nir-order'],
    ['28405883210A532', 'order', 'nir-order'],
    ['28405883210253٢', 'characters', 'nir-characters'],
    ['284-05-88-321-025', 'characters', 'nir-characters'],
    ['284058832102532\n', 'characters', 'nir-characters'],
  ]
  for (const [text, part, code] of cases) {
    const error = refusal(text)
    t.same([error.part, error.code], [part, code])
    const long = text.match(/\d{4,}/g) ?? []
    t.notOk(
      long.some(digits => error.message.includes(digits)),
      'the message does not repeat it',
    )
  }
})

t.test('the substitution for Corsica happens at the department alone', async t => {
  t.equal(nirKey('2530719073004'), nirKey('2530719073004'))
  t.not(nirKey('2530720073004'), nirKey('253072A073004'))
  t.equal(refusal('2B34567890123781'.slice(0, 15)).part, 'year', 'an oddity of a public test is no NIR')
})

t.test('any wrong digit and any swap of neighbours is caught', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 0, max: 99 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 95 }),
      fc.integer({ min: 0, max: 999 }),
      fc.integer({ min: 1, max: 999 }),
      fc.nat(12),
      fc.integer({ min: 1, max: 9 }),
      (sex, year, month, department, commune, order, at, change) => {
        const two = (n: number) => String(n).padStart(2, '0')
        const three = (n: number) => String(n).padStart(3, '0')
        const body = `${sex}${two(year)}${two(month)}${two(department)}${three(commune)}${three(order)}`
        const whole = body + nirKey(body)
        Nir.parse(whole)
        const digit = (Number(whole[at]) + change) % 10
        const wrong = whole.slice(0, at) + digit + whole.slice(at + 1)
        refusal(wrong)
        const swapped = whole.slice(0, at) + whole[at + 1] + whole[at] + whole.slice(at + 2)
        if (swapped !== whole) refusal(swapped)
      },
    ),
    { numRuns: 300 },
  )
})

t.test('a NIR does not print itself', async t => {
  const nir = Nir.parse('255081416802538')
  for (const text of [`${nir}`, JSON.stringify({ nir }), inspect(nir), inspect({ nir }, { showHidden: true })]) {
    t.notMatch(text, /2550814/)
    t.match(text, /\[NIR\]/)
  }
  t.same(Object.keys(nir), [])
})
