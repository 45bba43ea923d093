// `npm test`: the whole gate, step after step; the first step that fails ends it. `npm test -- FILE…`: those tests alone.
// Plain JavaScript: see packages.mjs.
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensurePackages, environment, pinnedNode, root } from './packages.mjs'
import { ensurePrograms } from './system.mjs'

const onPinnedNode = (script, ...args) => {
  const { status, error } = spawnSync(pinnedNode, [join(root, script), ...args], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  })
  if (error) throw error
  return status === 0
}

/** The tests, on the pinned Node: all, or the files named. What came of them comes back as a message, not as text. */
const runTests = files =>
  new Promise((resolve, reject) => {
    let outcome = { passed: 0, failed: 1, covered: true }
    const child = spawn(pinnedNode, [join(root, 'setup', 'tests.ts'), ...files], {
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child.on('message', message => {
      outcome = message
    })
    child.on('error', reject)
    child.on('close', () => resolve(outcome))
  })

const files = process.argv.slice(2)
const began = performance.now()
const seconds = since => `${((performance.now() - since) / 1000).toFixed(1)} s`
let passed = 0
let failed = 0

const finish = () => {
  console.log(`\nThe gate took ${seconds(began)}`)
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}

/** One step of the gate: a heading, what it prints, its time. A check counts as one; what to do when it fails ends the run. */
const step = async (heading, remedy, check) => {
  console.log(`\n── ${heading}`)
  const since = performance.now()
  const holds = await check()
  if (holds) {
    passed++
    console.log(`   holds, ${seconds(since)}`)
    return
  }
  failed++
  console.log(`   FAILED after ${seconds(since)}: ${heading}. ${remedy}`)
  finish()
}

if (!ensurePackages()) {
  failed++
  finish()
}
ensurePrograms()

if (files.length > 0) {
  ;({ passed, failed } = await runTests(files))
  finish()
}

await step('Types', 'The lines above name each error.', () =>
  onPinnedNode('node_modules/typescript/bin/tsc', '--noEmit'),
)
await step('Format and lint', 'What can be mended by itself: npm run format', () =>
  onPinnedNode('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'),
)
await step('Who may import whom, and what the host reaches', 'CONTRIBUTING.md explains the rule.', () =>
  onPinnedNode('setup/import-rule.ts'),
)
await step('No dead code', 'Remove what nobody uses, or use it.', () => onPinnedNode('node_modules/knip/bin/knip.js'))

await step('Tests', 'Run one file alone: npm test -- test/….test.ts', async () => {
  const tests = await runTests([])
  passed += tests.passed
  failed += tests.failed
  if (!tests.covered)
    console.log('Too little of the source is covered by the tests that answer for it (setup/coverage.ts).')
  // failed assertions are counted one by one; the step itself counts only when they alone do not tell
  if (tests.failed > 0) finish()
  return tests.covered
})
finish()
