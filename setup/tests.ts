import { globSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Coverage } from './coverage.ts'
import { runTestFile, type TestFile } from './test-file.ts'

// The tests: all of the gate, or the files that are named. One line for a file that holds, everything of one that does not.
// Each file is a process of the plain runtime, without a runner's hooks in it and in what it starts: those took a quarter of
// the whole time.

const ROOT = join(import.meta.dirname, '..')
const SIDE_BY_SIDE = 2

/** Whole stories take longest: they start first, so that none is left alone at the end. */
const LONG = /^test\/(journeys|faults)\//

function filesOfTheGate(): string[] {
  const all = globSync('test/**/*.test.ts', { cwd: ROOT }).filter(
    file => !file.endsWith('.slow.test.ts') && !file.startsWith('test/fixtures/'),
  )
  return [...all.filter(file => LONG.test(file)).sort(), ...all.filter(file => !LONG.test(file)).sort()]
}

function say({ file, seconds, failed, output }: TestFile): void {
  if (failed === 0) {
    console.log(`  ${file}  ${seconds.toFixed(1)} s`)
    return
  }
  // what holds inside a failed file is of no interest
  const lines = output.split('\n').filter(line => line.trim() !== '' && !/^ *(ok \d|1\.\.)/.test(line))
  console.log([`  ${file}  ${seconds.toFixed(1)} s  FAILED`, ...lines].join('\n'))
}

/** @returns assertions, and whether enough of the source was run by the tests that answer for it */
async function runTests(named: readonly string[]): Promise<{ passed: number; failed: number; covered: boolean }> {
  const files = named.length > 0 ? named.map(file => relative(ROOT, join(process.cwd(), file))) : filesOfTheGate()
  const coverage = new Coverage(ROOT)
  const sum = { passed: 0, failed: 0 }
  const waiting = [...files]
  const runNext = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const folder = coverage.folderFor(file)
      const outcome = await runTestFile(file, { root: ROOT, coverage: folder })
      if (folder !== null) coverage.take(file, folder)
      sum.passed += outcome.passed
      sum.failed += outcome.failed
      say(outcome)
    }
  }
  try {
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, runNext))
    if (named.length > 0 || sum.failed > 0) return { ...sum, covered: true }
    const { all, enough, short } = await coverage.judge()
    console.log(
      `  covered by its own test: ${all.lines} % of lines, ${all.branches} % of branches, ${all.functions} % of functions`,
    )
    if (!enough) for (const { file, lines } of short) console.log(`    ${file}: ${lines} % of lines`)
    return { ...sum, covered: enough }
  } finally {
    coverage.close()
  }
}

const outcome = await runTests(process.argv.slice(2))
process.send?.(outcome)
process.exitCode = outcome.failed === 0 && outcome.covered ? 0 : 1
