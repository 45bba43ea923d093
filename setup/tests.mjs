// Plain JavaScript: see packages.mjs.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { environment, pinnedNode, root } from './packages.mjs'

/** How much of the modules that have a test of their own must be run by that test, in percent (see coverage-map.ts). */
const least = { lines: 85, statements: 85, functions: 80, branches: 75 }

/**
 * Runs tap on all tests of the gate and shows one line per test file that holds, everything of one that does not.
 * @returns {Promise<{passed: number, failed: number, covered: boolean}>} assertions, as tap's own report counts them; skipped
 * ones are in neither number
 */
export const runTests = () =>
  new Promise((resolve, reject) => {
    const options = Object.entries(least).map(([what, percent]) => `--${what}=${percent}`)
    const tap = join(root, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs')
    const child = spawn(pinnedNode, [tap, '--reporter=tap', '--no-allow-incomplete-coverage', ...options], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let pending = []
    let failing = false
    let counts = { passed: 0, failed: 1 }
    createInterface({ input: child.stdout }).on('line', line => {
      const [, verdict, file, time] = /^(ok|not ok) \d+ - (.*?)(?: # time=(.*))?$/.exec(line) ?? []
      const total = /^# (\{ total: .* \})$/.exec(line)?.[1]
      if (total) {
        const count = name => Number(new RegExp(`\\b${name}: (\\d+)`).exec(total)?.[1] ?? 0)
        counts = { passed: count('pass'), failed: count('fail') }
        return
      } else if (verdict === 'ok') {
        console.log(`  ${file}  ${time ?? ''}`)
      } else if (verdict === 'not ok') {
        // what holds inside a failed file is of no interest
        console.log([...pending.filter(inside => !/^ +(ok \d|1\.\.)/.test(inside)), line].join('\n'))
      } else if (failing) {
        // the diagnostics that follow a failed file: exit code, signal, timeout
        if (line.trim() !== '') console.log(line)
        if (line.startsWith('  ')) failing = line !== '  ...'
        return
      } else {
        pending.push(line)
        return
      }
      pending = []
      failing = verdict === 'not ok'
    })
    child.on('error', reject)
    child.on('close', code => {
      // tap exits 1 for a failed assertion, and for too little coverage; the counts tell which.
      const covered = code === 0 || counts.failed > 0
      const all = pending
        .find(line => line.startsWith('All files'))
        ?.split('|')
        .map(cell => cell.trim())
      if (!covered) console.log(pending.filter(line => !line.startsWith('# time=')).join('\n'))
      else if (all)
        console.log(
          `  covered by its own test: ${all[4]} % of lines, ${all[2]} % of branches, ${all[3]} % of functions`,
        )
      resolve({ ...counts, covered })
    })
  })
