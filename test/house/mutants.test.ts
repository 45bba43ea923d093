import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { defectOf, loadMutants, type NamedMutant, runMutants } from '../../setup/mutants.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const root = join(import.meta.dirname, '../..')

t.test('every mutant still applies, and names a test that is there', async t => {
  const mutants = await loadMutants(root)
  for (const mutant of mutants) t.equal(defectOf(root, mutant), null, mutant.name)
  const [seen, twice] = [new Set<string>(), [] as string[]]
  for (const { name, file, find } of mutants) {
    const place = `${file}\n${find}`
    if (seen.has(place) && name !== 'read-term') twice.push(name)
    seen.add(place)
  }
  t.same(twice, [], 'one mutant a defence')
})

t.test('the defences that everything else rests on are among them', async t => {
  const names = new Set((await loadMutants(root)).map(({ name }) => name))
  for (const name of [
    'log-before-effect',
    'grant-check',
    'state-seq',
    'receipt-checked',
    'padding',
    'body-root-read',
    'nonce',
    'epoch-current',
  ]) {
    t.ok(names.has(name), name)
  }
})

t.test('the runner tells what was noticed from what was not', async t => {
  const folder = testFolder(t)
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('package.json', '{ "type": "module" }')
  write('src/door.ts', 'export const isOpen = (key: string): boolean => key === "right"\nexport const colour = "red"\n')
  const test = (body: string) => `import t from 'tap'\nimport { isOpen } from '../src/door.ts'\n${body}`
  write(
    'test/door.test.ts',
    test(
      `t.test('a wrong key', async t => t.notOk(isOpen('wrong')))\nt.test('other', async t => t.ok(isOpen('right')))`,
    ),
  )
  write('test/red.test.ts', test(`t.test('a wrong key', async t => t.ok(isOpen('wrong')))`))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const door = { why: 'w', file: 'src/door.ts', test: 'test/door.test.ts', red: 'a wrong key' }
  const planted: NamedMutant[] = [
    { ...door, name: 'killed', find: 'key === "right"', replace: 'key !== ""' },
    { ...door, name: 'survived', find: '"red"', replace: '"blue"' },
    { ...door, name: 'other-test', find: 'key === "right"', replace: 'key === "left"' },
    {
      ...door,
      name: 'does-not-load',
      find: 'export const isOpen =',
      replace: 'throw new Error("x")\nexport const isOpen =',
    },
    { ...door, name: 'red-anyway', test: 'test/red.test.ts', find: '"red"', replace: '"blue"' },
  ]
  for (const mutant of planted) t.equal(defectOf(folder, mutant), null, mutant.name)
  const outcomes = await runMutants(folder, planted)
  const verdicts = Object.fromEntries(outcomes.map(({ name, verdict }) => [name, verdict]))
  t.same(verdicts, {
    killed: 'killed',
    survived: 'survived',
    'other-test': 'invalid',
    'does-not-load': 'invalid',
    'red-anyway': 'invalid',
  })

  const spoiled: [Partial<NamedMutant>, RegExp][] = [
    [{ file: 'src/gone.ts' }, /is not there/],
    [{ test: 'test/gone.test.ts' }, /is not there/],
    [{ find: 'nothing' }, /0 times/],
    [{ find: 'export const' }, /2 times/],
    [{ replace: 'key === "right"' }, /changes nothing/],
    [{ red: 'no such test' }, /has no test/],
    [{ replace: 'key ===' }, /does not compile/],
  ]
  for (const [changes, why] of spoiled) {
    t.match(defectOf(folder, { ...(planted[0] as NamedMutant), ...changes }), why)
  }
})
