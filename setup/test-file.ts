import { spawn } from 'node:child_process'
import { Parser } from 'tap-parser'

/** Milliseconds after which a test file that still runs has failed: a file gives up by itself a minute before. */
const TIMEOUT_MS = 300_000

/** What came of one test file. */
export interface TestFile {
  readonly file: string
  readonly seconds: number
  /** Assertions that hold, those of subtests among them; skipped ones are in neither number. */
  readonly passed: number
  /** Assertions that do not, and one more for a file that ended badly without a failed one. */
  readonly failed: number
  /** What it printed, in order. */
  readonly output: string
}

/**
 * Runs one test file in a process of its own.
 * @param file path from `root`
 * @param options `root`: the checkout's top folder; `coverage`: the folder where the runtime leaves what was run, if wanted
 */
export function runTestFile(file: string, options: { root: string; coverage: string | null }): Promise<TestFile> {
  return new Promise((resolve, reject) => {
    const since = performance.now()
    const child = spawn(process.execPath, [file], {
      cwd: options.root,
      env: {
        ...process.env,
        TAP_TIMEOUT: String((TIMEOUT_MS - 60_000) / 1000),
        ...(options.coverage === null ? {} : { NODE_V8_COVERAGE: options.coverage }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    })
    const pieces: Buffer[] = []
    const parser = new Parser()
    const counts = countsOf(parser)
    child.stdout.on('data', (piece: Buffer) => {
      pieces.push(piece)
      parser.write(piece)
    })
    child.stderr.on('data', (piece: Buffer) => pieces.push(piece))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      parser.end()
      const { passed, failed } = counts
      const well = code === 0 && parser.results?.ok === true && parser.results.count > 0
      if (!well) pieces.push(Buffer.from(`\nended with ${signal === null ? `exit code ${code}` : signal}\n`))
      resolve({
        file,
        seconds: (performance.now() - since) / 1000,
        passed,
        failed: failed === 0 && !well ? 1 : failed,
        output: Buffer.concat(pieces).toString(),
      })
    })
  })
}

/** Counts while it is read: a subtest's own assertions, and not the line that sums it up. */
function countsOf(parser: Parser): { passed: number; failed: number } {
  const counts = { passed: 0, failed: 0 }
  const watch = (each: Parser): void => {
    each.on('assert', ({ ok, skip, todo, closingTestPoint }) => {
      if (closingTestPoint || skip || todo) return
      if (ok) counts.passed++
      else counts.failed++
    })
    each.on('child', watch)
  }
  watch(parser)
  return counts
}
