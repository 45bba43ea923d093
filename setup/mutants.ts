/**
 * `npm run mutants`: takes each defence out of a copy of the tree, one at a time, and sees that the test which answers for
 * it goes red. A mutant that survives is a defence that could be lost without anybody noticing: exit 1.
 * `npm run mutants -- NAME…` runs some. The gate (test/house/mutants.test.ts) checks only that each still applies.
 */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** One defence taken out. */
export interface Mutant {
  /** What would go wrong without it: the reason why it is there. */
  readonly why: string
  /** The source file, from the top folder. */
  readonly file: string
  /** Text that stands in the file exactly once. */
  readonly find: string
  readonly replace: string
  /** The test file that must go red. */
  readonly test: string
  /** A test in it that must be among those that fail. */
  readonly red: string
}

/** A mutant and its name. */
export type NamedMutant = Mutant & { readonly name: string }

/** `invalid`: the test did not come to an assertion, so nothing was shown. */
export type Verdict = 'killed' | 'survived' | 'invalid'

/** What a mutant came to. */
export interface Outcome {
  readonly name: string
  readonly test: string
  readonly verdict: Verdict
  readonly seconds: number
  /** What the test printed; shown unless the mutant was killed. */
  readonly output: string
}

/** How many run side by side. */
const AT_ONCE = 2
/** A test that takes longer shows nothing, milliseconds. */
const TIMEOUT_MS = 180_000
/** Parts of a checkout that no test of a defence reads. */
const LEFT_OUT = new Set(['.git', '.tap', 'node_modules', 'data', 'coverage'])

/** All mutants of a tree, by name. */
export async function loadMutants(root: string): Promise<NamedMutant[]> {
  const folder = join(root, 'test', 'mutants')
  const files = readdirSync(folder).filter(file => file.endsWith('.ts'))
  return Promise.all(
    files.sort().map(async file => {
      const module = (await import(pathToFileURL(join(folder, file)).href)) as { default: Mutant }
      return { name: basename(file, '.ts'), ...module.default }
    }),
  )
}

/** Why a mutant cannot be run on this tree; null when it can. */
export function defectOf(root: string, { file, find, replace, test, red }: Mutant): string | null {
  if (!existsSync(join(root, file))) return `${file} is not there`
  if (!existsSync(join(root, test))) return `${test} is not there`
  const source = readFileSync(join(root, file), 'utf8')
  const places = source.split(find).length - 1
  if (places !== 1) return `its text stands in ${file} ${places} times`
  if (find === replace) return 'it changes nothing'
  if (!readFileSync(join(root, test), 'utf8').includes(red)) return `${test} has no test "${red}"`
  try {
    stripTypeScriptTypes(source.replace(find, () => replace))
    return null
  } catch (error) {
    return `it does not compile: ${(error as Error).message}`
  }
}

/** Runs mutants on a copy of the tree, telling each outcome as it comes. Tests must be green without a mutant. */
export async function runMutants(
  root: string,
  mutants: readonly NamedMutant[],
  onOutcome: (outcome: Outcome) => void = () => {},
): Promise<Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'coffre-mutants-'))
  try {
    const trees = Array.from({ length: AT_ONCE }, (_, i) => copyOf(root, join(folder, `${i}`)))
    const tests = [...new Set(mutants.map(({ test }) => test))]
    const red = new Set<string>()
    await sideBySide(tests, trees, async (test, tree) => {
      const { exitCode } = await runTest(tree, test)
      if (exitCode !== 0) red.add(test)
    })
    const outcomes: Outcome[] = []
    await sideBySide(mutants, trees, async (mutant, tree) => {
      const outcome = red.has(mutant.test) ? alreadyRed(mutant) : await runMutant(tree, mutant)
      outcomes.push(outcome)
      onOutcome(outcome)
    })
    return outcomes
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function alreadyRed({ name, test }: NamedMutant): Outcome {
  return { name, test, verdict: 'invalid', seconds: 0, output: 'The test is red without the mutant\n' }
}

async function runMutant(tree: string, mutant: NamedMutant): Promise<Outcome> {
  const { name, file, find, replace, test, red } = mutant
  const path = join(tree, file)
  const source = readFileSync(path, 'utf8')
  const since = performance.now()
  writeFileSync(
    path,
    source.replace(find, () => replace),
  )
  try {
    const { exitCode, output } = await runTest(tree, test)
    const verdict = exitCode === 0 ? 'survived' : failsBy(output, red) ? 'killed' : 'invalid'
    return { name, test, verdict, seconds: (performance.now() - since) / 1000, output }
  } finally {
    writeFileSync(path, source)
  }
}

/** Whether the named test was reached and failed: a file that does not load, or a hang, prints no such line. */
function failsBy(output: string, red: string): boolean {
  return output.split('\n').some(line => /^not ok \d+ - /.test(line) && line.includes(red))
}

function copyOf(root: string, tree: string): string {
  cpSync(root, tree, {
    recursive: true,
    filter: path => path === root || !LEFT_OUT.has(path.slice(root.length + 1)),
  })
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  return tree
}

function runTest(tree: string, test: string): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [test], {
      cwd: tree,
      // A test run alone gives up after 30 seconds unless told: journeys would be red by themselves.
      env: { ...process.env, TAP_TIMEOUT: String(TIMEOUT_MS / 1000) },
      timeout: TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const pieces: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => pieces.push(piece))
    child.on('error', reject)
    child.on('close', code => resolve({ exitCode: code ?? 1, output: Buffer.concat(pieces).toString() }))
  })
}

/** Works through a list, one item at a time on each tree. */
async function sideBySide<T>(
  items: readonly T[],
  trees: readonly string[],
  work: (item: T, tree: string) => Promise<void>,
): Promise<void> {
  const waiting = [...items]
  await Promise.all(
    trees.map(async tree => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item, tree)
    }),
  )
}

async function main(): Promise<void> {
  const root = join(import.meta.dirname, '..')
  const wanted = process.argv.slice(2)
  const all = await loadMutants(root)
  const unknown = wanted.filter(name => !all.some(mutant => mutant.name === name))
  const mutants = wanted.length === 0 ? all : all.filter(({ name }) => wanted.includes(name))
  const defects = [
    ...unknown.map(name => `${name}: there is no such mutant`),
    ...mutants.flatMap(mutant => {
      const defect = defectOf(root, mutant)
      return defect === null ? [] : [`${mutant.name}: ${defect}`]
    }),
  ]
  if (defects.length > 0) {
    console.error(defects.join('\n'))
    process.exit(1)
  }
  const width = Math.max(...mutants.map(({ name }) => name.length))
  const outcomes = await runMutants(root, mutants, ({ name, test, verdict, seconds, output }) => {
    console.log(`${name.padEnd(width)}  ${verdict.padEnd(8)}  ${seconds.toFixed(1).padStart(5)} s  ${test}`)
    if (verdict === 'invalid') console.log(output.replaceAll(/^/gm, '    ').slice(-2000))
  })
  const killed = outcomes.filter(({ verdict }) => verdict === 'killed').length
  console.log(`\n${mutants.length} defences taken out, ${killed} noticed, ${mutants.length - killed} not`)
  process.exit(killed === mutants.length ? 0 : 1)
}

if (import.meta.main) await main()
