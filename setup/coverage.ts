import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Report } from 'c8'

/** How much of the modules that have a test of their own must be run by that test, in percent. */
const LEAST = { lines: 85, statements: 85, functions: 80, branches: 75 }

type Percents = typeof LEAST

/**
 * Which source file a test file answers for: `test/crypto/seal.test.ts` covers `src/crypto/seal.ts`, and so does
 * `test/crypto/seal.vectors.test.ts`. A module is covered by what its own test runs of it, so its absence shows; what the
 * tests of whole stories (journeys, attacks, faults, house) load counts for nobody.
 * @param test path from the checkout's top folder
 * @returns the source file, or null when the test tells a whole story
 */
export function sourceOf(test: string): string | null {
  const path = /^test\/((?!journeys|attacks|faults|fuzz|house).*\/)([^/.]+)(\.[^/]+)?\.test\.ts$/.exec(test)
  return path ? `src/${path[1]}${path[2]}.ts` : null
}

/** What is asked of a report's map; the package's own types leave it out. */
interface CoverageMap {
  files(): string[]
  fileCoverageFor(file: string): { toSummary(): Summary }
  getCoverageSummary(): Summary
}
type Summary = { readonly [what in keyof Percents]: { readonly pct: number } }

/** What the runtime says of one script in one process. */
interface Script {
  readonly url: string
}

/** What test files ran of the modules that they answer for. Lives in a temporary folder until `close`. */
export class Coverage {
  readonly #root: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'coffre-coverage-'))
  readonly #kept = join(this.#folder, 'kept')
  #taken = 0

  constructor(root: string) {
    this.#root = root
    mkdirSync(this.#kept)
  }

  /** A new folder for the runtime's own files of one test; null when the test answers for no module. */
  folderFor(test: string): string | null {
    return sourceOf(test) === null ? null : mkdtempSync(join(this.#folder, 'run-'))
  }

  /** Keeps of that folder what concerns the test's module, and removes the folder. */
  take(test: string, folder: string): void {
    const url = pathToFileURL(join(this.#root, sourceOf(test) ?? '')).href
    for (const name of readdirSync(folder)) {
      const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: Script[] }
      const own = result.filter(script => script.url === url)
      const file = join(this.#kept, `coverage-${this.#taken++}.json`)
      if (own.length > 0) writeFileSync(file, JSON.stringify({ result: own }))
    }
    rmSync(folder, { recursive: true })
  }

  /** All of it summed up, and each module of which less than wanted was run. */
  async judge(): Promise<{ all: Percents; enough: boolean; short: { file: string; lines: number }[] }> {
    const report = new Report({ reporter: [], tempDirectory: this.#kept, resolve: this.#root })
    const map = await (
      report as unknown as { getCoverageMapFromAllCoverageFiles(): Promise<CoverageMap> }
    ).getCoverageMapFromAllCoverageFiles()
    const { lines, statements, functions, branches } = map.getCoverageSummary()
    const all = { lines: lines.pct, statements: statements.pct, functions: functions.pct, branches: branches.pct }
    const short = map
      .files()
      .map(file => ({
        file: file.slice(this.#root.length + 1),
        lines: map.fileCoverageFor(file).toSummary().lines.pct,
      }))
      .filter(({ lines }) => lines < LEAST.lines)
    const enough = (Object.keys(LEAST) as (keyof Percents)[]).every(what => all[what] >= LEAST[what])
    return { all, enough, short }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
