import { join } from 'node:path'
import t from 'tap'
import { utf8 } from '../../src/crypto/bytes.ts'
import { type DerivedLine, deriveBatch } from '../../src/ins/authority.ts'
import { InsKeyFile } from '../../src/ins/key-source.ts'
import { nirKey } from '../../src/ins/nir.ts'
import { Register } from '../../src/ins/register.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const now = new Date('2026-11-24T08:00:00.000Z')

function fresh(folder: string): Register {
  return Register.open(join(folder, 'register'), InsKeyFile.create(join(folder, 'ins.key')))
}

async function derive(register: Register, lines: string[]): Promise<DerivedLine[]> {
  const all: DerivedLine[] = []
  for await (const line of deriveBatch({ source: [utf8(lines.join('\r\n'))], register, now })) all.push(line)
  return all
}

const carriedOf = (line: DerivedLine | undefined) => (line && 'carried' in line ? [...line.carried] : null)

const HEADER = 'nir,certified_on,certified_by,former_nir,name'
const GOOD = '255081416802538,2026-01-31,SNGI,,DUPONT'

t.test('good lines get an INS, bad ones a reason, and the batch goes on', async t => {
  const register = fresh(testFolder(t))
  const lines = await derive(register, [
    HEADER,
    GOOD,
    '255081416802539,2026-01-31,SNGI,,DURAND',
    '253072C07300443,2026-01-31,SNGI,,MARTIN',
    '269054958815780,,SNGI,,PETIT',
    '269054958815780,2026-01-31,,,PETIT',
    '295109912611193,2026-01-31,SNGI,184127645108946,MOREAU',
    '284058832102532,2026-01-31,SNGI,255081416802538,DUPONT',
    GOOD,
  ])
  t.same(
    lines.map(line => ('refusal' in line ? line.refusal.code : line.outcome)),
    [
      'new',
      'nir-key',
      'nir-department',
      'certification-date',
      'certification-source',
      'correction-unknown',
      'corrected',
      'known',
    ],
  )
  t.same(
    lines.map(({ line }) => line),
    [2, 3, 4, 5, 6, 7, 8, 9],
  )
  const given = lines.flatMap(line => ('ins' in line ? [line.ins] : []))
  t.equal(new Set(given).size, 1, 'the corrected number has the INS of the first')
  t.same(carriedOf(lines[0]), [['name', 'DUPONT']], 'no number is carried over')
  t.notMatch(JSON.stringify(lines), /2550814|2530720|2690549/)
  register.close()
})

t.test('the same batch again, in pieces, gives the same', async t => {
  const register = fresh(testFolder(t))
  const first = await derive(register, [HEADER, GOOD])
  const again = await derive(register, [HEADER, GOOD])
  t.match(again, [{ ins: (first[0] as { ins: string }).ins, outcome: 'known' }])
  register.close()
})

t.test('an INS that a list brings along gives way to the authority’s', async t => {
  const register = fresh(testFolder(t))
  const [line] = await derive(register, ['ins,nir,certified_on,certified_by', `0,${GOOD.slice(0, 31)}`])
  t.same(carriedOf(line), [])
  register.close()
})

t.test('a list without the columns of a certification is no list', async t => {
  const register = fresh(testFolder(t))
  await t.rejects(derive(register, ['nir,certified_on', '255081416802538,2026-01-31']), { code: 'csv-malformed' })
  await t.rejects(derive(register, [HEADER, '255081416802538']), { code: 'csv-malformed' })
  register.close()
})

t.test('a long list streams: lines come out while others still go in', async t => {
  const register = fresh(testFolder(t))
  const total = 2500
  let given = 0
  const source = (function* () {
    yield utf8('nir,certified_on,certified_by\n')
    for (; given < total; given++) {
      const commune = 100 + Math.floor(given / 999)
      const whole = `1841275${commune}${String((given % 999) + 1).padStart(3, '0')}`
      yield utf8(`${whole}${nirKey(whole)},2026-01-31,SNGI\n`)
    }
  })()
  let seen = 0
  let ahead = 0
  for await (const line of deriveBatch({ source, register, now })) {
    if ('refusal' in line) t.fail(line.refusal.message)
    seen++
    ahead = Math.max(ahead, given - seen)
  }
  t.equal(seen, total)
  t.ok(ahead <= 1001, `at most one write's lines are held: ${ahead}`)
  register.close()
})

t.test('what is yielded is on disk already', async t => {
  const folder = testFolder(t)
  const key = InsKeyFile.create(join(folder, 'ins.key'))
  const register = Register.open(join(folder, 'register'), key)
  const other = Register.open(join(folder, 'register'), key)
  for await (const line of deriveBatch({ source: [utf8(`${HEADER}\n${GOOD}\n`)], register, now })) {
    t.equal([...other.entries()].length, 1)
    t.ok('ins' in line)
  }
  register.close()
  other.close()
})
