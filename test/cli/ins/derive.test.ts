import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Io } from '../../../src/cli/command.ts'
import { command, type Derived } from '../../../src/cli/ins/derive.ts'
import { parseIns } from '../../../src/protocol/ins.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const LIST = `nir,certified_on,certified_by,former_nir,name,address_1
255081416802538,2026-01-31,SNGI,,"DUPONT, veuve ""X""",1 rue Haute
255081416802539,2026-01-31,SNGI,,DURAND,2 rue Haute
269054958815780,2026-01-31,,,PETIT,3 rue Haute
295109912611193,2026-01-31,SNGI,255081416802538,DUPONT,1 rue Haute
`

function io(): Io & { lines: string[] } {
  const lines: string[] = []
  return {
    lines,
    json: false,
    print: line => void lines.push(line),
    progress: () => undefined,
    clock: () => new Date('2026-11-24T08:00:00.000Z'),
  }
}

function prepare(folder: string, list = LIST) {
  writeFileSync(join(folder, 'people.csv'), list)
  const at = (name: string) => join(folder, name)
  const values = { key: at('ins.key'), register: at('register'), in: at('people.csv'), out: at('ins.csv') }
  const run = (more: Record<string, boolean | string> = {}, speak = io()) =>
    command.run({ values: { ...values, ...more }, positionals: [] }, speak) as Promise<Derived>
  return { values, run }
}

t.test('a list in, a list out, refusals beside it, and no number anywhere', async t => {
  const { values, run } = prepare(testFolder(t))
  const speak = io()
  const result = await run({ 'create-key': true }, speak)
  t.match(result, { lines: 4, derived: 2, refused: 2, outcomes: { new: 1, known: 0, corrected: 1 } })
  t.same(
    result.refusals.map(({ line, code }) => [line, code]),
    [
      [3, 'nir-key'],
      [4, 'certification-source'],
    ],
  )
  const [header, first, second, end] = readFileSync(values.out, 'utf8').split('\r\n')
  t.equal(header, 'ins,name,address_1')
  t.match(first, /^\d{22},"DUPONT, veuve ""X""",1 rue Haute$/)
  const ins = parseIns(first?.slice(0, 22) ?? '')
  t.ok(second?.startsWith(ins), 'the corrected number kept its INS')
  t.equal(end, '')
  t.equal(statSync(values.out).mode & 0o777, 0o600)
  t.ok(result.refusedFile)
  t.match(readFileSync(result.refusedFile ?? '', 'utf8'), /^3,nir-key,/m)
  const told = [
    JSON.stringify(result),
    ...speak.lines,
    readFileSync(values.out),
    readFileSync(result.refusedFile ?? ''),
  ]
  for (const number of ['2550814168025', '2690549588157', '2951099126111']) t.notOk(told.join().includes(number))
  t.match(speak.lines.join('\n'), /line 3 refused/)
  t.notOk(existsSync(`${values.out}.part`))
  t.match(await run(), { derived: 2, outcomes: { new: 0, known: 2 } }, 'again')
})

t.test('many refusals are counted, not told one by one', async t => {
  const { run } = prepare(testFolder(t), `nir,certified_on,certified_by\n${'1,2026-01-31,SNGI\n'.repeat(25)}`)
  const speak = io()
  const result = await run({ 'create-key': true }, speak)
  t.equal(result.refused, 25)
  t.equal(result.refusals.length, 20)
  t.match(speak.lines.at(-1), /5 more/)
})

t.test('what is missing is said', async t => {
  const folder = testFolder(t)
  const { values, run } = prepare(folder)
  await t.rejects(run(), { code: 'key-file-missing' }, 'no key is made unasked')
  t.notOk(existsSync(values.key))
  await t.rejects(run({ in: join(folder, 'none') }), { code: 'list-missing' })
  await t.rejects(run({ key: '' }), { code: 'usage' })
  writeFileSync(values.in, 'x\n')
  await t.rejects(run({ 'create-key': true }), { code: 'csv-malformed' })
  t.notOk(existsSync(values.out), 'nothing is left that looks done')
  t.strictSame(
    readdirSync(folder).filter(name => name.endsWith('.part')),
    [],
    'nor half done',
  )
})
