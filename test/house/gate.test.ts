import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Coverage } from '../../setup/coverage.ts'
import { runTestFile } from '../../setup/test-file.ts'
import { testFolder } from '../fixtures/test-folder.ts'

// What the gate counts: nothing that went wrong in a test file is left out of its sum.

const SOURCE =
  'export const half = (n: number): number => {\n  if (n < 0) {\n    throw new Error()\n  }\n  return n / 2\n}\n'

const FILES: Readonly<Record<string, string>> = {
  'src/sums/half.ts': SOURCE,
  'test/sums/half.test.ts':
    "import t from 'tap'\nimport { half } from '../../src/sums/half.ts'\n" +
    "t.test('within', async t => {\n  t.equal(half(4), 2)\n  t.test('deeper', async t => t.equal(half(2), 1))\n})\n" +
    "t.pass()\nt.skip('later')\n",
  'test/journeys/half.test.ts': "import t from 'tap'\nimport '../../src/sums/half.ts'\nt.pass()\n",
  'test/wrong.test.ts': "import t from 'tap'\nt.test('within', async t => {\n  t.pass()\n  t.fail('told')\n})\n",
  'test/thrown.test.ts': "import t from 'tap'\nt.pass()\nsetImmediate(() => { throw new Error('told') })\n",
  'test/broken.test.ts': 'import nothing from "./nowhere.ts"\n',
  'test/short.test.ts': "import t from 'tap'\nt.plan(2)\nt.pass()\nsetTimeout(() => process.exit(0), 50)\n",
  'test/killed.test.ts': "import t from 'tap'\nt.pass()\nprocess.kill(process.pid, 'SIGKILL')\n",
  'test/empty.test.ts': 'process.exit(0)\n',
}

function checkout(t: Test): string {
  const root = testFolder(t)
  for (const folder of ['src/sums', 'test/sums', 'test/journeys']) mkdirSync(join(root, folder), { recursive: true })
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(root, name), text)
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  symlinkSync(join(import.meta.dirname, '..', '..', 'node_modules'), join(root, 'node_modules'))
  return root
}

t.test('what is counted of a test file', async t => {
  const root = checkout(t)
  const counts = async (name: string) => {
    const { passed, failed, output } = await runTestFile(`test/${name}.test.ts`, { root, coverage: null })
    return { passed, failed, output }
  }
  t.match(
    await counts('sums/half'),
    { passed: 3, failed: 0 },
    'subtests by what is in them; what is skipped not at all',
  )
  t.match(await counts('wrong'), { passed: 1, failed: 1, output: /told/ })
  t.match(await counts('thrown'), { failed: 1, output: /told/ })
  t.match(await counts('broken'), { passed: 0, failed: 1, output: /nowhere\.ts/ })
  t.match(await counts('short'), { passed: 1, failed: 1 }, 'an end before the plan is fulfilled')
  t.match(await counts('killed'), { failed: 1, output: /SIGKILL/ })
  t.match(await counts('empty'), { passed: 0, failed: 1 }, 'a file that asserts nothing')
})

t.test('what counts as covered', async t => {
  const root = checkout(t)
  const coverage = new Coverage(root)
  t.teardown(() => coverage.close())
  t.equal(coverage.folderFor('test/journeys/half.test.ts'), null, 'a story answers for no module')
  const test = 'test/sums/half.test.ts'
  const folder = coverage.folderFor(test) ?? ''
  await runTestFile(test, { root, coverage: folder })
  coverage.take(test, folder)
  const { all, enough, short } = await coverage.judge()
  t.equal(all.lines, 66.66, 'two of six lines were never run')
  t.notOk(enough)
  t.strictSame(short, [{ file: 'src/sums/half.ts', lines: 66.66 }])
})
